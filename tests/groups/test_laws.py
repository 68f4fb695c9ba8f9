"""Every law over every group."""

from __future__ import annotations

import functools

import pytest

from tests.groups.laws import LAWS, Law, Subject
from tests.groups.subjects import SUBJECTS


@functools.cache
def subject_named(name: str) -> Subject:
    return SUBJECTS[name]()


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(name: str, law: Law) -> None:
    law(subject_named(name))


def test_there_are_laws_of_every_kind() -> None:
    names = {law.__name__ for law in LAWS}
    assert len(names) == len(LAWS) > 20
