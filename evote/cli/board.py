"""``evote board``: the bulletin board of an election, from the keys of its logs to the closed record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from evote.ballots import OpenedBallot
from evote.board.checkpoint import Checkpoint
from evote.board.cosignature import parse_cosignatures
from evote.board.counting import Fate
from evote.board.entries import leaf_data
from evote.board.note import Note, NoteSignature
from evote.board.policy import MAX_POLICY_BYTES, Policy
from evote.board.wenton import MAX_EVIDENCE_BYTES, WentOn
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.cli.ending import UnusableError, reading, say
from evote.cli.executors import executor_of
from evote.cli.options import (
    cluster_option,
    json_flag,
    private_option,
    record_argument,
    workers_option,
)
from evote.cli.output import print_json
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.codec import MAX_MANIFEST_BYTES, decode
from evote.errors import RefusedError, VerificationError
from evote.office.afterend import evidence_after_end
from evote.office.boardclose import close_board
from evote.office.electionlog import ElectionLog, note_key
from evote.office.handover import read_closing, read_unit
from evote.office.logkeys import BoardTerms, new_board, open_log_key
from evote.office.open import OpenElection, open_election
from evote.office.private import PrivateFolder
from evote.office.setup import read_draft, read_salt
from evote.office.unitbox import roll_of
from evote.record import Stage, read_limited, write_atomic
from evote.storage.tilefolder import write_log

LOG = "election-log"
"""The folder of the election's log in the private folder."""
EVIDENCE = "evidence"
"""The folder in the private folder for what units signed after their end."""
MAX_OPENING_BYTES = 16 * 1024 * 1024

_path = click.Path(path_type=Path)
_file = click.Path(path_type=Path, dir_okay=False)


@click.group("board")
def command() -> None:
    """Keep the bulletin board of an election: keys, heads, witnesses, closing.

    \b
    Before the election is made:
      1. evote election salt salt.txt
      2. evote board new draft.json --salt salt.txt --private office --out board.json \\
           --origin example.org/council --closes 2027-05-09T18:00:00Z --witnesses policy.txt
      3. evote roll new …;  evote election new draft.json --salt salt.txt --board board.json --roll …
    While people vote, as often as you like and at least once in every merge delay:
      4. each unit:  evote box head record --unit North --box north.box --private north --out north.head
      5. evote board head record --private office north.head south.head
      6. evote board request record --private office --out request.txt
      7. each witness:  evote witness cosign …;  evote board cosign record --private office answers…
         and for everybody to see:  evote board tiles record --private office --out site/log
    At the end:
      8. each unit:  evote box close record --unit North --box north.box --private north --out north
      9. evote board head record --private office north south, then 6 and 7 once more
     10. evote board close record --private office north south --opening openings…
         or, while others still vote, 8 to 10 for one unit after the other
    Then the guardians decrypt: evote guardian decrypt, evote decrypt.
    """


@command.command("new")
@click.argument("draft", type=_path)
@click.option(
    "--salt", "salt_file", required=True, type=_path, help="The salt that 'evote election salt' drew."
)
@click.option(
    "--private", required=True, type=_path, help="The private folder that gets the sealed keys of the logs."
)
@click.option("--out", required=True, type=_path, help="The new JSON file for 'evote election new --board'.")
@click.option("--origin", required=True, help="The name of the election's log, best an address that you own.")
@click.option("--closes", required=True, metavar="TIME", help="The end of voting, UTC: 2027-05-09T18:00:00Z.")
@click.option(
    "--merge-delay",
    default=3600,
    show_default=True,
    type=click.IntRange(1, 30 * 24 * 3600),
    help="Longest time in seconds from a ballot's admission to a head that covers it.",
)
@click.option("--witnesses", type=_path, help="The policy of witnesses (C2SP tlog-policy); none without it.")
@click.option(
    "--device", "devices", multiple=True, help="An attended device, where the election has no roll."
)
@click.option(
    "--returns",
    "returns_file",
    type=_path,
    help="From 'evote returns roster new': units that count paper get no log.",
)
@passphrase_options
def new(
    draft: Path,
    salt_file: Path,
    private: Path,
    out: Path,
    origin: str,
    closes: str,
    merge_delay: int,
    witnesses: Path | None,
    devices: tuple[str, ...],
    returns_file: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Draw the keys of all logs for the election in DRAFT, and write what the manifest declares of them.

    Every reporting unit has a log, and the election one of its own. The key of unit N is
    log-00000N.sealed in the private folder: a unit that keeps its box elsewhere gets that file.

    \b
    Example:  evote board new draft.json --salt salt.txt --private office --out board.json \\
                --origin example.org/council --closes 2027-05-09T18:00:00Z
    """
    with reading(salt_file):
        salt = read_salt(salt_file)
    policy = ""
    if witnesses is not None:
        with reading(witnesses):
            raw = read_limited(witnesses, MAX_POLICY_BYTES)
            Policy.parse(raw)
            policy = raw.decode("utf-8")
    with reading(draft):
        description = read_draft(read_limited(draft, MAX_MANIFEST_BYTES))
        if returns_file is not None:
            description["returns"] = read_draft(read_limited(returns_file, MAX_MANIFEST_BYTES))
        passphrase = read_passphrase(passphrase_file, passphrase_fd, "the keys of the logs", new=True)
        terms = BoardTerms(origin, closes, merge_delay, policy, devices)
        origins = new_board(description, salt, terms, private, passphrase, out)
    click.echo(f"Logs: {len(origins)}, of which {origins[0]} is the election's")
    if not policy:
        say("warning: without witnesses, that everybody is shown one log is taken on trust")
    click.echo(f"Next: evote election new {draft} --salt {salt_file} --board {out} …")


@command.command("head")
@record_argument
@click.argument("heads", type=_path, nargs=-1, required=True)
@private_option
@passphrase_options
@click.pass_obj
def head(
    world: World,
    record: Path,
    heads: tuple[Path, ...],
    private: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Enter the HEADS of units into the election's log, and sign its head.

    A head is a file of 'evote box head', or the folder of 'evote box close', whose head is the closing one.

    \b
    Example:  evote board head record --private office north.head south.head
    """
    opened, log = _open(world, record, private)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the key of the election's log", new=False)
    with reading(private):
        key = open_log_key(opened.election.manifest, "", private, passphrase)
    for path in heads:
        with reading(path):
            closing = path.is_dir()
            request = read_closing(path) if closing else Request.parse(read_limited(path, MAX_REQUEST_BYTES))
            with _accusing(opened, request.note, private):
                entry = log.add(request, closing=closing)
        if entry is None:
            click.echo(f"{path}: nothing new")
        else:
            ending = ", the end of its log" if entry.closing else ""
            click.echo(f"{entry.unit}: {entry.size} leaves{ending}")
    note = log.head(key)
    click.echo(f"Head of the election's log: {Checkpoint.parse(note.text).size} leaves")
    if log.policy is not None:
        click.echo(f"Next: evote board request {record} --private {private} --out request.txt")


@command.command("request")
@record_argument
@private_option
@click.option("--out", required=True, type=_file, help="The file for the witness.")
@click.option(
    "--since",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="The number of leaves that the witness saw last.",
)
@click.pass_obj
def request(world: World, record: Path, private: Path, out: Path, since: int) -> None:
    """Ask a witness to cosign the head of the election's log.

    \b
    Example:  evote board request record --private office --since 12 --out request.txt
    """
    _, log = _open(world, record, private)
    note = log.held()
    if note is None:
        raise UnusableError("there is no signed head yet; 'evote board head' makes one")
    with reading("--since"):
        asked = log.request(since, note)
    write_atomic(out, asked.encode())
    click.echo(f"Next: each witness: evote witness cosign FOLDER {out} --out answer.txt")


@command.command("cosign")
@record_argument
@click.argument("answers", type=_file, nargs=-1, required=True)
@private_option
@click.pass_obj
def cosign(world: World, record: Path, answers: tuple[Path, ...], private: Path) -> None:
    """Put the ANSWERS of witnesses under the head of the election's log.

    \b
    Example:  evote board cosign record --private office w1.txt w2.txt
    """
    _, log = _open(world, record, private)
    lines: list[NoteSignature] = []
    for path in answers:
        with reading(path):
            text = read_limited(path, MAX_REQUEST_BYTES).decode("utf-8", errors="replace")
            lines += parse_cosignatures(text)
    note = log.cosign(lines)
    policy = log.policy
    held = (
        0 if policy is None else sum(any(line.is_of(key) for key in policy.keys) for line in note.signatures)
    )
    click.echo(f"Cosigned by {held} witnesses")
    log.require_witnessed(note)
    click.echo("The policy of the manifest is met.")


@command.command("tiles")
@record_argument
@private_option
@click.option("--out", required=True, type=_path, help="The folder; what it has stays as it is.")
@click.pass_obj
def tiles(world: World, record: Path, private: Path, out: Path) -> None:
    """Write the election's log as tiles with its signed head (C2SP tlog-tiles), for any web server to serve.

    \b
    Example:  evote board tiles record --private office --out site/log
    """
    opened, log = _open(world, record, private)
    note = log.held()
    if note is None:
        raise UnusableError("there is no signed head yet; 'evote board head' makes one")
    election, origin = opened.election.extended_hash, log.key.name
    with reading(out):
        data = [leaf_data(election, origin, "", entry) for entry in log.entries]
        written = write_log(out, log.key, note, log.tree, data)
    click.echo(f"{out} shows {written.size} leaves")


@command.command("show")
@record_argument
@private_option
@json_flag
@click.pass_obj
def show(world: World, record: Path, private: Path, as_json: bool) -> None:
    """Show the election's log: its key, its size, and the last head of every unit.

    \b
    Example:  evote board show record --private office
    """
    opened, log = _open(world, record, private)
    units = {}
    for unit in opened.election.manifest.ballot_units():
        last = log.last(unit.path)
        units[unit.path] = {
            "size": 0 if last is None else last.size,
            "closed": last is not None and last.closing,
        }
    if as_json:
        print_json({"key": str(log.key), "size": log.tree.size, "units": units})
        return
    click.echo(f"Key:  {log.key}")
    click.echo(f"Size: {log.tree.size}")
    for path, facts in units.items():
        click.echo(f"{path}: {facts['size']} leaves{', closed' if facts['closed'] else ''}")


@command.command("close")
@record_argument
@click.argument("boxes", type=_path, nargs=-1, required=True)
@private_option
@click.option(
    "--opening", "openings", type=_path, multiple=True, help="An opened ballot, or a folder of them."
)
@workers_option
@cluster_option
@passphrase_options
@click.pass_obj
def close(
    world: World,
    record: Path,
    boxes: tuple[Path, ...],
    private: Path,
    openings: tuple[Path, ...],
    workers: int | None,
    cluster: str | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Write what the BOXES handed over into RECORD, and seal it; with the last unit, add the ballots up.

    One folder of 'evote box close' per unit, in any order: of all units together, or of those that have
    closed while the others still vote. Cells whose units are all there can then be decrypted and published
    ('evote decrypt --provisional'). What counts is decided by the logs; nothing is decrypted here. A
    challenged ballot without opening stands aside.

    \b
    Example:  evote board close record --private office north south --opening openings
    """
    opened, log = _open(world, record, private)
    opened.require_voting()
    election = opened.election
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    with reading(record):
        roll = roll_of(election, record)
    units = []
    for folder in boxes:
        with reading(folder):
            units.append(read_unit(election, roll, folder))
    units.sort(key=lambda each: each.number)
    width = election.group.element_bytes
    given = []
    for path in _openings(openings):
        with reading(path):
            given.append(decode(OpenedBallot, read_limited(path, MAX_OPENING_BYTES), element_bytes=width))
    with executor_of(workers, cluster, plaintext=False) as executor, progress() as report:
        closed = close_board(
            opened,
            log,
            units,
            given,
            executor=executor,
            step=lambda done: report("Tally", done, 0),
            warn=say,
        )
    opened.writer.seal(Stage.VOTING, world.now(), authority, closed.head)
    counts = closed.counts
    click.echo(
        f"Closed with {counts[Fate.COUNTED]} counted, {counts[Fate.SUPERSEDED]} superseded, "
        f"{counts[Fate.REJECTED]} rejected and {counts[Fate.CHALLENGED]} challenged ballots."
    )
    if closed.unopened:
        click.echo(f"{closed.unopened} challenged ballots were not opened; they stand aside.")
    head = closed.head
    if head is None:
        every = len(election.manifest.ballot_units())
        still = ", ".join(closed.open_units)
        click.echo(f"{every - len(closed.open_units)} of {every} units are closed; open: {still}")
        click.echo("Next: 'evote decrypt --provisional' for the cells that are complete now.")
        return
    click.echo(f"Closing head: {head.size} ballots, root {head.root.hex()}")
    click.echo("Next: give each guardian the record; then 'evote decrypt'.")


@command.command("evidence")
@record_argument
@click.argument("file", type=_file)
@click.pass_obj
def evidence(world: World, record: Path, file: Path) -> None:
    """Check the evidence in FILE that a unit's log went on after its end, with the keys in RECORD.

    Exit code 0: it did. 1: this does not prove it. Two heads of one size are for 'evote witness evidence'.

    \b
    Example:  evote board evidence record north-41.evidence
    """
    with reading(record):
        election = open_election(record, world.groups).election
        board = election.manifest.board
        if board is None:
            raise UnusableError(f"{record}: the election has no board")
    with reading(file):
        found = WentOn.parse(read_limited(file, MAX_EVIDENCE_BYTES))
        origin = Checkpoint.parse(Note.parse(found.later).text).origin
    unit = next((path for path, log in board.units.items() if log.origin == origin), None)
    if unit is None:
        raise VerificationError(f"{origin!r} is the log of no unit of the election", where=str(file))
    closed, later = found.verify(election.extended_hash, unit, note_key(board.units[unit]))
    click.echo(f"WENT ON: the log of {unit} ended with {closed.size} leaves, and signed {later.size} leaves.")


@contextmanager
def _accusing(opened: OpenElection, note: Note, private: Path) -> Iterator[None]:
    """A head that is refused is kept as evidence where the unit signed it after its end."""
    try:
        yield
    except (RefusedError, VerificationError):
        found = evidence_after_end(opened, note)
        if found is None:
            raise
        unit, shown = found
        name = f"{unit.replace('/', '-')}-{Checkpoint.parse(note.text).size}.evidence"
        target = private / EVIDENCE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(target, shown.encode())
        raise VerificationError(
            f"the log of {unit!r} signed another head than the one with which it ended; evidence: {target}",
            check="E.24",
            where=unit,
        ) from None


def _openings(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.is_file())
        else:
            yield path


def _open(world: World, record: Path, private: Path) -> tuple[OpenElection, ElectionLog]:
    with reading(record):
        opened = open_election(record, world.groups)
        if opened.election.manifest.board is None:
            raise UnusableError(f"{record}: the election has no board")
    with reading(private / LOG):
        return opened, ElectionLog(opened.election, private / LOG)
