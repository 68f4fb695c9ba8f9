"""Runs the tests of every attack with one check removed: ``python -m tests.attacks.mutant [ID …]``.

The package and the tests are imported once. Every mutation has a child process of its own: there the module
is compiled again without the check, and the code of each of its functions, and its plain constants, take the
place of those that everybody holds. So the child differs from the parent by that check alone.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.attacks.mutations import MUTATIONS, PACKAGE, Mutation

HERE = Path(__file__).resolve().parent
CRASHES = ("ERROR collecting", "NameError", "SyntaxError", "ImportError", "UnboundLocalError", "no tests ran")
"""What is red for another reason than an attack that got through, or that something else had to stop."""
IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
RED, GREEN, CRASHED = range(3)


def functions(holder: object, seen: set[int], module: str) -> Iterator[tuple[str, types.FunctionType]]:
    """Every function of a module by its qualified name, methods and properties included."""
    for value in list(vars(holder).values()):
        if isinstance(value, property):
            parts: list[object] = [value.fget, value.fset]
        else:
            parts = [value]
        for part in parts:
            found = getattr(part, "__func__", part)
            found = getattr(found, "__wrapped__", found)
            if isinstance(found, types.FunctionType) and found.__module__ == module:
                yield found.__qualname__, found
            elif isinstance(part, type) and part.__module__ == module and id(part) not in seen:
                seen.add(id(part))
                yield from functions(part, seen, module)


def replace_in(name: str, source: str) -> None:
    """Let the loaded module ``name`` do what ``source`` says."""
    live = sys.modules[name]
    other = types.ModuleType(name)
    other.__dict__.update(__file__=live.__file__, __package__=live.__package__)
    sys.modules[name] = other  # dataclasses look their module up
    try:
        exec(compile(source, live.__file__ or name, "exec"), other.__dict__)
    finally:
        sys.modules[name] = live
    new = dict(functions(other, set(), name))
    for qualified, function in functions(live, set(), name):
        if qualified in new:
            function.__code__ = new[qualified].__code__
    for key, value in vars(other).items():
        if key.lstrip("_").isupper() and not callable(value) and type(value).__module__ != name:
            setattr(live, key, value)


def run(attack: str, mutation: Mutation) -> int:
    """In a child process: the tests of an attack without that check."""
    name = f"test_A{int(attack[1:]):02}_"
    files = [str(file) for file in HERE.glob("test_*.py") if name in file.read_text(encoding="utf-8")]
    mutation.check(PACKAGE)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        replace_in(mutation.name, mutation.source(PACKAGE))
        code = pytest.main(
            ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *IMPORTED, "-k", name, *files]
        )
    if code == 1 and not any(word in said.getvalue() for word in CRASHES):
        return RED
    sys.stderr.write(said.getvalue()[-3000:])
    return GREEN if code == 0 else CRASHED


def survivors(wanted: list[str]) -> list[str]:
    """Every mutation that no test of its attack objects to, by attack and number."""
    modules = {mutation.name for found in MUTATIONS.values() for mutation in found}
    for name in modules:
        importlib.import_module(name)
    for file in sorted(HERE.glob("test_*.py")):
        importlib.import_module(f"tests.attacks.{file.stem}")
    left = []
    for attack in wanted:
        for number, mutation in enumerate(MUTATIONS[attack]):
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                _end(attack, mutation)
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            print(f"{attack}-{number} {'red' if code == RED else 'SURVIVES'}", flush=True)
            if code != RED:
                left.append(f"{attack}-{number}")
    return left


def _end(attack: str, mutation: Mutation) -> NoReturn:
    """What a child does; nothing of the parent goes on in it."""
    code = CRASHED
    try:
        code = run(attack, mutation)
    except Exception:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(1 if survivors(sys.argv[1:] or list(MUTATIONS)) else 0)
