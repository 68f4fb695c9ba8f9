"""``evote requests``: the log of requests to decrypt, where the manifest declares one."""

from __future__ import annotations

from pathlib import Path

import click

from evote.board.checkpoint import Checkpoint
from evote.board.cosignature import parse_cosignatures
from evote.board.note import NoteSignature
from evote.board.policy import MAX_POLICY_BYTES, Policy
from evote.board.witness import MAX_REQUEST_BYTES
from evote.cli.ending import reading
from evote.cli.options import exchange_option, private_option, record_argument
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.world import World
from evote.guardian import Exchange
from evote.guardian.desk import require_folder
from evote.office.open import open_election
from evote.office.requestlog import OfficeRequests, new_request_log
from evote.office.setup import read_salt
from evote.record import read_limited, write_atomic

_file = click.Path(path_type=Path, dir_okay=False)


@click.group("requests")
def command() -> None:
    """Keep the log of requests to decrypt, which every guardian reads before it answers.

    Without it each guardian knows what it decrypted itself, and no more. With it two groups of guardians
    cannot be made to decrypt two versions of one sum, whoever asks them.

    \b
    Before the election is made:
      evote election salt salt.txt
      evote requests new --salt salt.txt --private office --out requests.json \\
        --origin example.org/requests --witnesses policy.txt
      evote election new draft.json --salt salt.txt --requests requests.json …
    After every 'evote decrypt … --guardians', which enters the request:
      evote requests head record --private office --out request.txt
      each witness:  evote witness cosign FOLDER request.txt --out answer.txt
      evote requests cosign record --private office --exchange exchange answer.txt
    """


@command.command("new")
@click.option("--salt", "salt_file", required=True, type=_file, help="The salt of the election.")
@private_option
@click.option("--out", required=True, type=_file, help='The file for the draft\'s member "requests".')
@click.option("--origin", required=True, help="The name of the log, as example.org/requests.")
@click.option("--witnesses", type=_file, help="A policy of witnesses; without one nobody cosigns.")
@passphrase_options
def new(
    salt_file: Path,
    private: Path,
    out: Path,
    origin: str,
    witnesses: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Draw the key of the log, and write what the draft declares of it.

    \b
    Example:  evote requests new --salt salt.txt --private office --out requests.json --origin a.example/r
    """
    with reading(salt_file):
        salt = read_salt(salt_file)
    policy = ""
    if witnesses is not None:
        with reading(witnesses):
            data = read_limited(witnesses, MAX_POLICY_BYTES)
            Policy.parse(data)
            policy = data.decode("utf-8")
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the key of the log of requests", new=True)
    with reading(private):
        new_request_log(salt, origin, policy, private, passphrase, out)
    click.echo(f"The declaration is in {out}; give it to 'evote election new --requests'.")


@command.command("head")
@record_argument
@private_option
@click.option("--out", required=True, type=_file, help="The file for the witnesses.")
@click.option(
    "--since",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="The number of requests that the witness saw last.",
)
@passphrase_options
@click.pass_obj
def head(
    world: World,
    record: Path,
    private: Path,
    out: Path,
    since: int,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Sign the head over all requests, and ask witnesses to cosign it.

    \b
    Example:  evote requests head record --private office --since 1 --out request.txt
    """
    requests = _open(world, record, private)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the key of the log of requests", new=False)
    with reading(private):
        note = requests.head(requests.key(passphrase))
    with reading("--since"):
        asked = requests.request(since)
    write_atomic(out, asked.encode())
    click.echo(f"Head of the log of requests: {Checkpoint.parse(note.text).size} entries")
    click.echo(f"Key for witnesses: {requests.log.key}")
    click.echo("Next: 'evote requests cosign' with their answers; without witnesses too, and then with none.")


@command.command("cosign")
@record_argument
@click.argument("answers", type=_file, nargs=-1)
@private_option
@exchange_option
@click.pass_obj
def cosign(world: World, record: Path, answers: tuple[Path, ...], private: Path, exchange: Path) -> None:
    """Put the ANSWERS of witnesses under the head, and show the log to the guardians.

    \b
    Example:  evote requests cosign record --private office --exchange exchange w1.txt w2.txt
    """
    requests = _open(world, record, private)
    with reading(exchange):
        require_folder(exchange)
    lines: list[NoteSignature] = []
    for path in answers:
        with reading(path):
            text = read_limited(path, MAX_REQUEST_BYTES).decode("utf-8", errors="replace")
            lines += parse_cosignatures(text)
    if lines:
        requests.cosign(lines)
    with reading(exchange):
        shown = requests.show(Exchange(exchange, 0))
    click.echo(f"Guardians see {shown} requests; each of them runs 'evote guardian decrypt' now.")


def _open(world: World, record: Path, private: Path) -> OfficeRequests:
    with reading(record):
        election = open_election(record, world.groups).election
    with reading(private):
        return OfficeRequests(election, private)
