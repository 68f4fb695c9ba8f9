"""``evote decrypt``: the office's part of the decryption."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import Exit, UnusableError, reading
from evote.cli.options import exchange_option, private_option, record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.tables import show
from evote.cli.world import World
from evote.decryption import Decryption
from evote.errors import RefusedError
from evote.guardian import (
    ClosedRecord,
    Exchange,
    announce,
    anything_left,
    awaited,
    closed_record,
    finish_session,
    open_record,
    read_plan,
)
from evote.guardian.desk import require_folder
from evote.guardian.exchange import COMPLAINTS, from_guardian
from evote.office.opening import publish_decryption
from evote.office.private import PrivateFolder
from evote.office.provisional import publish_provisional
from evote.office.requestlog import OfficeRequests
from evote.record import DecryptionFile, RecordReader, RecordWriter, Stage
from evote.tally.closings import ballot_units


def _indices(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Indices of guardians, separated by commas, in increasing order."""
    if value is None:
        return None
    try:
        return tuple(sorted({int(part) for part in value.split(",")}))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of guardians like 1,3,5") from None


@click.command("decrypt")
@record_argument
@private_option
@exchange_option
@click.option(
    "--guardians",
    callback=_indices,
    metavar="1,3,5",
    help="Call a new session of these guardians, at least a quorum.",
)
@click.option(
    "--provisional",
    is_flag=True,
    help="Decrypt the cells all of whose units are closed, while others are open.",
)
@passphrase_options
@click.pass_obj
def command(
    world: World,
    record: Path,
    private: Path,
    exchange: Path,
    guardians: tuple[int, ...] | None,
    provisional: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> int:
    """Have the guardians decrypt the sums of the closed RECORD, and publish the result.

    First call a session: name the guardians who take part. Each of them then runs 'evote guardian
    decrypt' until it says "done". After that start this command again without --guardians: it combines
    what they sent, writes decryption and result into the record and seals it. Until then it says whom
    the session waits for.

    If a guardian sent something wrong, the error names it, and the others begin a new session. No
    single ballot is ever decrypted, except challenged ones where the manifest says so.

    With --provisional the same is done for what is complete while units are open ('evote results' closes
    them); what was published so is not decrypted again at the end. Where the manifest declares a log of
    requests, calling a session enters it there, and 'evote requests' shows the log to the guardians.

    \b
    Examples:  evote decrypt record --private office --exchange exchange --guardians 1,3,5
               evote decrypt record --private office --exchange exchange
               evote decrypt record --private office --exchange exchange --provisional --guardians 1,3
    """
    with reading(record):
        reader = RecordReader(record, world.groups)
        messages = Exchange(exchange, reader.element_bytes)
    with reading(exchange):
        require_folder(exchange)
    if guardians is not None:
        with reading("--guardians"):
            verified = _verified(reader, provisional=provisional)
            plan, request = announce(verified, messages, guardians)
        click.echo(f"Session {plan.session} of guardians {', '.join(map(str, plan.guardians))} is called.")
        if verified.election.manifest.requests is None:
            click.echo("Next: each of them runs 'evote guardian decrypt'.")
        else:
            with reading(private):
                OfficeRequests(verified.election, private).add(request)
            click.echo("Next: 'evote requests head' and 'cosign'; then each runs 'evote guardian decrypt'.")
        return Exit.PASS
    numbers = messages.sessions()
    if not numbers:
        raise UnusableError("no session was called yet; name the guardians of one with --guardians 1,3,5")
    with reading(exchange):
        plan = read_plan(messages, numbers[-1])
        waiting = awaited(messages, plan)
        session = messages.session(plan.session)
        complained = any(session.has(from_guardian(COMPLAINTS, index)) for index in plan.guardians)
    if waiting and not complained:
        click.echo(f"Session {plan.session} waits for {waiting}.")
        return Exit.PASS
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    closed = _verified(reader, provisional=provisional)
    if plan.provisional and not provisional and not anything_left(closed):
        decryption = Decryption((), (), (), (), (), ())  # everything was published while units were open
    elif plan.provisional != provisional:
        what = "while units are open: add" if plan.provisional else "the closed record: leave out"
        raise UnusableError(f"session {plan.session} decrypts {what} --provisional, or call another one")
    else:
        decryption = finish_session(closed, messages, plan.session)
    writer = RecordWriter.open(record, world.groups)
    shown = None
    if closed.election.manifest.requests is not None:
        with reading(private):
            shown = OfficeRequests(closed.election, private).shown()
    if provisional:
        made = publish_provisional(closed, writer, decryption, authority, world.now(), shown)
        latest = writer.reader.latest_index()  # all logs of a board may be closed while cells are decrypted
        writer.seal(Stage.VOTING, world.now(), authority, None if latest is None else latest.head)
        units = len(ballot_units(closed.election.manifest))
        click.echo(f"Provisional result {made.sequence}: {len(made.units)} of {units} units.")
        click.echo("Next: 'evote results show'.")
        return Exit.PASS
    file = publish_decryption(closed, writer, decryption, authority, world.now(), shown)
    _result(closed, file)
    for ballot in decryption.unopened:
        click.echo(f"Challenged ballot {ballot.identifier.hex()[:16]}… is not opened: {ballot.reason}")
    click.echo("Next: anybody runs 'evote verify'.")
    return Exit.FAILED if decryption.unopened else Exit.PASS


def _verified(reader: RecordReader, *, provisional: bool) -> ClosedRecord:
    """The record, verified here: what is announced to the guardians is what they will find."""
    verify = open_record if provisional else closed_record
    try:
        with progress() as report:
            return verify(reader, report)
    except RefusedError as error:
        raise UnusableError(f"{reader.directory}: {error}") from error


def _result(record: ClosedRecord, file: DecryptionFile) -> None:
    for cell in file.cells:
        ballots = next(
            held.ballots
            for held in record.tally.publish().cells
            if (held.contest, held.cell) == (cell.contest, cell.cell)
        )
        show(
            f"{cell.contest}, {cell.cell}: {ballots} ballots",
            ("", "counted"),
            [(field.option, field.count) for field in cell.fields],
        )
    for withheld in file.withheld:
        click.echo(f"{withheld.contest}, {withheld.cell}: withheld; {withheld.reason}")
