"""Holds the floors: who imports whom, what the lower floors may do, and what a verifier loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import floors

ROOT = Path(__file__).resolve().parent.parent
FLOOR_OF = {package: floor for floor, packages in enumerate(floors.FLOORS) for package in packages}

COMPUTED = "?"
"""Stands for an import whose name is not written in the source."""


def sources() -> dict[str, str]:
    """Every module of the package by its dotted name, packages as ``name.__init__``."""
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "evote").rglob("*.py"))
    }
    assert "evote.__init__" in found
    return found


def package_of(module: str) -> str:
    """``evote.record.files`` -> ``record``; empty for ``evote`` itself."""
    name = module.removesuffix(".__init__")
    return name.split(".")[1] if "." in name else ""


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """The absolute dotted names that a module imports, anywhere in it: functions and branches too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(part for part in (*module.split(".")[: -node.level], base) if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            yield named_by(module, node) or COMPUTED


def called(node: ast.Call) -> str:
    """The last part of the name that a call calls: ``importlib.import_module`` -> ``import_module``."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def named_by(module: str, node: ast.Call) -> str:
    """What ``import_module`` is told to import, or empty where the source does not say.

    ``f"{__name__}.{...}"``, the way of lazy packages, can name only modules inside the caller.
    """
    argument = node.args[0] if node.args else None
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return "" if argument.value.startswith(".") else argument.value
    lazy = ("f'{__name__}.", 'f"{__name__}.')
    if isinstance(argument, ast.JoinedStr) and ast.unparse(argument).startswith(lazy):
        return module.removesuffix(".__init__")
    return ""


def under(name: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the prefixes or inside one."""
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def floor_offences(module: str, source: str) -> list[str]:
    """What a module imports from its own floor or from above it."""
    package = package_of(module)
    if package in ("", floors.TEST_KIT):
        return []
    if package not in FLOOR_OF:
        return [f"{module}: the package has no floor in tests/floors.py"]
    offences = []
    for name in imports(module, ast.parse(source)):
        if name == COMPUTED:
            if module.removesuffix(".__init__") not in floors.DYNAMIC_IMPORTERS:
                offences.append(f"{module} imports a computed name")
            continue
        target = package_of(name)
        if name.split(".")[0] != "evote" or target in (package, "__version__"):
            continue
        if target == floors.TEST_KIT:
            offences.append(f"{module} imports the test kit")
        elif target not in FLOOR_OF:
            offences.append(f"{module} imports {name}, which has no floor")
        elif FLOOR_OF[target] >= FLOOR_OF[package]:
            offences.append(
                f"{module} (floor {FLOOR_OF[package]}) imports {name} (floor {FLOOR_OF[target]})"
            )
    return offences


def purity_offences(module: str, source: str) -> list[str]:
    """Input, output, clocks, environment, global generators, logs and foreign packages of a pure floor."""
    package = package_of(module)
    tree = ast.parse(source)
    offences = []
    if package not in ("", floors.TEST_KIT, *floors.HASH_USERS):
        for name in imports(module, tree):
            if under(name, floors.HASH_MODULES):
                offences.append(f"{module} names a hash function ({name})")
    if FLOOR_OF.get(package, floors.LAST_PURE_FLOOR + 1) > floors.LAST_PURE_FLOOR:
        return offences
    allowed = floors.IMPURITY_ALLOWED.get(module.removesuffix(".__init__"), ())
    foreign = (*floors.PURE_THIRD_PARTY, *floors.PURE_OPTIONAL.get(module, ()))
    for name in imports(module, tree):
        top = name.split(".")[0]
        if under(name, floors.IMPURE):
            if not under(name, allowed):
                offences.append(f"{module} imports {name}")
        elif top not in ("evote", COMPUTED, *sys.stdlib_module_names, *foreign):
            offences.append(f"{module} imports {name}, which the core does without")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node)
            method = isinstance(node.func, ast.Attribute)
            impure = name in (floors.CLOCK_METHODS if method else floors.IMPURE_CALLS)
            if impure and name not in allowed:
                offences.append(f"{module}:{node.lineno} calls {name}()")
    return offences


def test_every_import_goes_to_a_lower_floor() -> None:
    assert [text for module, source in sources().items() for text in floor_offences(module, source)] == []


def test_the_pure_floors_do_no_io_and_read_no_clock_environment_or_global_generator() -> None:
    assert [text for module, source in sources().items() for text in purity_offences(module, source)] == []


def test_no_package_has_two_floors() -> None:
    assert len(FLOOR_OF) == sum(len(packages) for packages in floors.FLOORS)
    assert floors.TEST_KIT not in FLOOR_OF


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("evote.groups.modp", "import evote.proofs"),
        ("evote.groups.modp", "from evote.merkle import hasher"),
        ("evote.groups.modp", "from evote import merkle"),
        ("evote.groups.modp", "from ..merkle import hasher"),
        ("evote.groups.__init__", "from ..merkle import hasher"),
        ("evote.groups.modp", "from .. import merkle"),
        ("evote.groups.modp", "import evote"),
        ("evote.groups.modp", "from evote import DecodeError"),
        ("evote.groups.modp", "def late():\n    from evote.proofs.verify import verify"),
        (
            "evote.groups.modp",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import evote.cli",
        ),
        ("evote.groups.modp", "import importlib\nimportlib.import_module('evote.cli')"),
        ("evote.groups.modp", "from importlib import import_module\nimport_module(name)"),
        ("evote.groups.__init__", "from importlib import import_module\nimport_module(f'{name}.x')"),
        ("evote.groups.modp", "import importlib\nimportlib.import_module('.x', __package__)"),
        ("evote.cli.verify", "from evote.testing import groups"),
        ("evote.unknown", "x = 1"),
        ("evote.cli.verify", "import evote.unknown"),
    ],
)
def test_an_import_against_the_floors_is_found(module: str, source: str) -> None:
    assert len(floor_offences(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("evote.groups.modp", "from evote.groups.base import Group\nfrom . import base\nfrom .base import x"),
        ("evote.groups.__init__", "import importlib\nimportlib.import_module(f'{__name__}.{home}')"),
        ("evote.groups.modp", "from evote import hashing, __version__\nfrom ..codec import decode"),
        ("evote.testing.records", "import evote.cli, evote.proofs"),
        ("evote.__init__", "import importlib\nimportlib.import_module(name)"),
        ("evote.cli.verify", "import evote.errors, rich"),
    ],
)
def test_an_import_with_the_floors_passes(module: str, source: str) -> None:
    assert floor_offences(module, source) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("evote.ballots.encrypt", "import os.path"),
        ("evote.ballots.encrypt", "from os import urandom"),
        ("evote.ballots.encrypt", "def late():\n    import time"),
        ("evote.ballots.encrypt", "from importlib import resources"),
        ("evote.ballots.encrypt", "from Crypto import Random"),
        ("evote.ballots.encrypt", "import httpx"),
        ("evote.ballots.encrypt", "open('file')"),
        ("evote.ballots.encrypt", "print('vote')"),
        ("evote.ballots.encrypt", "import datetime\ndatetime.datetime.now()"),
        ("evote.ballots.encrypt", "import hashlib"),
        ("evote.verifier.checks", "from Crypto.Hash import SHA256"),
        ("evote.randomness", "import random"),
    ],
)
def test_an_impure_act_on_a_pure_floor_is_found(module: str, source: str) -> None:
    assert len(purity_offences(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("evote.randomness", "import os\nos.urandom(32)"),
        ("evote.cli.verify", "import os, time, pathlib, httpx\nopen('file')\nprint(1)"),
        ("evote.ballots.encrypt", "import math, gmpy2\nfrom evote.errors import DecodeError\nbox.open(1)"),
        ("evote.hashing", "import hashlib"),
    ],
)
def test_what_a_module_may_do_passes(module: str, source: str) -> None:
    assert purity_offences(module, source) == []


def exists(module: str) -> bool:
    """Whether a dotted name is a module or a package of the tree."""
    return module in sources() or f"{module}.__init__" in sources()


def forbidden_among(loaded: set[str]) -> list[str]:
    """The loaded modules that a program that only verifies may not load."""
    return sorted(name for name in loaded if under(name, floors.FORBIDDEN_TO_VERIFIERS))


def loaded_by(module: str) -> set[str]:
    """The modules that one import loads in a fresh interpreter."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", floors.VERIFYING)
def test_what_verifies_loads_nothing_that_proves_encrypts_or_holds_secrets(module: str) -> None:
    loaded = loaded_by(module)
    assert module in loaded
    assert forbidden_among(loaded) == []


def test_a_module_that_proves_is_seen_as_forbidden() -> None:
    assert "evote.proofs.prove" in forbidden_among(loaded_by("evote.proofs.prove"))


@pytest.mark.parametrize("module", [*floors.FORBIDDEN_TO_VERIFIERS, *floors.VERIFYING])
def test_the_lists_about_verifiers_name_only_what_exists(module: str) -> None:
    assert module == "evote" or exists(module)


def test_the_verifier_is_held_to_its_rule_as_soon_as_it_exists() -> None:
    assert ("evote.verifier" in floors.VERIFYING) == exists("evote.verifier")


def test_impurity_is_allowed_only_where_it_is_used() -> None:
    for module, names in floors.IMPURITY_ALLOWED.items():
        if not exists(module):
            assert FLOOR_OF[package_of(module)] <= floors.LAST_PURE_FLOOR
            continue
        source = sources().get(module) or sources()[f"{module}.__init__"]
        tree = ast.parse(source)
        used = {name.split(".")[0] for name in imports(module, tree)}
        used |= {called(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert set(names) <= used, f"{module} does not need all of {names}"
