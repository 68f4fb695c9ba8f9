"""The program itself: help, exit codes, and what it says about errors."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import click
import pytest

from evote import __version__
from evote.cli.ending import Exit, UnusableError, judge, reading, run
from evote.cli.program import COMMANDS
from evote.cli.program import evote as group
from evote.errors import (
    CeremonyError,
    DecodeError,
    DecryptionError,
    DiscreteLogError,
    RefusedError,
    StorageError,
    VerificationError,
)
from evote.manifest import ManifestError
from evote.manifest.model import BrokenRule
from tests.cli.driver import evote, refused

ROOT = Path(__file__).resolve().parents[2]


def every_command() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, below) for below in command.list_commands(click.Context(command))]
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    outcome = evote(*path, "--help")
    assert outcome.code == 0
    assert f"evote {path[0]}" in outcome.out
    command = " ".join(("evote", *path))
    body = outcome.out.split("\n", 1)[1]
    assert command in body, "the help shows a call"


@pytest.mark.parametrize("arguments", [["nothing"], ["--nothing"], ["verify"], ["demo", "--scale", "none"]])
def test_wrong_arguments_end_with_2_and_point_to_the_help(arguments: list[str]) -> None:
    refused(evote(*arguments), 2, "--help")


@pytest.mark.parametrize("arguments", [[], ["election"], ["guardian"], ["record"]])
def test_no_command_shows_the_help_and_ends_with_2(arguments: list[str]) -> None:
    outcome = evote(*arguments)
    assert outcome.code == 2
    assert "Commands:" in outcome.err


def test_the_version_is_shown() -> None:
    assert evote("--version").out.strip() == f"evote, version {__version__}"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VerificationError("x", check="6.B"), 1),
        (CeremonyError("x", (1,)), 1),
        (DecryptionError("x", (1,)), 1),
        (DiscreteLogError(5), 1),
        (DecodeError("x"), 2),
        (ManifestError((BrokenRule("contest", "rule"),)), 2),
        (RefusedError("x"), 2),
        (UnusableError("x"), 2),
        (click.UsageError("x"), 2),
        (StorageError("x"), 4),
        (OSError(errno.ENOSPC, "No space left on device", "file"), 4),
        (PermissionError(errno.EACCES, "Permission denied", "file"), 4),
        (MemoryError(), 4),
        (ValueError("x"), 4),
        (RuntimeError("x"), 4),
        (AssertionError("x"), 4),
    ],
)
def test_every_error_has_its_exit_code_and_a_sentence(error: Exception, code: int) -> None:
    found, sentence = judge(error)
    assert found == code
    assert sentence


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_ends_with_130(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        raise error

    assert run(command, debug=False) == 130
    assert "interrupted" in capsys.readouterr().err


def test_an_internal_error_shows_its_traceback_only_where_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command() -> None:
        raise RuntimeError("broken inside")

    assert run(command, debug=False) == 4
    assert "Traceback" not in capsys.readouterr().err
    assert run(command, debug=True) == 4
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "internal error" in err


@pytest.mark.parametrize("error", [ValueError("x"), StorageError("x"), DecodeError("x"), OSError(2, "gone")])
def test_what_is_wrong_with_an_input_is_the_inputs_fault(error: Exception) -> None:
    with pytest.raises(UnusableError, match="^ballots.json: "), reading("ballots.json"):
        raise error


def test_a_failed_check_inside_an_input_stays_a_failed_check() -> None:
    with pytest.raises(VerificationError), reading("record"):
        raise VerificationError("x", check="1.A")


def test_exit_codes_are_those_of_the_documentation() -> None:
    assert {code.name: int(code) for code in Exit} == {
        "PASS": 0,
        "FAILED": 1,
        "UNUSABLE": 2,
        "INCOMPLETE": 3,
        "UNFINISHED": 4,
        "INTERRUPTED": 130,
    }


def test_a_reader_that_goes_away_is_no_failed_check() -> None:
    code = "import sys, time; time.sleep(1); from evote.cli import main; sys.exit(main())"
    program = subprocess.Popen(
        [sys.executable, "-c", code, "info"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None and program.stderr is not None
    program.stdout.close()
    err = program.stderr.read()
    program.stderr.close()
    assert program.wait(timeout=120) == 4
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err


def test_verifying_loads_nothing_that_encrypts_or_proves() -> None:
    code = (
        "import sys\nfrom evote.cli import main\nmain(['verify', 'absent'])\n"
        "print(*[n for n in sys.modules if n.startswith('evote.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "evote.verifier" in loaded
    for secret_side in (
        "evote.ballots.encrypt",
        "evote.proofs.prove",
        "evote.ceremony.guardian",
        "evote.demo",
        "evote.guardian",
        "evote.office",
        "evote.storage",
    ):
        assert not [name for name in loaded if name == secret_side or name.startswith(f"{secret_side}.")]


def test_info_names_versions_and_groups() -> None:
    outcome = evote("info", "--json")
    facts = outcome.value()
    assert isinstance(facts, dict)
    assert facts["evote"] == __version__
    assert "gmpy2" in facts["kernel"]
    assert [item["standing"] for item in facts["groups"]] == [
        "standard 2.1 set",
        "not the standard 2.1 set",
        "not the standard 2.1 set",
    ]
    assert __version__ in evote("info").out
