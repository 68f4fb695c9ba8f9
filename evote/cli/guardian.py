"""``evote guardian``: one guardian's part, on a machine of its own."""

from __future__ import annotations

import time
from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.options import exchange_option, record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.guardian import Progress, closed_record, open_record
from evote.guardian.desk import GuardianDesk, require_folder
from evote.record import RecordReader

POLL_SECONDS = 2.0
"""How often ``--wait`` looks into the exchange folder."""

private_option = click.option(
    "--private",
    required=True,
    type=click.Path(path_type=Path),
    help="This guardian's private folder, on its own machine; it never leaves it.",
)


@click.group("guardian")
def command() -> None:
    """A guardian's part of key generation and decryption.

    Every guardian works on a machine of its own, with a private folder that never leaves it. Messages
    pass as files through an exchange folder: a share, a mailbox, a stick that goes round. Nothing in it
    is secret. No guardian can open a ballot alone; a quorum of them together can.

    \b
    Before the election:
      evote guardian init record --index 2 --private mine
      evote guardian step --private mine --exchange exchange        (again until it says "done")
    After the voting:
      evote guardian decrypt record --private mine --exchange exchange   (again until "done")
    """


@command.command("init")
@record_argument
@click.option("--index", required=True, type=click.IntRange(min=1), help="Which guardian this is, from 1.")
@private_option
@passphrase_options
@click.pass_obj
def init(
    world: World,
    record: Path,
    index: int,
    private: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Become guardian INDEX of the election in RECORD: draw its secrets and seal them.

    Reads manifest and parameters only, and keeps a copy of them. Compare the base hash that it shows
    with the other guardians' by another road: it names exactly this manifest and these parameters.

    \b
    Example:  evote guardian init record --index 2 --private mine
    """
    with reading(record):
        desk = GuardianDesk.prepare(record, private, world.groups)
        if index not in desk.setting.indices:
            raise UnusableError(f"the election has guardians 1 to {desk.setting.guardians}")
    passphrase = read_passphrase(passphrase_file, passphrase_fd, f"guardian {index}", new=True)
    desk.begin(index, passphrase)
    click.echo(f"Guardian {index} of {desk.setting.guardians}; any {desk.setting.quorum} of them decrypt.")
    click.echo(f"Election:      {desk.manifest.label}{' (a TEST)' if desk.manifest.test else ''}")
    click.echo(f"Base hash H_B: {desk.setting.base_hash.hex()}")
    click.echo("Next: 'evote guardian step', again and again until it says that it is done.")


@command.command("step")
@private_option
@exchange_option
@passphrase_options
@click.pass_obj
def step(
    world: World,
    private: Path,
    exchange: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Do whatever is next in key generation, and say what this guardian waits for.

    Reads the others' messages from the exchange folder, checks them, writes its own there. Start it
    again whenever something new is in the folder. A message that is wrong stops the ceremony: the
    error names its sender, a complaint goes into the folder, and the ceremony begins anew with new
    folders.

    \b
    Example:  evote guardian step --private mine --exchange exchange
    """
    with reading(private):
        desk = GuardianDesk.open(private, world.groups)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, f"guardian {desk.index}", new=False)
    with reading(private):
        require_folder(exchange)
        done = desk.guardian(passphrase).generate(exchange)
    _say(done, f"guardian {desk.index} holds its share of the keys")


@command.command("decrypt")
@record_argument
@private_option
@exchange_option
@click.option("--session", type=click.IntRange(min=1), help="The session; the latest of this guardian's.")
@click.option(
    "--wait",
    is_flag=True,
    help="Stay and answer as messages arrive, so that the record is verified once and not each time.",
)
@passphrase_options
@click.pass_obj
def decrypt(
    world: World,
    record: Path,
    private: Path,
    exchange: Path,
    session: int | None,
    wait: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Verify RECORD, then do whatever is next in its decryption.

    A session is about the closed record, or, while units are open, about those that are closed. The
    guardian first verifies the whole record on its own machine and adds the ballots up itself; it
    decrypts those sums and nothing else, keeps a ledger of them, and refuses whatever overlaps with what
    it decrypted before. Then it answers in the session that 'evote decrypt' called, in three rounds:
    start it again until it says "done", or let it --wait.

    \b
    Examples:  evote guardian decrypt record --private mine --exchange exchange
               evote guardian decrypt record --private mine --exchange exchange --wait
    """
    with reading(private):
        desk = GuardianDesk.open(private, world.groups)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, f"guardian {desk.index}", new=False)
    with reading(private):
        require_folder(exchange)
        guardian = desk.guardian(passphrase)
        guardian.share()
    with reading(private):
        plan = guardian.plan(exchange, session)
    session = plan.session  # the one that the record is verified for
    with reading(record), progress() as report:
        verify = open_record if plan.provisional else closed_record
        closed = verify(RecordReader(record, world.groups), report)
    ended = f"guardian {desk.index} has answered; the others and 'evote decrypt' do the rest"
    with reading(private):
        done = guardian.decrypt(closed, exchange, session)
        while wait and not done.finished:
            if done.done:
                _say(done, ended)
            time.sleep(POLL_SECONDS)
            done = guardian.decrypt(closed, exchange, session)
    _say(done, ended)


def _say(done: Progress, ended: str) -> None:
    """What was done, and what comes next."""
    for line in done.done:
        click.echo(line)
    click.echo(f"done: {ended}" if done.finished else f"waiting for {done.waiting}")
