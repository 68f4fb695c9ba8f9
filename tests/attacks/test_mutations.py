"""No attack's test is green when the check that stops the attack is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.mutant import prepare, survives
from tests.attacks.mutations import MUTATIONS, PACKAGE

EVERY = [(attack, number) for attack, found in MUTATIONS.items() for number in range(len(found))]


@pytest.mark.parametrize("attack", MUTATIONS)
def test_what_a_mutation_removes_stands_in_its_module_once(attack: str) -> None:
    assert MUTATIONS[attack], "there is a check to remove for every attack"
    for mutation in MUTATIONS[attack]:
        source = (PACKAGE / mutation.module).read_text(encoding="utf-8")
        assert source.count(mutation.old) == 1, (mutation.module, mutation.old)
        compile(source.replace(mutation.old, mutation.new), mutation.module, "exec")


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("mutant"))


@pytest.mark.long
@pytest.mark.parametrize(("attack", "number"), EVERY, ids=[f"{a}-{n}" for a, n in EVERY])
def test_without_its_check_the_attack_gets_through_and_its_test_is_red(
    attack: str, number: int, copy: Path
) -> None:
    assert survives(copy, attack, MUTATIONS[attack][number]) == ""
