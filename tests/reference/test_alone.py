"""The second verifier is one short file that needs nothing but the standard library, and runs by itself."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from evote.groups import named
from evote.record import Stage
from evote.report import Report, Verdict
from evote.testing.elections import SMALL, Kit
from evote.verifier import verify_record
from evote.verifier.registry import CHECKS, later_than
from tests.reference.second import FILE, reference

LINES = 1863
"""Whoever adds to the file looks first for what can go."""


def test_it_is_one_file_of_the_standard_library() -> None:
    source = FILE.read_text("utf-8")
    assert len(source.splitlines()) < LINES
    assert max(map(len, source.splitlines())) <= 120
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module is not None
            imported.add(node.module.partition(".")[0])
    assert imported <= sys.stdlib_module_names
    assert "__import__" not in source and "importlib" not in source and "import evote" not in source


def test_it_has_every_check_of_the_verifier_in_its_order() -> None:
    assert [check.id for check in CHECKS] == reference.ORDER
    for stage in reference.STAGES:
        assert reference.later(stage) == later_than(Stage(stage))


def alone(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of the program in an empty folder, isolated from everything installed."""
    command = [sys.executable, "-I", "-S", str(FILE), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kit, Path]:
    """A small election in the standard group."""
    contests = [{"label": "Mayor", "options": ["Ada", "Grace"], "contest_data": True}]
    kit = Kit({**SMALL, "contests": contests}, guardians=2, seed="alone", group=named("electionguard-4096"))
    kit.vote("North", {"Mayor": {"Ada": 1}})
    kit.vote("South", {"Mayor": {"Grace": 1}}, challenge=True)
    return kit, kit.write(kit.publish(), tmp_path_factory.mktemp("standard") / "record")


def said(report: Report) -> dict[str, str]:
    return {check.id: check.status.value for check in report.checks}


def test_a_record_in_the_standard_group_passes_in_both_and_alone(
    record: tuple[Kit, Path], tmp_path: Path
) -> None:
    kit, directory = record
    theirs = verify_record(directory, expect=kit.election.fingerprint)
    assert theirs.verdict is Verdict.PASS
    file = tmp_path / "report.json"
    code, _ = alone(tmp_path, str(directory), "--json", str(file), "--expect", kit.election.fingerprint)
    report = json.loads(file.read_text("utf-8"))
    assert (code, report["verdict"]) == (0, "PASS")
    assert {check["id"]: check["status"] for check in report["checks"]} == said(theirs)
    assert report["subject"]["fingerprint"] == kit.election.fingerprint


def test_the_exit_codes_are_those_of_every_program(record: tuple[Kit, Path], tmp_path: Path) -> None:
    _, directory = record
    code, output = alone(tmp_path, str(directory), "--stage", "setup", "--expect", "00" * 32, "--json", "-")
    failed = [check["id"] for check in json.loads(output)["checks"] if check["status"] == "FAIL"]
    assert code == 1 and failed == ["E.19"]
    assert alone(tmp_path, str(tmp_path / "nowhere"))[0] == 2
    assert alone(tmp_path, str(directory), "--expect", "short")[0] == 2


def test_a_record_that_is_not_that_far_is_incomplete(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="alone", group=named("electionguard-3072"), guardians=1, quorum=1)
    directory = kit.write(kit.publish(), tmp_path / "record", stage=Stage.SETUP)
    code, output = alone(tmp_path, str(directory))
    assert code == 3 and "10.B  NOT_CHECKED" in output and "not the standard" in output
