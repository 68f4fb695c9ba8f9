"""Passphrases come from a terminal, a file or a descriptor, and never from where others can read them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from evote.cli.ending import UnusableError
from evote.cli.passphrase import MAX_BYTES, read_passphrase
from evote.cli.program import COMMANDS
from evote.cli.program import evote as group
from evote.office.private import PrivateFolder
from evote.secret import Secret
from tests.cli.driver import PASSPHRASE, Town, evote, fine, refused, snapshot, vote

ROOT = Path(__file__).resolve().parents[2]


def parameters() -> list[tuple[str, click.Parameter]]:
    found: list[tuple[str, click.Parameter]] = []
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        below = command.commands.values() if isinstance(command, click.Group) else [command]
        found += [(name, parameter) for item in below for parameter in item.params]
    return found


def test_no_command_takes_a_passphrase_as_an_argument_or_from_the_environment() -> None:
    for name, parameter in parameters():
        assert parameter.envvar is None, name
        if "passphrase" in (parameter.name or ""):
            assert parameter.name in ("passphrase_file", "passphrase_fd"), name
    assert group.context_settings.get("auto_envvar_prefix") is None


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\nsecond line\n"])
def test_the_first_line_of_a_file_is_the_passphrase(tmp_path: Path, ending: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(PASSPHRASE.encode() + ending)
    file.chmod(0o600)
    assert read_passphrase(file, None, "it", new=True).reveal() == PASSPHRASE


def test_spaces_belong_to_the_passphrase(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("  two words \n")
    assert read_passphrase(file, None, "it", new=True).reveal() == "  two words "


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"\r\n", "empty"),
        (b"\xff\xfe\n", "UTF-8"),
        (b"x" * (MAX_BYTES + 1), "longer"),
    ],
)
def test_a_file_without_a_passphrase_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(UnusableError, match=part):
        read_passphrase(file, None, "it", new=True)


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="absent"):
        read_passphrase(tmp_path / "absent", None, "it", new=True)


def test_a_file_that_others_can_read_is_warned_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "secret"
    file.write_text("x\n")
    for mode, warned in ((0o644, True), (0o640, True), (0o600, False)):
        file.chmod(mode)
        read_passphrase(file, None, "it", new=True)
        assert ("chmod 600" in capsys.readouterr().err) is warned


def test_a_descriptor_is_read_up_to_the_end_of_its_line() -> None:
    reader, writer = os.pipe()
    os.write(writer, PASSPHRASE.encode() + b"\nfor somebody else")
    os.close(writer)
    try:
        assert read_passphrase(None, reader, "it", new=True).reveal() == PASSPHRASE
        assert os.read(reader, 100) == b"for somebody else"
    finally:
        os.close(reader)


def test_a_descriptor_that_is_closed_is_refused() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    with pytest.raises(UnusableError, match=f"descriptor {reader}"):
        read_passphrase(None, reader, "it", new=True)


def test_two_sources_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="exclude each other"):
        read_passphrase(tmp_path / "x", 3, "it", new=True)


def test_without_a_terminal_the_options_are_named(town: Town) -> None:
    outcome = evote("record", "seal", town.record, "--private", town.office)
    refused(outcome, 2, "--passphrase-file", "--passphrase-fd")


def test_a_terminal_is_asked_twice_for_a_new_passphrase_and_shows_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", guardians=1, quorum=1, group="electionguard-3072")
    arguments = ("election", "new", town.draft, "--record", town.record, "--private", town.office)
    master, slave = pty.openpty()
    options = ("-n", "1", "-k", "1", "--group", town.group)
    program = subprocess.Popen(
        [sys.executable, "-m", "evote.cli", *map(str, arguments), *options],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    seen = b""
    for answer in (b"open sesame\n", b"open sesame\n"):
        while not seen.rstrip().endswith(b":") or seen.count(b":") == 0:
            seen += os.read(master, 1024)
        os.write(master, answer)
        seen += b"|"
    while True:
        try:
            piece = os.read(master, 1024)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(master)
    assert program.wait(timeout=60) == 0, seen
    assert b"Passphrase for" in seen
    assert b"sesame" not in seen
    key = PrivateFolder(town.office, Secret("open sesame")).authority()
    manifest = (town.record / "manifest.json").read_text(encoding="utf-8")
    assert key.verify_key.encoded.hex() in manifest


def wrong(town: Town) -> None:
    town.secret.write_text("not it\n")


def test_a_wrong_passphrase_is_said_to_be_wrong_and_changes_nothing(town: Town) -> None:
    ballots = [vote("North", "Ada"), vote("South", "Bo")]
    codes = town.codes(ballots)
    wrong(town)
    before = snapshot(town.root)
    for outcome in (town.seal(), town.tally(), town.challenge(codes[0])):
        refused(outcome, 2, "the passphrase is wrong", str(town.office))
    refused(town.step(1), 2, "the passphrase is wrong", str(town.guardian(1)))
    assert snapshot(town.root) == before
    refused(town.encrypt(ballots), 2, "the passphrase is wrong", str(town.office))
    town.secret.write_text(f"{PASSPHRASE}\n")
    fine(town.cast(*codes))
    fine(town.tally())


def test_no_file_shows_the_passphrase(town: Town) -> None:
    town.codes([vote("North", "Ada")])
    for name, content in snapshot(town.root).items():
        if name != town.secret.name:
            assert PASSPHRASE.encode() not in content, name
