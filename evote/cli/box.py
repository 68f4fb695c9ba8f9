"""``evote box``: the ballot box of one unit, from the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from evote.ballots import Election
from evote.ballots.values import BallotState
from evote.board.entries import VerdictEntry
from evote.board.note import KeyKind, NoteKey
from evote.board.receipt import MAX_RECEIPT_BYTES
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import write_text
from evote.board.reissue import Credentials
from evote.board.submission import Submission
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.bulk.verdicts import give_verdicts
from evote.cli.ending import Exit, reading
from evote.cli.executors import executor_of
from evote.cli.options import cluster_option, json_flag, record_argument, workers_option
from evote.cli.output import print_json
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.world import World
from evote.codec import decode, encode
from evote.errors import DecodeError, RefusedError
from evote.office.electionlog import ElectionLog
from evote.office.inclusion import box_proofs
from evote.office.logkeys import open_log_key
from evote.office.open import open_election
from evote.office.receipts import read_receipt
from evote.office.reissues import Reissuer
from evote.office.unitbox import export_box, head_request, open_unit_box, roll_of
from evote.record import read_limited, write_atomic
from evote.storage.box import BallotBox
from evote.storage.box_intake import examine_each
from evote.storage.box_refusals import SubmissionRefusedError
from evote.storage.box_setting import BoxSetting
from evote.storage.tilefolder import write_log

RECEIPT = ".receipt"
"""How the names of the box's answers end."""

_path = click.Path(path_type=Path)
_file = click.Path(path_type=Path, dir_okay=False)
_since = click.option(
    "--since",
    type=click.IntRange(min=0),
    help="Leaves of the unit's last head in the election's log; that of the last head here without.",
)
F = TypeVar("F", bound=Callable[..., Any])


def _box_options(command: F) -> F:
    for option in (
        click.option(
            "--seen",
            type=_file,
            multiple=True,
            help="A head of this log that others hold ('evote box head'); the box compares itself with it.",
        ),
        click.option(
            "--anchor",
            type=_path,
            help="The anchor file; beside the box without. Never restore it from a backup.",
        ),
        click.option(
            "--private", required=True, type=_path, help="The private folder with the key of the unit's log."
        ),
        click.option(
            "--box",
            "location",
            required=True,
            help="The file of the box, or the address of a PostgreSQL database (postgresql://…).",
        ),
        click.option("--unit", required=True, help="The path of the reporting unit."),
    ):
        command = option(command)
    return record_argument(passphrase_options(command))


@click.group("box")
def command() -> None:
    """Keep the ballot box of one unit: take ballots, give receipts, sign heads, close.

    \b
      evote box open record --unit North --box north.box --private north     once
      evote box admit record vote.submission … --unit North …                answers with a receipt each
      evote box verify record --unit North …                                 verdicts still due
      evote box reissue record 17.reissue --unit North …                     a credential is replaced
      evote box head record --unit North … --out north.head                  for the election's log
      evote box prove record my.receipt --unit North … --log election-log    completes receipts
      evote box show record --unit North …
      evote box close record --unit North … --out north                      ends voting and the log

    The same ballot sent again gets the same receipt, and never counts twice. A box that was restored from
    a backup finds that it promised more than it holds, and refuses to sign anything.
    """


@command.command("open")
@_box_options
@click.option(
    "--join",
    is_flag=True,
    help="Serve a box that was there before from a machine that never served it, with a new anchor.",
)
@click.pass_obj
def open_(world: World, /, join: bool, **options: Any) -> None:
    """Make the box of a unit. A box that is there already is left as it is.

    A box whose anchor is gone may come from a backup, and then lacks ballots that it gave receipts for. It is
    refused without --join, which says that this is a further machine of a box in PostgreSQL.

    \b
    Example:  evote box open record --unit North --box north.box --private north
    """
    with _open(world, make=True, join=join, **options) as (box, _):
        if box.fault is not None:
            raise RefusedError(box.fault)
        click.echo(f"The box of {options['unit']} is open with {box.status().size} entries in its log.")


@command.command("admit")
@_box_options
@click.argument("submissions", type=_file, nargs=-1, required=True)
@click.option("--out", type=_path, help="The folder for the answers; beside the submissions without.")
@click.option("--later", is_flag=True, help="Check proofs later, with 'evote box verify'.")
@click.pass_obj
def admit(
    world: World, /, submissions: tuple[Path, ...], out: Path | None, later: bool, **options: Any
) -> int:
    """Take SUBMISSIONS, cast ballots and challenges, into the box; each is answered with a receipt.

    The answer to vote.submission is vote.submission.receipt. What is refused changes nothing; a stale
    ballot may come again, signed over the head that is named. Exit code 1 if anything was refused.

    \b
    Example:  evote box admit record a.submission b.submission --unit North --box north.box --private north
    """
    refused = 0
    with _open(world, later=later, **options) as (box, election):
        limit = BoxSetting.of(election, options["unit"]).largest_submission
        for path in submissions:
            with reading(path):
                data = read_limited(path, limit + 1)
            try:
                receipt = box.challenge(data) if _challenges(election, data) else box.admit(data)
            except SubmissionRefusedError as refusal:
                refused += 1
                behind = "" if refusal.head is None else f"; sign it over --previous {refusal.head.hex()}"
                click.echo(f"{path}: refused, {refusal.name}: {refusal.message}{behind}")
                continue
            answer = (out or path.parent) / f"{path.name}{RECEIPT}"
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
            write_atomic(answer, encode(receipt))
            click.echo(f"{path}: admitted, {answer}")
    return Exit.FAILED if refused else Exit.PASS


@command.command("verify")
@_box_options
@workers_option
@cluster_option
@click.pass_obj
def verify(world: World, /, workers: int | None, cluster: str | None, **options: Any) -> None:
    """Check the proofs of ballots that have no verdict yet, and log the verdicts.

    \b
    Examples:  evote box verify record --unit North --box north.box --private north
               evote box verify record --unit North --box north.box --private north --workers 0
    """
    rejected = 0

    def heard(verdicts: tuple[VerdictEntry, ...]) -> None:
        nonlocal rejected
        rejected += sum(not verdict.accepted for verdict in verdicts)

    with (
        executor_of(workers, cluster, plaintext=False) as executor,
        _open(world, **options) as (box, election),
    ):
        given = give_verdicts(box, election, executor=executor, step=heard)
    click.echo(f"{given} verdicts, {rejected} ballots rejected")


@command.command("reissue")
@_box_options
@click.argument("entries", type=_file, nargs=-1, required=True)
@click.pass_obj
def reissue(world: World, /, entries: tuple[Path, ...], **options: Any) -> None:
    """Enter re-issues of credentials, as 'evote roll reissue' made them, into the log of the unit.

    \b
    Example:  evote box reissue record 17.reissue --unit North --box north.box --private north
    """
    with _open(world, **options) as (box, _):
        for path in entries:
            with reading(path):
                entry = Reissuer.read(path)
            box.reissue(entry)
            click.echo(f"{path}: slot {entry.slot} has its new credential")


@command.command("slot")
@_box_options
@click.option("--pseudonym", required=True, help="The pseudonym of the voter, 64 hexadecimal digits.")
@click.pass_obj
def slot(world: World, /, pseudonym: str, **options: Any) -> int:
    """Show the head of a voter's slot, over which the next ballot is signed ('evote vote cast --previous').

    \b
    Example:  evote box slot record --pseudonym 5a0c… --unit North --box north.box --private north
    """
    with reading("--pseudonym"):
        name = bytes.fromhex(pseudonym)
    with _open(world, **options) as (box, election):
        roll = roll_of(election, options["record"])
        found = None if roll is None else Credentials(roll, election.extended_hash).find(name)
        if found is None:
            click.echo("This credential is not on the roll.")
            return Exit.FAILED
        click.echo(box.slot_head(found.slot).hex())
    return Exit.PASS


@command.command("head")
@_box_options
@click.option("--out", required=True, type=_file, help="The file for 'evote board head'.")
@_since
@click.option(
    "--tiles", type=_path, help="Also bring this folder up to the head, for any web server to serve the log."
)
@click.pass_obj
def head(world: World, /, out: Path, since: int | None, tiles: Path | None, **options: Any) -> None:
    """Sign the head of the unit's log, and prove that it continues the last one.

    \b
    Example:  evote box head record --unit North --box north.box --private north --out north.head
    """
    with _open(world, **options) as (box, election):
        with reading("--since"):
            request = head_request(box, since)
        size = box.status().signed
        if tiles is not None:
            setting = BoxSetting.of(election, options["unit"])
            key = NoteKey(setting.origin, KeyKind.ED25519, setting.log_key)
            write_log(tiles, key, request.note, box.tree(), [entry.leaf for entry in box.entries()])
    write_atomic(out, request.encode())
    click.echo(f"{options['unit']}: {size} leaves, since {request.old}")


@command.command("prove")
@_box_options
@click.argument("receipts", type=_file, nargs=-1, required=True)
@click.option(
    "--log",
    "folder",
    required=True,
    type=_path,
    help="The folder election-log of the office, or a copy; nothing in it is private.",
)
@click.option("--out", type=_path, help="The folder for complete receipts; in place without.")
@click.pass_obj
def prove(
    world: World, /, receipts: tuple[Path, ...], folder: Path, out: Path | None, **options: Any
) -> None:
    """Put proofs into RECEIPTS, as soon as the witnesses saw a head of this log that covers the ballots.

    \b
    Example:  evote box prove record my.receipt --unit North --box north.box --private north --log log
    """
    with _open(world, **options) as (box, election):
        setting = ReceiptSetting(election.manifest, election.extended_hash)
        if not folder.is_dir():
            raise RefusedError(f"{folder} is not there; it is the folder election-log of the office")
        proofs = box_proofs(box, ElectionLog(election, folder), setting, options["unit"])
        for path in receipts:
            with reading(path):
                made = proofs.complete(read_receipt(read_limited(path, MAX_RECEIPT_BYTES), setting))
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
            target = path if out is None else out / path.name
            write_atomic(target, write_text(made))
            click.echo(f"{target} has the proof in it")


@command.command("show")
@_box_options
@json_flag
@click.pass_obj
def show(world: World, /, as_json: bool, **options: Any) -> int:
    """Show how the box stands.

    \b
    Example:  evote box show record --unit North --box north.box --private north
    """
    with _open(world, **options) as (box, _):
        status = box.status()
    facts = {
        "entries": status.size,
        "cast": status.cast,
        "challenged": status.challenged,
        "without_verdict": status.pending,
        "signed": status.signed,
        "state": ("open", "voting ended", "closed")[status.phase],
        "fault": status.fault,
    }
    if as_json:
        print_json(facts)
    else:
        for name, value in facts.items():
            if value is not None:
                click.echo(f"{name.replace('_', ' ') + ':':17}{value}")
    return Exit.PASS if status.fault is None else Exit.FAILED


@command.command("close")
@_box_options
@click.option("--out", required=True, type=_path, help="The new folder for what is handed over.")
@_since
@click.pass_obj
def close(world: World, /, out: Path, since: int | None, **options: Any) -> None:
    """End voting in the unit, give the verdicts that are due, end the log, and hand everything over.

    What is started again goes on where it was. The folder OUT holds nothing private; it goes to
    'evote board head' and 'evote board close'.

    \b
    Example:  evote box close record --unit North --box north.box --private north --out north
    """
    with _open(world, **options) as (box, election):
        box.end_voting()
        while box.verify_pending():
            pass
        box.end_log()
        with reading("--since"):
            head = export_box(box, election, options["unit"], out, since)
    click.echo(f"{options['unit']} is closed with {head.size} leaves, root {head.root.hex()}")


def _challenges(election: Election, data: bytes) -> bool:
    """Whether a submission asks for a challenge; whatever is no submission is refused by the box."""
    try:
        submission = decode(Submission, data, element_bytes=election.group.element_bytes)
    except DecodeError:
        return False
    return submission.decision is BallotState.CHALLENGED


@contextmanager
def _open(
    world: World,
    *,
    record: Path,
    unit: str,
    location: str,
    private: Path,
    anchor: Path | None,
    seen: tuple[Path, ...],
    passphrase_file: Path | None,
    passphrase_fd: int | None,
    make: bool = False,
    join: bool = False,
    later: bool = False,
) -> Iterator[tuple[BallotBox, Election]]:
    with reading(record):
        election = open_election(record, world.groups).election
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the key of the unit's log", new=False)
    with reading(private):
        key = open_log_key(election.manifest, unit, private, passphrase)
    heads = []
    for path in seen:
        with reading(path):
            heads.append(Request.parse(read_limited(path, MAX_REQUEST_BYTES)).note)
    with reading(location):
        box = open_unit_box(
            election,
            record,
            unit,
            location,
            key,
            make=make,
            join=join,
            anchor=anchor,
            seen=heads,
            examiner=None if later else examine_each,
        )
    with box:
        yield box, election
