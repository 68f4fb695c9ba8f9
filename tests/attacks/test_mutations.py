"""No attack's test is green when a check that stops the attack is gone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.attacks.mutations import MUTATIONS, PACKAGE


@pytest.mark.parametrize("attack", MUTATIONS)
def test_what_a_mutation_removes_stands_in_its_module_once(attack: str) -> None:
    assert MUTATIONS[attack], "there is a check to remove for every attack"
    for mutation in MUTATIONS[attack]:
        mutation.check(PACKAGE)
        compile(mutation.source(PACKAGE), mutation.module, "exec")


@pytest.mark.long
def test_without_its_check_an_attack_gets_through_and_its_test_is_red() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.mutant"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" red") == sum(map(len, MUTATIONS.values()))
