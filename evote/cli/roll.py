"""``evote roll``: credentials that people type: codes on paper, the roll, re-issues, a look at one code."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.codes import code_option, read_holder
from evote.cli.ending import Exit, UnusableError, reading
from evote.cli.options import record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.world import World
from evote.codec import MAX_MANIFEST_BYTES
from evote.manifest import Manifest
from evote.office.authority import AuthorityFolder, open_sheets, read_keys
from evote.office.reissues import ENTRY, Proposal, Reissuer
from evote.office.roll import (
    DECLARATION,
    ITERATIONS,
    ROLL,
    Drawn,
    Terms,
    new_roll,
    read_roll,
    second_codes,
    slot_of_reference,
)
from evote.office.setup import read_draft, read_salt
from evote.office.sheets import Sheet, html_sheets
from evote.pool import processes
from evote.record import RecordReader, layout, load_election, read_limited, write_atomic
from evote.secret import Secret
from evote.storage.sealed import Sealer

_path = click.Path(path_type=Path)
_draft = click.argument("draft", type=_path)
_voters = click.argument("voters", type=_path)
_salt = click.option(
    "--salt", "salt_file", required=True, type=_path, help="The salt that 'evote election salt' drew."
)
_private = click.option(
    "--private", required=True, type=_path, help="The credential authority's private folder."
)
_iterations = click.option(
    "--iterations",
    default=ITERATIONS,
    show_default=True,
    type=click.IntRange(1, 10_000_000),
    help="Rounds of PBKDF2 from a code to a key.",
)
_workers = click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(0, 1024),
    help="Processes; 0 for one per core.",
)
_seal = click.option(
    "--seal-sheets",
    is_flag=True,
    help="Seal the files of sheets under the passphrase; 'evote roll open' opens them.",
)


@click.group("roll")
def command() -> None:
    """Make a roll of credentials, issue one again, look at a code.

    \b
    In order, before 'evote election new':
      1. evote election salt salt.txt
      2. with two authorities, the second one:
         evote roll codes draft.json voters.csv --salt salt.txt --private second --out second.keys
      3. evote roll new draft.json voters.csv --salt salt.txt --private authority --out drawn
      4. evote election new draft.json --salt salt.txt --roll drawn/roll.json --board board.json …
      5. give the sheets away, by mail or by hand, and destroy the files

    Codes are never arguments of a command: other programs can read those.
    """


@command.command("new")
@_draft
@_voters
@_salt
@_private
@click.option("--out", required=True, type=_path, help="The new folder for the roll and its declaration.")
@click.option(
    "--second", "second_file", type=_path, help="Keys of the second authority ('evote roll codes')."
)
@_iterations
@_workers
@_seal
@passphrase_options
def new(
    draft: Path,
    voters: Path,
    salt_file: Path,
    private: Path,
    out: Path,
    second_file: Path | None,
    iterations: int,
    workers: int,
    seal_sheets: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Draw a code for every voter of VOTERS and make the roll of the election in DRAFT.

    VOTERS is a CSV file; its first line names the columns:
    unit and style (required), reference, name, key and possession (for voters with a key of their own).

    \b
    Example:  evote roll new draft.json voters.csv --salt salt.txt --private authority --out drawn

    Writes the roll and roll.json into the new folder OUT, and into the private folder the sheets with
    the codes, the mapping from references to slots, and the authority's key, sealed.
    """
    terms = _terms(draft, voters, salt_file, iterations)
    second = None
    if second_file is not None:
        with reading(second_file):
            second = read_keys(second_file)
    passphrase = _new_passphrase(passphrase_file, passphrase_fd)
    sealer = Sealer(passphrase) if seal_sheets else None
    with reading(voters), processes(workers) as executor:
        drawn = new_roll(terms, private, out, passphrase, second=second, executor=executor, sealer=sealer)
    _say(drawn, private)
    if drawn.root is not None:
        click.echo(f"Root of the roll: {drawn.root.hex()}")
    click.echo(f"Next: evote election new {draft} --salt {salt_file} --roll {out / DECLARATION} …")


@command.command("codes")
@_draft
@_voters
@_salt
@_private
@click.option("--out", required=True, type=_path, help="The new file of keys for the first authority.")
@_iterations
@_workers
@_seal
@passphrase_options
def codes(
    draft: Path,
    voters: Path,
    salt_file: Path,
    private: Path,
    out: Path,
    iterations: int,
    workers: int,
    seal_sheets: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """As the second authority, draw the second code of every voter of VOTERS.

    Each voter then needs both codes, so that neither authority can vote for anybody.

    \b
    Example:  evote roll codes draft.json voters.csv --salt salt.txt --private second --out second.keys
    """
    terms = _terms(draft, voters, salt_file, iterations)
    passphrase = _new_passphrase(passphrase_file, passphrase_fd)
    sealer = Sealer(passphrase) if seal_sheets else None
    with reading(voters), processes(workers) as executor:
        drawn = second_codes(terms, private, out, passphrase, executor=executor, sealer=sealer)
    _say(drawn, private)
    click.echo(f"Next: give {out} to the first authority, and nothing else.")


@command.command("reissue")
@record_argument
@_private
@click.option(
    "--file", "file", required=True, type=_path, help="The proposal; it is made if it is not there."
)
@click.option("--slot", type=click.IntRange(min=0), help="The slot of the voter.")
@click.option("--reference", help="Or the voter's reference in the list.")
@click.option("--reason", help="Why, in words; it is published.")
@click.option("--sheet", type=_path, help="The new file for the sheet with the new code.")
@click.option("--roll", "roll_folder", type=_path, help="The folder of the roll, if it is not in the record.")
@passphrase_options
@click.pass_obj
def reissue(
    world: World,
    record: Path,
    private: Path,
    file: Path,
    slot: int | None,
    reference: str | None,
    reason: str | None,
    sheet: Path | None,
    roll_folder: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Give a voter a new code; the old one is revoked when the entry is on the log of the unit.

    With two authorities the proposal goes to the second one and back; each calls this command in its turn.

    \b
    Example:  evote roll reissue record --private authority --reference FR-000017 \\
                --reason "letter lost" --file 17.json --sheet 17.html
    """
    with reading(record):
        election = load_election(RecordReader(record, world.groups))
        roll = read_roll(election.manifest, roll_folder or record / ROLL)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        reissuer = Reissuer(election, roll, private, AuthorityFolder(private, passphrase).key())
    with reading(file):
        if file.exists():
            if (slot, reference, reason) != (None, None, None):
                raise UnusableError(f"{file} is a proposal already; it says slot and reason itself")
            proposal = Proposal.read(file)
        else:
            proposal = reissuer.begin(_slot(private, slot, reference), _reason(reason))
        if not proposal.new[reissuer.place] and (sheet is None or sheet.exists()):
            raise UnusableError("a new code is drawn: give a new file for its sheet with --sheet")
        turn = reissuer.turn(proposal)
    if turn.code is not None and sheet is not None:
        listed = roll.entry(turn.proposal.slot)
        page = Sheet("", listed.unit, listed.style, turn.code, turn.pseudonym)
        write_atomic(sheet, html_sheets(election.manifest, [page]), mode=0o600)
        click.echo(f"New code: {sheet}")
    turn.proposal.write(file)
    if turn.entry is None:
        click.echo(f"Next: the other authority, with {file}.")
        return
    entry = file.with_suffix(ENTRY)
    write_atomic(entry, reissuer.encoded(turn.entry))
    reissuer.keep(turn.entry)
    click.echo(f"Slot {turn.entry.slot} of {turn.proposal.unit}: the entry is in {entry}")
    click.echo("Next: give it to the ballot box of the unit, and to the other authority if there is one.")


@command.command("keep")
@record_argument
@click.argument("entry", type=_path)
@_private
@click.option("--roll", "roll_folder", type=_path, help="The folder of the roll, if it is not in the record.")
@passphrase_options
@click.pass_obj
def keep(
    world: World,
    record: Path,
    entry: Path,
    private: Path,
    roll_folder: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Keep the ENTRY that the other authority completed, so that the voter can get yet another code.

    The entry is checked; whoever completed it has kept it already.

    \b
    Example:  evote roll keep record 17.reissue --private second
    """
    with reading(record):
        election = load_election(RecordReader(record, world.groups))
        roll = read_roll(election.manifest, roll_folder or record / ROLL)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        reissuer = Reissuer(election, roll, private, AuthorityFolder(private, passphrase).key())
    with reading(entry):
        kept = reissuer.read(entry)
        reissuer.keep(kept)
    click.echo(f"Slot {kept.slot}: the re-issue is kept in {private}")


@command.command("check")
@record_argument
@code_option
@click.option("--roll", "roll_folder", type=_path, help="The folder of the roll, if it is not in the record.")
def check(record: Path, code_files: tuple[Path, ...], roll_folder: Path | None) -> None:
    """Say which slot of the roll the code of a voter votes for, and its pseudonym.

    Codes that were issued again later are not known here: the log of the unit says so.

    \b
    Example:  evote roll check record
    """
    with reading(record):
        manifest = Manifest.parse(read_limited(record / layout.MANIFEST, MAX_MANIFEST_BYTES))
        if manifest.roll is None:
            raise UnusableError(f"{record}: the election has no roll, so there are no codes")
        roll = read_roll(manifest, roll_folder or record / ROLL)
    holder = read_holder(manifest, code_files)
    slot = roll.slot_of_keys(holder.public)
    if slot is None:
        click.echo("This code is not on the roll.")
        raise click.exceptions.Exit(Exit.FAILED)
    entry = roll.entry(slot)
    click.echo(f"Slot:      {slot}")
    click.echo(f"Unit:      {entry.unit}")
    click.echo(f"Style:     {entry.style}")
    click.echo(f"Pseudonym: {holder.pseudonym.hex()}")


@command.command("open")
@click.argument("sealed", type=_path)
@click.argument("out", type=_path)
@passphrase_options
def open_(sealed: Path, out: Path, passphrase_file: Path | None, passphrase_fd: int | None) -> None:
    """Open a SEALED file of sheets for printing; OUT is as secret as the codes on it.

    \b
    Example:  evote roll open authority/sheets/000001.html.sealed print.html
    """
    if out.exists():
        raise UnusableError(f"{out} exists; choose another name")
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the sheets", new=False)
    with reading(sealed):
        document = open_sheets(sealed, passphrase)
    write_atomic(out, document.reveal(), mode=0o600)


def _terms(draft: Path, voters: Path, salt_file: Path, iterations: int) -> Terms:
    with reading(salt_file):
        salt = read_salt(salt_file)
    with reading(draft):
        description = read_draft(read_limited(draft, MAX_MANIFEST_BYTES))
        return Terms.of(description, salt, voters, iterations)


def _new_passphrase(file: Path | None, descriptor: int | None) -> Secret[str]:
    return read_passphrase(file, descriptor, "the credential authority's key", new=True)


def _say(drawn: Drawn, private: Path) -> None:
    click.echo(f"Voters:  {drawn.voters}, of whom {drawn.codes} have a code")
    click.echo(f"Sheets:  {drawn.files} files in {private / 'sheets'}; keep them secret")


def _slot(private: Path, slot: int | None, reference: str | None) -> int:
    if (slot is None) == (reference is None):
        raise UnusableError("say for whom: either --slot or --reference")
    if slot is not None:
        return slot
    return slot_of_reference(private, reference or "")


def _reason(reason: str | None) -> str:
    if not reason:
        raise UnusableError("say why with --reason; the reason is published")
    return reason
