"""``evote witness``: remember one head per log, and cosign what continues it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from evote.board.note import NoteKey
from evote.board.splitview import MAX_EVIDENCE_BYTES, SplitView
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.cli.ending import Exit, reading, say
from evote.cli.options import json_flag
from evote.cli.output import STDOUT, print_json, write_output
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.record import read_limited
from evote.storage.witness import WitnessFolder

folder_argument = click.argument("folder", type=click.Path(path_type=Path))


@click.group("witness")
def command() -> None:
    """Be a witness: remember one head per log, and cosign what continues it.

    A witness is independent of the election office: another authority, a party, a newspaper. It sees no
    ballots. Its cosignature says that the log has shown it one history only, so a voter who relies on
    witnesses cannot be shown another one.

    \b
      evote witness new mine --name witness.example/w1      once; send the key that it shows
      evote witness add mine LOGKEY                         for each log, with the key of its manifest
      evote witness cosign mine request                     for every head; send the answer back
      evote witness show mine
    """


@command.command("new")
@folder_argument
@click.option("--name", required=True, help="Its name, best an address that you own, without 'https://'.")
@passphrase_options
def new(folder: Path, name: str, passphrase_file: Path | None, passphrase_fd: int | None) -> None:
    """Make a witness in FOLDER, with a fresh key sealed under a passphrase.

    \b
    Example:  evote witness new mine --name witness.example/w1
    """
    with reading(folder):
        passphrase = read_passphrase(passphrase_file, passphrase_fd, f"the witness {name}", new=True)
        made = WitnessFolder.make(folder, name, passphrase)
    click.echo(f"Key: {made.key}")
    click.echo("Next: send the key to the election office, which names it in the manifest's policy.")


@command.command("add")
@folder_argument
@click.argument("logkey")
def add(folder: Path, logkey: str) -> None:
    """Witness the log with the verifier key LOGKEY from now on. Take the key from the manifest.

    \b
    Example:  evote witness add mine LOGKEY
    """
    with reading("LOGKEY"):
        log = NoteKey.parse(logkey)
    with reading(folder):
        WitnessFolder(folder).trust(log)
    click.echo(f"Witnessed from now on: {log.name}")


@command.command("cosign")
@folder_argument
@click.argument("request", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", default=STDOUT, help="Where the cosignature goes; '-' is stdout, the default.")
@passphrase_options
def cosign(
    folder: Path, request: Path, out: str, passphrase_file: Path | None, passphrase_fd: int | None
) -> int:
    """Cosign the head in the file REQUEST, if it continues what the witness has seen.

    The head is remembered first. A log that shows another head of a size that was cosigned is caught:
    the evidence stays in FOLDER, and the exit code is 1.

    \b
    Example:  evote witness cosign mine request.txt --out answer.txt
    """
    with reading(folder):
        witness = WitnessFolder(folder)
    with reading(request):
        asked = Request.parse(read_limited(request, MAX_REQUEST_BYTES))
    passphrase = read_passphrase(passphrase_file, passphrase_fd, f"the witness {witness.key.name}", new=False)
    with reading(folder):
        answer = witness.cosign(asked, witness.signing_key(passphrase), int(time.time()))
    if isinstance(answer, Path):
        say(f"the log shows two views; the evidence is {answer}: show it to everybody")
        return Exit.FAILED
    write_output(out, f"{answer}\n")
    return Exit.PASS


@command.command("show")
@folder_argument
@json_flag
def show(folder: Path, as_json: bool) -> None:
    """Show the witness's key, its logs, and the last head of each.

    \b
    Example:  evote witness show mine
    """
    with reading(folder):
        witness = WitnessFolder(folder)
        logs = witness.logs()
    facts = [
        {
            "origin": log.key.name,
            "key": str(log.key),
            "size": log.size,
            "cosigned": None if log.last is None else _moment(log.last.time),
        }
        for log in logs
    ]
    if as_json:
        print_json({"key": str(witness.key), "logs": facts})
        return
    click.echo(f"Key:  {witness.key}")
    for fact in facts:
        click.echo(f"{fact['origin']}: {fact['size']} leaves, cosigned {fact['cosigned'] or 'never'}")


@command.command("evidence")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("logkey")
def evidence(file: Path, logkey: str) -> None:
    """Check the evidence in FILE against the log with the verifier key LOGKEY.

    Take the key from the manifest, not from whoever shows the evidence. Exit code 0: the log did show
    two views. 1: this does not prove it.

    \b
    Example:  evote witness evidence 4f1c….msgpack LOGKEY
    """
    with reading("LOGKEY"):
        log = NoteKey.parse(logkey)
    with reading(file):
        first, second = SplitView.parse(read_limited(file, MAX_EVIDENCE_BYTES)).verify(log)
    click.echo(f"SPLIT VIEW: {log.name} signed two heads of {first.size} leaves with different roots:")
    click.echo(f"  {first.root.hex()}\n  {second.root.hex()}")


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
