"""``evote preencrypt``: ballots that are encrypted before their voters choose (specification section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from evote.cli.deciding import chosen, open_box
from evote.cli.ending import UnusableError, reading, say
from evote.cli.options import private_option, record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.program import SETTINGS
from evote.cli.world import World
from evote.manifest import read_json
from evote.office.box import append_waiting, challenge
from evote.office.open import OpenElection, open_election
from evote.office.private import PrivateFolder, pending_store
from evote.office.sheetbox import cast_sheet, take_in
from evote.office.sheetfile import (
    MAX_BYTES,
    make_sheets,
    open_sheets,
    print_data,
    save_state,
    seal_sheets,
    write_print,
)
from evote.office.sheetprint import sheets_html
from evote.record import read_limited
from evote.record.files import write_atomic


@click.group("preencrypt", context_settings=SETTINGS)
def command() -> None:
    """Sheets that are encrypted before anybody chooses: make, print, record, cast, challenge.

    \b
    On the machine of the tool:      make, print
    On the recording machine:        record, then cast or challenge

    Example:  evote preencrypt make record --tool Press --private press --unit North --style all
              --sheets sealed --print data
    """


def _opened(world: World, record: Path) -> OpenElection:
    with reading(record):
        opened = open_election(record, world.groups)
        opened.require_no_board()
        opened.require_voting()
    return opened


@command.command("make")
@record_argument
@click.option("--tool", required=True, help="The tool's information string, as the manifest has it.")
@click.option(
    "--private", type=click.Path(path_type=Path), required=True, help="The tool's own private folder."
)
@click.option("--unit", required=True, help="The path of the unit whose ballots these are.")
@click.option("--style", required=True, help="The ballot style.")
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--sheets",
    type=click.Path(path_type=Path),
    required=True,
    help="The file for the recording machine, sealed under the passphrase.",
)
@click.option("--print", "printed", type=click.Path(path_type=Path), required=True, help="The printing data.")
@passphrase_options
@click.pass_obj
def make_command(
    world: World,
    record: Path,
    tool: str,
    private: Path,
    unit: str,
    style: str,
    count: int,
    sheets: Path,
    printed: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Make pre-encrypted ballots for the election in RECORD.

    Prints their confirmation codes. The file of --sheets goes to the recording machine, that of --print to
    the printer; the second says which short code is which option, so keep it like marked ballots.

    \b
    Example:  evote preencrypt make record --tool "Printer 1" --private tool --unit North --style all
                --count 200 --sheets north.sheets --print north.jsonl
    """
    opened = _opened(world, record)
    for path in (sheets, printed):
        if path.exists():
            raise UnusableError(f"{path} is there already; choose another name")
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the sheets", new=True)
    PrivateFolder.make(private, record)
    with reading("--tool, --unit, --style"):
        first, made, state = make_sheets(opened.election, private, tool, unit, style, count)
    seal_sheets(opened.election, sheets, passphrase, first, made)
    write_print(printed, print_data(opened.election, made))
    save_state(private, state)
    for sheet in made:
        click.echo(sheet.code)


@command.command("print")
@click.argument("printed", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The HTML file to write.")
def print_command(printed: Path, out: Path) -> None:
    """Make printable pages of the printing data in PRINTED.

    \b
    Example:  evote preencrypt print north.jsonl --out north.html
    """
    with reading(printed):
        sheets = _lines(printed)
        try:
            page = sheets_html(sheets)
        except (KeyError, TypeError, ValueError):
            raise UnusableError(f"{printed} has no printing data of 'evote preencrypt make'") from None
    if out.exists():
        raise UnusableError(f"{out} is there already; choose another name")
    write_atomic(out, page.encode("utf-8"), mode=0o600)
    click.echo(f"{len(sheets)} sheets")


@command.command("record")
@record_argument
@click.argument("sheets", type=click.Path(path_type=Path))
@private_option
@click.option(
    "--sheets-passphrase-file",
    "opening",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The passphrase of the file of sheets, where it is another one.",
)
@passphrase_options
@click.pass_obj
def record_command(
    world: World,
    record: Path,
    sheets: Path,
    private: Path,
    opening: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Take the file SHEETS of a tool into the private folder of the recording machine.

    The sheets wait there, their nonces sealed, until they are cast or challenged. Delete the file then.

    \b
    Example:  evote preencrypt record record north.sheets --private office
    """
    opened = _opened(world, record)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the office's ballots", new=False)
    other = passphrase if opening is None else read_passphrase(opening, None, "the sheets", new=False)
    with reading(sheets):
        kept, source = open_sheets(opened.election, sheets, other)
    with reading(private):
        PrivateFolder.make(private, record)
        vault = PrivateFolder(private, passphrase).vault(make=True)
        store = pending_store(private, opened.election, make=True)
    with store:
        new = take_in(opened.election, store, vault, kept, source)
    click.echo(f"{new} sheets taken in, {len(kept) - new} were here already")


@command.command("cast")
@record_argument
@click.argument("marked", type=click.Path(path_type=Path))
@private_option
@passphrase_options
@click.pass_obj
def cast_command(
    world: World,
    record: Path,
    marked: Path,
    private: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Cast the marked sheets in the file MARKED, one JSON object a line.

    Marks are options, or the short codes beside them; a contest that is left out has none:

    \b
      {"code": "5A0C93E1", "contests": {"Chair": ["Ada"], "Council": []}}
      {"code": "77D0A4B2", "short_codes": {"Chair": ["3F0A"]}}

    More marks than a contest allows are an overvote and recorded as none. The decision is for ever. All
    sheets are found before the first is cast.

    \b
    Example:  evote preencrypt cast record marked.jsonl --private office
    """
    with reading(marked):
        lines = [_marks(line) for line in _lines(marked)]
    with open_box(world, record, private) as (opened, store):
        election = opened.election
        passphrase = read_passphrase(passphrase_file, passphrase_fd, "the office's ballots", new=False)
        with reading(private):
            vault = PrivateFolder(private, passphrase).vault()
        with reading(marked):
            entries = [store.find(code) for code, _, _ in lines]
        try:
            for entry, (_, marks, codes) in zip(entries, lines, strict=True):
                with reading(f"{marked}, sheet {entry.code[:8]}"):
                    _, over = cast_sheet(election, store, vault, entry, marks, codes)
                for label in over:
                    say(f"Sheet {entry.code[:8]}: too many marks in {label!r}; it is recorded without.")
        finally:
            append_waiting(election, store, opened.writer, say)
        waiting = store.counts().waiting
    click.echo(f"{len(entries)} cast")
    if waiting:
        click.echo(f"{waiting} wait for ballots before them in the chain of their device", err=True)


@command.command("challenge")
@record_argument
@click.argument("codes", nargs=-1)
@private_option
@click.option("--codes", "file", type=click.Path(path_type=Path), help="A file with one code per line.")
@click.option("--undecided", is_flag=True, help="Open every sheet that was not cast.")
@passphrase_options
@click.pass_obj
def challenge_command(
    world: World,
    record: Path,
    codes: tuple[str, ...],
    private: Path,
    file: Path | None,
    undecided: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Open the sheets with these confirmation CODES: they are published whole and never counted.

    \b
    Examples:  evote preencrypt challenge record 5A0C93E1 --private office
               evote preencrypt challenge record --undecided --private office
    """
    with open_box(world, record, private) as (opened, store):
        manifest = opened.election.manifest
        entries = chosen(store, codes, file, undecided)
        sheets = [entry for entry in entries if manifest.pre_encrypts(entry.ballot.device)]
        if not undecided and len(sheets) < len(entries):
            raise UnusableError("a ballot among these is no pre-encrypted one: use 'evote challenge'")
        passphrase = read_passphrase(passphrase_file, passphrase_fd, "the office's ballots", new=False)
        with reading(private):
            vault = PrivateFolder(private, passphrase).vault()
        found = challenge(opened.election, store, vault, opened.writer, sheets, say)
        waiting = store.counts().waiting
    for entry, opening in found:
        click.echo(f"{entry.code} opened; it is not counted")
        for contest in () if opening is None else opening.pre or ():
            shown = (f"{vector.option or 'none'} {vector.short_code}" for vector in contest.vectors)
            click.echo(f"  {contest.contest}: {', '.join(shown)}")
    if waiting:
        click.echo(f"{waiting} wait for ballots before them in the chain of their device", err=True)


def _lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one a line."""
    found = []
    for line in read_limited(path, MAX_BYTES).splitlines():
        if line.strip():
            value = read_json(line)
            if not isinstance(value, dict):
                raise UnusableError(f"{path}: every line is one JSON object")
            found.append(value)
    return found


_Marks = Mapping[str, Sequence[str]]


def _marks(line: dict[str, Any]) -> tuple[str, _Marks | None, _Marks | None]:
    """Confirmation code, and marks by option or by short code."""
    code = line.get("code")
    ways = [name for name in ("contests", "short_codes") if name in line]
    if not isinstance(code, str) or len(ways) != 1 or set(line) != {"code", ways[0]}:
        raise UnusableError('a marked sheet has "code", and either "contests" or "short_codes"')
    marks = line[ways[0]]
    if not isinstance(marks, dict) or not all(
        isinstance(each, list) and all(isinstance(mark, str) for mark in each) for each in marks.values()
    ):
        raise UnusableError(f'"{ways[0]}" has a list of texts for every contest')
    return (code, marks, None) if ways[0] == "contests" else (code, None, marks)
