"""The compact list of a device's codes finds each entry once, in the order of the list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evote.verifier.checks.v08_chains import CodeList

CODES = st.integers(0, 6).map(lambda number: bytes((number,)) * 32)


@given(st.lists(CODES), st.lists(CODES))
def test_it_agrees_with_a_plain_search(listed: list[bytes], asked: list[bytes]) -> None:
    codes = CodeList(tuple(listed))
    rest: list[bytes | None] = list(listed)
    for code in asked:
        expected = rest.index(code) if code in rest else None
        assert codes.find(code) == expected
        if expected is not None:
            assert codes[expected] == code
            rest[expected] = None
    left = [code for code in rest if code is not None]
    assert codes.not_found() == (len(left), left[0] if left else b"")
