"""``evote returns merge``, ``status`` and ``publish``: the centre's part."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from evote.ballots import Election
from evote.cli.ending import UnusableError, reading, say
from evote.cli.options import json_flag
from evote.cli.output import print_json
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.returns_options import open_record, path_type, record_option
from evote.cli.returns_tree import show_tree
from evote.cli.tables import show
from evote.cli.world import World
from evote.errors import VerificationError
from evote.hashing import sha256
from evote.office.open import open_election
from evote.office.private import PrivateFolder
from evote.office.returns_files import Intake, gather, take_in
from evote.office.returns_paper import MAX_TYPED_BYTES, compare_typed, read_typed
from evote.office.returns_published import publish_folder, put_returns
from evote.randomness import SYSTEM
from evote.record import Stage, read_limited, write_atomic
from evote.record.layout import CHECKPOINTS, DECRYPTION
from evote.report.text import shown as printable
from evote.returns import FileKind, ReturnError, make_evidence, open_file
from evote.returns.shortcode import WITHHELD, choose_withheld, compare_withheld, printed, withhold

WATCH_SECONDS = 2.0
"""How often ``--watch`` looks."""

_SOURCES = click.argument("sources", type=path_type, nargs=-1, required=True)


@click.command("merge")
@_SOURCES
@record_option
@click.option("--out", required=True, type=path_type, help="The merged file; replaced if it is there.")
@click.option("--evidence", type=path_type, metavar="DIR", help="Writes the evidence of each conflict there.")
@click.option(
    "--withhold",
    is_flag=True,
    help="Takes a return only when somebody has typed the groups of its code that are not shown.",
)
@click.option(
    "--typed", type=path_type, metavar="FILE", help="With --withhold off a terminal: JSON, unit to code."
)
@json_flag
@click.pass_obj
def merge(
    world: World,
    sources: tuple[Path, ...],
    record: Path,
    out: Path,
    evidence: Path | None,
    withhold: bool,
    typed: Path | None,
    as_json: bool,
) -> int:
    """Merge files of returns, folders and sticks; any order, any number of copies, always the same bytes.

    What was merged before is a source like any other. How often a file came and which copies are torn is
    said here and never written into the merged file. Nothing is last-wins: two versions that contradict
    each other are a CONFLICT until the authority resolves it.

    \b
    Exit code 0: every unit has reported. 1: a conflict, a forged or wrong return, figures that do not
    agree. 2: a file that is none of returns. 3: somebody is missing, a copy is torn, a unit unknown.

    \b
    Examples:
      evote returns merge stick/ inbox/ --record record --out night.returns
      evote returns merge night.returns late.return --record record --out night.returns
    """
    election, _ = open_record(world, record)
    with reading(sources[0], *sources[1:]), progress() as report:
        files = []
        for number, found in enumerate(gather(sources), 1):
            files.append(found)
            report("Files", number, 0)
    paper_code = 0
    if withhold:
        files, paper_code = _compared(election, files, typed)
    elif typed is not None:
        raise UnusableError("--typed goes with --withhold")
    intake = take_in(election, files)
    _spare(out, intake)
    write_atomic(out, intake.merged.encode())
    conflicts = _contradictions(intake)
    if evidence is not None and conflicts:
        with reading(evidence):
            evidence.mkdir(parents=True, exist_ok=True)
        for unit in conflicts:
            shown = make_evidence(intake.merged, unit)
            # by its hash, so that what an earlier merge showed of another unit stays
            write_atomic(evidence / f"{sha256(shown).hex()[:16]}.evidence", shown)
    code = _worst(intake.exit_code, paper_code)
    if as_json:
        print_json({**intake.document(), "exit": code})
        return code
    _show_files(intake)
    show_tree(intake)
    if conflicts and evidence is None:
        say(f"{len(conflicts)} conflicts; --evidence DIR writes what proves them")
    return code


def _contradictions(intake: Intake) -> list[str]:
    """Units whose conflict is proven by two files; not those of which merely a version is absent."""
    standings = [node.standing for node in intake.state.nodes() if node.standing is not None]
    return [each.unit for each in standings if each.conflict is not None and each.conflict.proven]


def _spare(out: Path, intake: Intake) -> None:
    """Raises :class:`UnusableError` if the new file would replace a source that could not be taken."""
    for arrival in intake.files:
        source = Path(arrival.name)
        if not arrival.verdict.taken and not arrival.digest and _same_file(source, out):
            raise UnusableError(
                f"{out}: {arrival.verdict.value}: {arrival.message}; it is a source and cannot be read as it "
                "is, so it is not replaced; choose another name for the new file"
            )


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _compared(
    election: Election, files: Sequence[tuple[str, bytes]], typed: Path | None
) -> tuple[list[tuple[str, bytes]], int]:
    """The files that somebody has compared with the paper, and all that are no single returns."""
    returns: dict[str, bytes] = {}
    others: list[tuple[str, bytes]] = []
    names: dict[bytes, str] = {}
    for name, data in files:
        unit = _unit_of(data)
        if unit is None:
            others.append((name, data))
        elif data not in names:
            names[data] = name
            # several files of a unit are compared one by one; each has a code of its own
            returns[unit if unit not in returns else f"{unit} ({name})"] = data
    if typed is not None:
        with reading(typed):
            found = compare_typed(returns, read_typed(read_limited(typed, MAX_TYPED_BYTES)))
        agreed, code = found.agreed, found.exit_code
        for unit in found.differs:
            say(f"the paper of {printable(unit)} has another code than the file; the file is not taken")
        for unit in found.absent:
            say(f"nobody typed the code of {printable(unit)}; its file is not taken")
    elif sys.stdin.isatty():
        agreed, code = _asked(returns)
    else:
        raise UnusableError("there is no terminal on which to ask for codes; give --typed FILE")
    taken = {returns[unit] for unit in agreed}
    return others + [(names[data], data) for data in names if data in taken], code


def _asked(returns: dict[str, bytes]) -> tuple[tuple[str, ...], int]:
    """Ask a person for the withheld groups of each return."""
    agreed, code = [], 0
    for unit, data in returns.items():
        places = choose_withheld(SYSTEM, WITHHELD)
        code_shown = printed(withhold(data, places)).replace("\n", "\n  ")
        click.echo(f"{printable(unit)}:\n  {code_shown}", err=True)
        given = {place: str(click.prompt(f"  group {place} on the paper", err=True)) for place in places}
        try:
            compare_withheld(data, places, given)
        except VerificationError as error:
            say(f"{printable(unit)}: {error.message}; the file is not taken")
            code = 1
        else:
            agreed.append(unit)
    return tuple(agreed), code


def _unit_of(data: bytes) -> str | None:
    """The unit of a single return; None for anything else, which is judged when it is merged."""
    try:
        opened = open_file(data)
    except ReturnError:
        return None
    return opened.unit if opened.kind is FileKind.RETURN else None


@click.command("status")
@_SOURCES
@record_option
@click.option("--watch", is_flag=True, help="Look again every few seconds, and print what has changed.")
@click.option(
    "--looks", type=click.IntRange(min=1), help="With --watch: stop after so many looks."
)
@json_flag
@click.pass_obj
def status(
    world: World,
    sources: tuple[Path, ...],
    record: Path,
    watch: bool,
    looks: int | None,
    as_json: bool,
) -> int:
    """Show who has reported and who is missing: the tree of units with counts and sums at every level.

    SOURCES are merged files, files, or folders, as for 'evote returns merge'; nothing is written.
    --watch follows a folder into which files arrive. --json feeds a site: the whole tree with voters,
    plain counts, heads and short codes; with --watch one line of JSON for each change.

    Exit codes as 'evote returns merge'.

    \b
    Examples:
      evote returns status night.returns --record record
      evote returns status inbox/ --record record --watch
    """
    election, _ = open_record(world, record)
    before: dict[str, object] | None = None
    code = 0
    for intake in _looks(election, sources, looks if watch else 1):
        code = intake.exit_code
        document = intake.document()
        if document != before:
            if as_json:
                print_json(document)
            else:
                show_tree(intake)
            before = document
    return code


def _looks(election: Election, sources: Sequence[Path], rounds: int | None) -> Iterator[Intake]:
    """What the sources give, so many times, or until somebody interrupts."""
    number = 0
    while True:
        with reading(sources[0], *sources[1:]):
            files = list(gather(sources))
        yield take_in(election, files)
        number += 1
        if number == rounds:
            return
        time.sleep(WATCH_SECONDS)


@click.command("publish")
@_SOURCES
@record_option
@click.option("--private", required=True, type=path_type, help="The office's private folder.")
@click.option("--out", type=path_type, metavar="DIR", help="A folder for the night, instead of the record.")
@passphrase_options
@click.pass_obj
def publish(
    world: World,
    sources: tuple[Path, ...],
    record: Path,
    private: Path,
    out: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> int:
    """Publish the merged returns: into the record, sealed again, or with --out as a signed folder.

    The record takes every file once and keeps what it has. With --out, the folder has the merged file
    and the list of heads, short codes, voters and sums, signed by the authority. 'evote returns audit'
    compares either with what units sent.

    \b
    Examples:
      evote returns publish night.returns --record record --private office --out published
      evote returns publish night.returns --record record --private office
    """
    election, reader = open_record(world, record)
    with reading(sources[0], *sources[1:]):
        intake = take_in(election, gather(sources))
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    if out is not None:
        with reading(out):
            publish_folder(intake.merged, authority, out)
        click.echo(f"{intake.state.reported} of {intake.state.expected} units, in {out}")
        return 0
    opened = open_election(Path(reader.directory), world.groups)
    last = opened.reader.latest_index()
    if last is None or (last.head is None and opened.reader.has(CHECKPOINTS)):
        raise UnusableError("the record is not sealed yet, or not closed; that comes first")
    stage = Stage.FINAL if opened.reader.has(DECRYPTION) else Stage.VOTING if last.head else last.stage
    if stage is Stage.SETUP:
        raise UnusableError("nothing has been closed in the record yet; publish into a folder with --out")
    added = put_returns(opened.writer, intake.merged)
    opened.writer.seal(stage, world.now(), authority, last.head)
    click.echo(
        f"{added} files were added; {intake.state.reported} of {intake.state.expected} units reported."
    )
    return 0


def _show_files(intake: Intake) -> None:
    shown = [
        (
            printable(arrival.name),
            arrival.verdict.value,
            printable(arrival.unit),
            arrival.version or "",
            printable(arrival.message),
        )
        for arrival in intake.files
        if arrival.verdict.value != "good"
    ]
    good = len(intake.files) - len(shown)
    click.echo(f"{good} good files")
    if shown:
        show("Other files", ("file", "verdict", "unit", "version", "why"), shown)


def _worst(*codes: int) -> int:
    return next((code for code in (1, 2, 3) if code in codes), 0)
