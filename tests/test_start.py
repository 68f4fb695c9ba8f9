"""The script that sets a fresh machine up: what it refuses, and when it installs again."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "start.py"


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module that works in an empty folder with a project file of its own."""
    spec = importlib.util.spec_from_file_location("start_under_test", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "evote-installed")
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    return module


@pytest.mark.parametrize("arguments", [(), ("vote",), ("--scale", "5")])
def test_wrong_arguments_end_with_2_and_show_the_usage(arguments: tuple[str, ...]) -> None:
    done = start(*arguments)
    assert done.returncode == 2
    assert "python3 start.py demo" in done.stderr
    assert done.stdout == ""


def test_help_goes_to_stdout() -> None:
    done = start("--help")
    assert done.returncode == 0
    assert "python3 start.py test" in done.stdout


def test_an_old_python_is_refused_in_one_sentence() -> None:
    code = (
        "import runpy, sys; sys.version_info = (3, 8, 18); sys.version = '3.8.18 (main)'; "
        f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 4
    assert done.stderr == "evote needs Python 3.11 or later; this is Python 3.8.18.\n"


def test_the_syntax_is_one_that_old_pythons_can_read_far_enough_to_be_refused() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_environment_without_stamp_is_not_ready(script: ModuleType) -> None:
    assert not script.is_ready("")
    assert not script.is_ready("test")


def test_an_environment_is_ready_until_the_project_file_changes(script: ModuleType) -> None:
    script.STAMP.write_text(script.stamp_text("test"))
    assert script.is_ready("test")
    assert script.is_ready("")
    (script.ROOT / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert not script.is_ready("test")


def test_an_environment_for_the_demo_does_not_do_for_the_tests(script: ModuleType) -> None:
    script.STAMP.write_text(script.stamp_text(""))
    assert script.is_ready("")
    assert not script.is_ready("test")


def test_an_environment_whose_python_is_gone_is_not_ready(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.STAMP.write_text(script.stamp_text("test"))
    monkeypatch.setattr(script, "PYTHON", script.VENV / "bin" / "python")
    assert not script.is_ready("test")


def test_a_folder_that_is_not_an_environment_is_left_alone(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "PYTHON", script.VENV / "bin" / "python")
    mine = script.VENV / "thesis.txt"
    mine.write_text("years of work")
    with pytest.raises(script.SetupError, match="not a virtual environment"):
        script.make_venv()
    assert mine.read_text() == "years of work"
    assert script.main(["install"]) == 4


def test_a_failed_installation_leaves_no_stamp(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    script.STAMP.write_text("old")
    monkeypatch.setattr(script, "works", lambda: True)
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(script.subprocess, "run", lambda *_, **__: failed)
    assert script.main(["install"]) == 4
    assert not script.STAMP.exists()


def test_the_readme_names_commands_that_the_script_has() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in readme.splitlines() if line.strip().startswith("python3 start.py ")]
    assert {line.split()[2] for line in lines} >= {"demo", "test"}
    known = start().stderr
    assert all(f"python3 start.py {line.split()[2]} " in known for line in lines)


def test_tests_run_on_all_cores_unless_somebody_debugs(script: ModuleType) -> None:
    assert script.spread(["-k", "architecture"]) == ["-n", "auto", "--dist", "worksteal"]
    for option in ("-n4", "--numprocesses=1", "--pdb", "-s"):
        assert script.spread([option]) == []
