"""``evote encrypt``: plaintext ballots become pending ones, each with a confirmation code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from evote.cli.ending import reading
from evote.cli.options import private_option, record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.progress import progress
from evote.cli.world import World
from evote.office.booth import encrypt_ballots
from evote.office.open import open_election
from evote.office.plain import MAX_BYTES, read_ballots
from evote.office.private import PrivateFolder, pending_store
from evote.record import read_limited


@click.command("encrypt")
@record_argument
@click.argument("ballots")
@private_option
@click.option("--device", required=True, help="The name of the device, which is published.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per ballot.")
@passphrase_options
@click.pass_obj
def command(
    world: World,
    record: Path,
    ballots: str,
    private: Path,
    device: str,
    as_json: bool,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Encrypt the ballots in BALLOTS (a file, or - for stdin) for the election in RECORD.

    One JSON object per line, or one list of them; unit and style may be left out where there is only
    one:

    \b
      {"unit": "Town/North", "style": "all", "contests": {"Chair": {"Ada": 1}}}
      {"contests": {"Chair": {}}}
      {"contests": {"Chair": {"marks": {"Bo": 1}, "write_ins": ["Dee"]}}}

    Prints a confirmation code per ballot, in the order of the file. The ballots wait in the private
    folder, their nonces sealed under the passphrase, until their voters cast or challenge them. All
    are checked before the first is encrypted; what is interrupted leaves the ballots so far.

    \b
    Example:  evote encrypt record ballots.jsonl --private office --device "Booth 1" > codes.txt
    """
    with reading(record):
        opened = open_election(record, world.groups)
        opened.require_voting()
    with reading("stdin" if ballots == "-" else ballots):
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if ballots == "-" else read_limited(ballots, MAX_BYTES)
        plaintexts = read_ballots(opened.election.manifest, raw)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the office's ballots", new=False)
    with reading(private):
        PrivateFolder.make(private, record)
        vault = PrivateFolder(private, passphrase).vault(make=True)
        store = pending_store(private, opened.election, make=True)
    with store, progress() as report:
        with reading("--device"):
            codes = encrypt_ballots(opened.election, store, vault, device, plaintexts)
        for number, code in enumerate(codes, 1):
            click.echo(json.dumps({"ballot": number, "code": code}) if as_json else code)
            report("Encryption", number, len(plaintexts))
