"""``evote vote``: the voter's side of an election with a board."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from evote.ballots import Election, OpenedBallot
from evote.ballots.values import BallotState
from evote.board.admission import AdmissionReceipt
from evote.board.receipt import MAX_RECEIPT_BYTES
from evote.board.receipt_text import write_text
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.cli.codes import code_option, read_holder
from evote.cli.ending import Exit, UnusableError, reading
from evote.cli.openings import opened_votes, print_opened
from evote.cli.options import json_flag, record_argument
from evote.cli.output import print_json
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.world import World
from evote.codec import decode, encode
from evote.errors import RefusedError
from evote.office.logkeys import open_device_key
from evote.office.open import open_election
from evote.office.plain import MAX_BYTES, read_ballots
from evote.office.unitbox import roll_of
from evote.office.voter import PendingFile, check_opened, receipt_of
from evote.record import read_limited, write_atomic
from evote.secret import Secret
from evote.signing import SigningKey
from evote.storage.box_setting import BoxSetting

MAX_OPENING_BYTES = 16 * 1024 * 1024

_path = click.Path(path_type=Path)
_file = click.Path(path_type=Path, dir_okay=False)
_out = click.option("--out", required=True, type=_file, help="The new file.")
_pending = click.argument("pending", type=_file)
_submission = click.argument("submission", type=_file)
_keys = click.option(
    "--device-keys",
    type=_path,
    help="The private folder with the key of the attended device, without a roll.",
)


@click.group("vote")
def command() -> None:
    """Vote: encrypt with your code, cast the ballot or have it opened, keep the receipt.

    \b
      1. evote vote encrypt record ballot.json --out my.vote        asks for your code; shows a code
      2. evote vote cast record my.vote --out my.submission         give it to the box, by any road
         or, to test the device instead of voting:
         evote vote challenge record my.vote --out my.submission
      3. evote vote receipt record my.submission answer --out my.receipt      the box's answer
      4. after a challenge:  evote vote open record my.vote my.submission answer --out my.opening
         on another device:  evote vote check record my.submission my.opening
      5. evote receipt check my.receipt --record record             when the record is published

    my.vote is sealed under a passphrase and may wait for hours. A later ballot of yours replaces an earlier
    one. What you cast or challenge is decided once: the first decision stands.
    """


@command.command("encrypt")
@record_argument
@click.argument("ballot", type=click.Path(allow_dash=True))
@_out
@code_option
@click.option("--device", default="", help="The attended device that signs, where the election has no roll.")
@passphrase_options
@click.pass_obj
def encrypt(
    world: World,
    record: Path,
    ballot: str,
    out: Path,
    code_files: tuple[Path, ...],
    device: str,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Encrypt the one BALLOT in a JSON file (or - for stdin), and keep it sealed in the file OUT.

    Unit and style are those of your code. The confirmation code that is shown commits this device: write it
    down before you decide to cast or to challenge.

    \b
    Example:  evote vote encrypt record ballot.json --out my.vote
    """
    election = _election(world, record)
    pseudonym = None
    unit = style = None
    if election.manifest.roll is not None:
        holder = read_holder(election.manifest, code_files)
        with reading(record):
            roll = roll_of(election, record)
        slot = None if roll is None else roll.slot_of_keys(holder.public)
        pseudonym = holder.pseudonym
        if roll is not None and slot is not None:  # a code that was issued again is not on the roll
            entry = roll.entry(slot)
            unit, style = entry.unit, entry.style
    elif not device:
        raise UnusableError("the election has no roll: say with --device which attended device this is")
    with reading("stdin" if ballot == "-" else ballot):
        if ballot == "-":
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            raw = read_limited(ballot, MAX_BYTES)
        plaintexts = read_ballots(election.manifest, raw)
        if len(plaintexts) != 1:
            raise UnusableError(f"{len(plaintexts)} ballots are in it; a voter has one")
        plaintext = plaintexts[0]
        if unit is not None and (plaintext.unit, plaintext.style) != (unit, style):
            raise UnusableError(f"your code votes in {unit} on ballot style {style}")
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the ballot that waits", new=True)
    with reading(out):
        vote = PendingFile(election, out, passphrase).make(plaintext, pseudonym, device=device)
    click.echo(vote.code)


@command.command("cast")
@record_argument
@_pending
@_out
@click.option("--previous", help="The head of your slot, 64 hexadecimal digits, if you voted before.")
@click.option(
    "--after", type=_file, help="Or the submission of yours that was admitted last; it is computed."
)
@code_option
@_keys
@passphrase_options
@click.pass_obj
def cast(
    world: World,
    record: Path,
    pending: Path,
    out: Path,
    previous: str | None,
    after: Path | None,
    code_files: tuple[Path, ...],
    device_keys: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Sign the ballot in PENDING to be cast. Give the file OUT to the box: it may wait, and come twice.

    If the box says that it is stale, sign it again over the head that it names; it stays the same ballot.

    \b
    Example:  evote vote cast record my.vote --out my.submission
    """
    election = _election(world, record)
    if previous is not None and after is not None:
        raise UnusableError("--previous and --after say the same; give one of them")
    head = NO_PREVIOUS
    if previous is not None:
        with reading("--previous"):
            head = bytes.fromhex(previous)
            if len(head) != len(NO_PREVIOUS):
                raise UnusableError("--previous has 64 hexadecimal digits")
    elif after is not None:
        head = ballot_hash(election, _read_submission(election, after))
    _decide(
        election,
        pending,
        out,
        BallotState.CAST,
        head,
        code_files,
        device_keys,
        (passphrase_file, passphrase_fd),
    )
    click.echo(f"Next: give {out} to the ballot box; its answer is checked with 'evote vote receipt'.")


@command.command("challenge")
@record_argument
@_pending
@_out
@code_option
@_keys
@passphrase_options
@click.pass_obj
def challenge(
    world: World,
    record: Path,
    pending: Path,
    out: Path,
    code_files: tuple[Path, ...],
    device_keys: Path | None,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Sign the ballot in PENDING to be opened, and never counted: a test of this device.

    \b
    Example:  evote vote challenge record my.vote --out my.submission
    """
    _decide(
        _election(world, record),
        pending,
        out,
        BallotState.CHALLENGED,
        NO_PREVIOUS,
        code_files,
        device_keys,
        (passphrase_file, passphrase_fd),
    )
    click.echo(f"Next: give {out} to the ballot box, and open the ballot with its answer: 'evote vote open'.")


@command.command("receipt")
@record_argument
@_submission
@click.argument("answer", type=_file)
@_out
@click.pass_obj
def receipt(world: World, record: Path, submission: Path, answer: Path, out: Path) -> None:
    """Check the box's ANSWER to SUBMISSION, and write the receipt to keep.

    An answer that is no receipt for exactly this ballot, or that promises too late, is refused at once.

    \b
    Example:  evote vote receipt record my.submission my.submission.receipt --out my.receipt
    """
    election = _election(world, record)
    made = receipt_of(
        election, _read_submission(election, submission), _read_answer(election, answer), int(time.time())
    )
    write_atomic(out, write_text(made))
    click.echo(f"The box promised to log this ballot by {made.promise.deadline if made.promise else ''}.")
    click.echo(f"Keep {out}; it does not say how you voted.")


@command.command("open")
@record_argument
@_pending
@_submission
@click.argument("answer", type=_file)
@_out
@passphrase_options
@click.pass_obj
def open_(
    world: World,
    record: Path,
    pending: Path,
    submission: Path,
    answer: Path,
    out: Path,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Open the challenged ballot in PENDING, once the box's ANSWER shows that it can never be cast.

    Give OUT to another device for 'evote vote check', and to the office, which publishes it.

    \b
    Example:  evote vote open record my.vote my.submission my.submission.receipt --out my.opening
    """
    election = _election(world, record)
    sent, answered = _read_submission(election, submission), _read_answer(election, answer)
    passphrase = read_passphrase(passphrase_file, passphrase_fd, "the ballot that waits", new=False)
    with reading(pending):
        file = PendingFile(election, pending, passphrase)
        opening = file.open(sent, answered, int(time.time()))
    write_atomic(out, encode(opening))
    click.echo(f"{file.load().code} was encrypted as:")
    print_opened(election.manifest, opening)


@command.command("check")
@record_argument
@_submission
@click.argument("opening", type=_file)
@code_option
@click.option("--code", "confirmation", help="The confirmation code that you wrote down; else compare it.")
@json_flag
@click.pass_obj
def check(
    world: World,
    record: Path,
    submission: Path,
    opening: Path,
    code_files: tuple[Path, ...],
    confirmation: str | None,
    as_json: bool,
) -> int:
    """On a second device: check the OPENING of a challenged ballot, and show what it was encrypted as.

    Asks for your own code, so that the first device cannot show the ballot of somebody else. Every
    ciphertext is made again from the opening. Exit code 1 if anything does not fit.

    \b
    Example:  evote vote check record my.submission my.opening --code 5A0C…
    """
    election = _election(world, record)
    sent = _read_submission(election, submission)
    with reading(opening):
        width = election.group.element_bytes
        opened = decode(OpenedBallot, read_limited(opening, MAX_OPENING_BYTES), element_bytes=width)
    pseudonym = None
    if election.manifest.roll is not None:
        pseudonym = read_holder(election.manifest, code_files).pseudonym
    check_opened(election, sent, opened, pseudonym)
    code = sent.ballot.confirmation_code.hex().upper()
    if confirmation is not None and confirmation.strip().upper() != code:
        click.echo(f"The confirmation code is another: this ballot has {code}.")
        return Exit.FAILED
    if as_json:
        print_json({"code": code, "contests": opened_votes(election.manifest, opened)})
        return Exit.PASS
    click.echo(f"Confirmation code {code}: compare it with the one that you wrote down.")
    click.echo("It was encrypted as:")
    print_opened(election.manifest, opened)
    return Exit.PASS


# --- inside ------------------------------------------------------------------------------------------


def _election(world: World, record: Path) -> Election:
    with reading(record):
        election = open_election(record, world.groups).election
        if election.manifest.board is None:
            raise UnusableError(f"{record}: the election has no board; 'evote encrypt' encrypts its ballots")
    return election


def _decide(
    election: Election,
    pending: Path,
    out: Path,
    decision: BallotState,
    previous: bytes,
    code_files: tuple[Path, ...],
    device_keys: Path | None,
    sealed: tuple[Path | None, int | None],
) -> None:
    passphrase = read_passphrase(*sealed, "the ballot that waits", new=False)
    file = PendingFile(election, pending, passphrase)
    with reading(pending):
        device = file.load().device
        keys = _signers(election, device, code_files, device_keys, passphrase)
        submission = file.decide(decision, keys, previous)
    write_atomic(out, encode(submission), mode=0o600)


def _signers(
    election: Election,
    device: str,
    code_files: tuple[Path, ...],
    device_keys: Path | None,
    passphrase: Secret[str],
) -> tuple[SigningKey, ...]:
    if election.manifest.roll is not None:
        return read_holder(election.manifest, code_files).keys
    if device_keys is None:
        raise RefusedError("the attended device signs: give the folder of its key with --device-keys")
    return (open_device_key(election.manifest, device, device_keys, passphrase),)


def _read_submission(election: Election, path: Path) -> Submission:
    with reading(path):
        limit = max(
            BoxSetting.of(election, unit.path).largest_submission for unit in election.manifest.ballot_units()
        )
        return decode(
            Submission, read_limited(path, limit), element_bytes=election.group.element_bytes, limit=limit
        )


def _read_answer(election: Election, path: Path) -> AdmissionReceipt:
    with reading(path):
        return decode(AdmissionReceipt, read_limited(path, MAX_RECEIPT_BYTES), element_bytes=0)
