"""What must not stand in the repository: unfinished code, switched-off checks, one machine's paths."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (".ci", "benches", "evote", "specs", "tests", "typings", "vectors")
SUFFIXES = (".cff", ".css", ".csv", ".html", ".in", ".js", ".json", ".md", ".py", ".pyi", ".toml", ".txt")

UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")
MACHINE_PATH = re.compile(r"(?<![\w.+/=~-])/(?:work|tmp|root|home/\w+|Users/\w+)/")
"""An absolute path of somebody's machine; temporary folders come from ``tempfile`` or ``tmp_path``."""


def texts(*, data: bool = True) -> Iterator[tuple[str, str]]:
    """The project's text files by their path from the root; ``data`` says whether JSON and CSV count."""
    paths = [path for path in ROOT.iterdir() if path.suffix in SUFFIXES and path.is_file()]
    paths.append(ROOT / ".ci" / "run")
    for folder in FOLDERS:
        paths += [path for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    for path in sorted(paths):
        if data or path.suffix not in (".json", ".csv"):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def matches(pattern: re.Pattern[str], files: Iterator[tuple[str, str]]) -> list[str]:
    """``path:line: match`` for every hit."""
    return [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group()}"
        for name, text in files
        for hit in pattern.finditer(text)
    ]


def weak_spots(source: str) -> list[str]:
    """Lines that switch a check off or swallow an error without a trace."""
    spots = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "verify" and is_constant(node.value, False):
            spots.append(f"{node.lineno}: verify=False")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(argument.arg == "verify" for argument in every_argument(node.args)):
                spots.append(f"{node.lineno}: an argument that switches verification")
        elif isinstance(node, ast.ExceptHandler) and all(is_nothing(line) for line in node.body):
            spots.append(f"{node.lineno}: an error is dropped")
        elif isinstance(node, ast.Assert):
            spots.append(f"{node.lineno}: an assert, which python -O leaves out")
    return spots


def is_constant(node: ast.AST, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def every_argument(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def is_nothing(line: ast.stmt) -> bool:
    return isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and is_constant(line.value, ...))


def test_nothing_is_left_unfinished() -> None:
    assert matches(UNFINISHED, texts(data=False)) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert matches(MACHINE_PATH, texts()) == []


def test_the_package_switches_no_check_off_and_drops_no_error() -> None:
    found = []
    for path in sorted((ROOT / "evote").rglob("*.py")):
        if "testing" not in path.relative_to(ROOT).parts:
            spots = weak_spots(path.read_text(encoding="utf-8"))
            found += [f"{path.relative_to(ROOT)}:{spot}" for spot in spots]
    assert found == []


def test_the_search_reads_the_files_it_is_meant_to_read() -> None:
    names = [name for name, _ in texts()]
    for name in ("README.md", "pyproject.toml", "start.py", ".ci/run", "evote/errors.py", "tests/floors.py"):
        assert Path(name) in map(Path, names)


@pytest.mark.parametrize("text", ["# TO" + "DO: x", "raise NotImplemented" + "Error", "x()  # FIX" + "ME"])
def test_unfinished_code_is_found(text: str) -> None:
    assert matches(UNFINISHED, iter([("file", text)]))


@pytest.mark.parametrize("text", ["return NotImplemented", "todo", "METODOLOGIA"])
def test_ordinary_words_pass(text: str) -> None:
    assert not matches(UNFINISHED, iter([("file", text)]))


@pytest.mark.parametrize("text", ["see /" + "tmp/record", "'/" + "home/somebody/evote'", "(/" + "work/main)"])
def test_a_path_of_one_machine_is_found(text: str) -> None:
    assert matches(MACHINE_PATH, iter([("file", text)]))


@pytest.mark.parametrize("text", ["~/work/evote", "paper/work/home", "https://example.org/work/", "../tmp/x"])
def test_other_paths_pass(text: str) -> None:
    assert not matches(MACHINE_PATH, iter([("file", text)]))


@pytest.mark.parametrize(
    "source",
    [
        "f(verify=False)",
        "def f(x, verify=True): ...",
        "try:\n    f()\nexcept ValueError:\n    pass",
        "assert x",
    ],
)
def test_a_weak_spot_is_found(source: str) -> None:
    assert weak_spots(source)


@pytest.mark.parametrize("source", ["f(verify=check)", "try:\n    f()\nexcept ValueError:\n    g()"])
def test_ordinary_code_passes(source: str) -> None:
    assert not weak_spots(source)
