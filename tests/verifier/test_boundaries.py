"""Numbers at the very border of their range: q is out of range, q - 1 is in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.record import RecordReader
from evote.testing.elections import Kit, Published
from evote.verifier.verify import _verify
from tests.verifier import alone
from tests.verifier.alone import ceremony, honest


def _set(number: int) -> alone.Callable[[Kit, bytes], bytes]:
    return lambda kit, data: (kit.q + number).to_bytes(32, "big")


def _guardian(number: int) -> alone.Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        published.guardians = alone._guardians(
            kit,
            lambda record: replace(
                record, vote_proof=alone._response(record.vote_proof, lambda data: _set(number)(kit, data))
            ),
            1,
        )
        return published

    return make


def _decrypted(number: int) -> alone.Make:
    return alone._decrypted(lambda kit, one: replace(one, response=_set(number)(kit, one.response)))


PLACES = {
    "2.B": (_guardian, "small"),
    "6.B": (lambda number: alone._range("challenge", _set(number)), "small"),
    "6.C": (lambda number: alone._range("response", _set(number)), "small"),
    "7.B": (lambda number: alone._limit("challenge", _set(number)), "small"),
    "7.C": (lambda number: alone._limit("response", _set(number)), "small"),
    "10.A": (_decrypted, "small"),
    "12.A": (lambda number: alone._data("response", _set(number)), "opened"),
}


@pytest.mark.parametrize("check", PLACES)
def test_q_is_out_of_range_and_the_number_before_it_is_not(check: str, tmp_path: Path) -> None:
    make, draft = PLACES[check]
    kit = ceremony(draft)
    for number, out in ((0, True), (-1, False)):
        directory = kit.write(make(number)(kit), tmp_path / str(number))
        report = _verify(RecordReader(directory, {kit.group.name: kit.group}))
        assert (check in report.failed) is out
        # The proof that the number belongs to does not hold either way.
        assert len(report.failed) == 1 + out
