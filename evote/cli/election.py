"""``evote election``: make a new election, publish its keys, show an existing one."""

from __future__ import annotations

import json
from pathlib import Path

import click

from evote.cli.ending import Exit, UnusableError, reading
from evote.cli.options import exchange_option, json_flag, private_option, record_argument
from evote.cli.output import print_json, write_output
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.world import World
from evote.codec import MAX_MANIFEST_BYTES
from evote.groups import NAMES
from evote.office.keys import publish_keys
from evote.office.official.nist_bd import MAX_DEFINITION_BYTES, broken_by, read_ballot_definition
from evote.office.overview import overview
from evote.office.private import PrivateFolder
from evote.office.setup import draw_salt, new_election, read_draft, read_salt
from evote.record import RecordReader, RecordWriter, Stage, read_limited
from evote.record.layout import ROLL


@click.group("election")
def command() -> None:
    """Make a new election, publish its keys, show an existing one.

    \b
    What comes next, in order:
      1. evote election new draft.json --record record --private office -n 5 -k 3
      2. each guardian:  evote guardian init …, then  evote guardian step …
      3. evote election keys record --private office --exchange exchange
      4. evote encrypt, evote cast, evote challenge
      5. evote tally record --private office
      6. each guardian:  evote guardian decrypt …;  evote decrypt record …
      7. anybody:  evote verify record

    With codes for voters, receipts and witnesses, 'evote board --help' says what comes when.
    """


@command.command("new")
@click.argument("draft", type=click.Path(path_type=Path))
@click.option(
    "--record", required=True, type=click.Path(path_type=Path), help="The new folder of the public record."
)
@click.option(
    "--private",
    required=True,
    type=click.Path(path_type=Path),
    help="The office's private folder, apart from the record; it gets the sealed key of the authority.",
)
@click.option("-n", "--guardians", required=True, type=int, help="How many guardians there are.")
@click.option("-k", "--quorum", required=True, type=int, help="How many of them are needed to decrypt.")
@click.option(
    "--group",
    "group_name",
    default=NAMES[0],
    show_default=True,
    help="The group; all but the first are not the standard 2.1 set.",
)
@click.option(
    "--salt",
    "salt_file",
    type=click.Path(path_type=Path),
    help="The salt with which roll and board were made.",
)
@click.option(
    "--board", "board_file", type=click.Path(path_type=Path), help='JSON: the draft\'s member "board".'
)
@click.option(
    "--roll",
    "roll_file",
    type=click.Path(path_type=Path),
    help="JSON: the draft's member \"roll\", from 'evote roll new'; the roll itself stands beside it.",
)
@click.option(
    "--returns",
    "returns_file",
    type=click.Path(path_type=Path),
    help="JSON: the draft's member \"returns\", from 'evote returns roster new'.",
)
@click.option(
    "--requests",
    "requests_file",
    type=click.Path(path_type=Path),
    help="JSON: the draft's member \"requests\", from 'evote requests new'.",
)
@passphrase_options
@click.pass_obj
def new(
    world: World,
    draft: Path,
    record: Path,
    private: Path,
    guardians: int,
    quorum: int,
    group_name: str,
    salt_file: Path | None,
    board_file: Path | None,
    roll_file: Path | None,
    returns_file: Path | None,
    requests_file: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Make an election from the description in DRAFT, a JSON file.

    \b
    The shortest draft:
      {"label": "Council 2027",
       "contests": [{"label": "Chair", "options": ["Ada", "Bo", "Cy"]}]}
    With several places of voting, limits and write-ins:
      {"label": "Council 2027", "test": true, "minimum_cell": 1, "chaining": 1,
       "contests": [{"label": "Chair", "options": ["Ada", "Bo"]},
                    {"label": "Council", "options": ["Al", "Em", "Ku"], "limit": 2, "write_ins": 1}],
       "units": [{"label": "Town", "units": ["North", "South"]}], "cells": "each"}

    \b
    Example:  evote election new draft.json --record record --private office -n 5 -k 3

    Writes manifest.json and parameters.msgpack into the record, and the authority's key, sealed under
    the passphrase, into the private folder. What the draft leaves out gets a default, which is
    written out; the salt and the key are drawn afresh.
    """
    group = world.group(group_name)
    declared = {
        name: _declared(file)
        for name, file in (
            ("board", board_file),
            ("roll", roll_file),
            ("returns", returns_file),
            ("requests", requests_file),
        )
        if file is not None
    }
    if salt_file is None:
        salt = None
    else:
        with reading(salt_file):
            salt = read_salt(salt_file)
    with reading(draft):
        description = read_draft(read_limited(draft, MAX_MANIFEST_BYTES)) | declared
        passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=True)
        roll = None if roll_file is None else roll_file.parent / ROLL
        made = new_election(
            description, group, guardians, quorum, record, private, passphrase, salt=salt, roll=roll
        )
    for warning in made.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(f"Election:      {made.manifest.label}{' (a TEST)' if made.manifest.test else ''}")
    click.echo(f"Record:        {record}")
    click.echo(f"Base hash H_B: {made.base_hash.hex()}")
    click.echo(f"Authority key: {made.authority_key}")
    click.echo("Next: give each guardian a copy of the record folder; all compare the base hash.")


@command.command("draft")
@click.argument("definition", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The new file of the draft.")
@click.option(
    "--election",
    "number",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Which election of the definition.",
)
@click.option("--language", metavar="TAG", help="The language of labels; by default the definition's first.")
def draft(definition: Path, out: Path, number: int, language: str | None) -> int:
    """Make a draft from DEFINITION, a ballot definition of NIST SP 1500-20 (version 1, JSON).

    Everything of the definition that the draft does not carry is said, what changes the ballot first.
    Read it, then edit the draft: cells and the smallest number of ballots that are decrypted together
    are not in a definition.

    Exit code 0: the draft has every contest and option. 3: it has not, or breaks a rule; both are said.

    \b
    Example:  evote election draft definition.json --out draft.json
    """
    with reading(definition):
        raw = read_limited(definition, MAX_DEFINITION_BYTES)
        imported = read_ballot_definition(raw, election=number, language=language)
    if out.exists():
        raise UnusableError(f"{out} exists; choose a new file for the draft")
    write_output(str(out), json.dumps(imported.draft, ensure_ascii=False, indent=1) + "\n")
    for loss in imported.losses:
        click.echo(f"{'LOST: ' if loss.grave else ''}{loss}")
    broken = broken_by(imported.draft)
    for rule in broken:
        click.echo(f"BROKEN RULE: {rule}")
    click.echo(f"The draft is in {out}; the next command is 'evote election new {out}'")
    return Exit.PASS if imported.faithful and not broken else Exit.INCOMPLETE


@command.command("salt")
@click.argument("file", type=click.Path(path_type=Path))
def salt(file: Path) -> None:
    """Draw the salt of an election into the new FILE, before codes and keys are made with it.

    Only elections with a board or a roll need it; others draw their salt themselves. It is public.

    \b
    Example:  evote election salt salt.txt
    """
    draw_salt(file)
    click.echo(f"The salt is in {file}; everybody who makes codes or keys for the election needs it.")


def _declared(file: Path) -> dict[str, object]:
    with reading(file):
        return read_draft(read_limited(file, MAX_MANIFEST_BYTES))


@command.command("keys")
@record_argument
@private_option
@exchange_option
@passphrase_options
@click.pass_obj
def keys(
    world: World,
    record: Path,
    private: Path,
    exchange: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Write the guardians' record and the joint keys into RECORD, and seal it.

    For when every guardian has confirmed. The guardians' record also goes into the exchange folder,
    where each guardian compares it with its own view at the next 'evote guardian step'.

    \b
    Example:  evote election keys record --private office --exchange exchange
    """
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the authority's key", new=False)
    with reading(private):
        authority = PrivateFolder(private, passphrase).authority()
    with reading(record):
        published = publish_keys(record, exchange, world.groups)
    RecordWriter.open(record, world.groups).seal(Stage.SETUP, world.now(), authority)
    click.echo(f"Fingerprint: {published.extended_hash.hex()}")
    click.echo("Announce the fingerprint by every road you have; 'evote verify --expect' compares it.")


@command.command("info")
@record_argument
@json_flag
@click.pass_obj
def info(world: World, record: Path, as_json: bool) -> None:
    """Show what RECORD says of its election. Nothing is verified: 'evote verify' does that.

    \b
    Example:  evote election info record
    """
    with reading(record):
        facts = overview(RecordReader(record, world.groups))
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        if not isinstance(value, list):
            click.echo(f"{name.replace('_', ' ') + ':':20}{_shown(value)}")
    for contest in facts["contests"]:
        click.echo(f"\n{contest['label']}  (limit {contest['limit']}, {len(contest['cells'])} cells)")
        for option in contest["options"]:
            click.echo(f"  {option}")
    click.echo("\nunits: " + ", ".join(facts["units"]))


def _shown(value: object) -> str:
    if value is None:
        return "not yet"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
