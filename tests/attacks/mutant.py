"""A copy of the project with one check removed, in which an attack's test is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.attacks.mutations import PACKAGE, Mutation

ROOT = PACKAGE.parent
_PARTS = ("evote", "tests", "specs", "vectors", "typings")
_FILES = ("pyproject.toml", "README.md")
CRASHES = ("ERROR collecting", "NameError", "SyntaxError", "IndentationError", "ImportError", "no tests ran")
"""What is red for another reason than an attack that got through."""


def prepare(folder: Path) -> Path:
    """A copy of the project below ``folder``."""
    for name in _PARTS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


def survives(copy: Path, attack: str, mutation: Mutation) -> str:
    """Runs the tests of an attack without that check; what they say if they do not object, or ''."""
    path = copy / "evote" / mutation.module
    name = f"test_A{int(attack[1:]):02}_"
    files = [file for file in (copy / "tests" / "attacks").glob("test_*.py") if name in file.read_text()]
    kept = path.read_bytes()
    _forget(path)
    mutation.apply(copy / "evote")
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"),
                *("-k", name, *map(str, files)),
            ],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    finally:
        path.write_bytes(kept)
        _forget(path)
    said = done.stdout + done.stderr
    if done.returncode == 1 and not any(word in said for word in CRASHES):
        return ""
    return f"exit {done.returncode}\n{said[-2000:]}"


def _forget(path: Path) -> None:
    """What was compiled of a module may look as new as the module."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()
