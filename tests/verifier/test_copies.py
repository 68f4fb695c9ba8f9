"""Copies of somebody's ballot, whole or in part, that would show or repeat how they voted (A5, A53, A63)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots.values import SubmittedBallot
from evote.record import RecordReader
from evote.testing.elections import Kit
from evote.verifier.verify import _verify
from tests.verifier.alone import ceremony, voted


def failed(kit: Kit, directory: Path) -> set[str]:
    # The ballots are what is attacked; sums, decryption and result follow from them as they are.
    record = kit.write(kit.publish(), directory)
    return set(_verify(RecordReader(record, {kit.group.name: kit.group})).failed)


def _own(kit: Kit) -> SubmittedBallot:
    """A ballot of the copyist, honest so far."""
    return kit.vote("South", {"Mayor": {"blank": 1}, "Council": {}})


def _exact(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    return victim


def _whole_under_another_identifier(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    own = _own(kit)
    ballot = replace(own.ballot, contests=victim.ballot.contests, nonce=victim.ballot.nonce)
    return replace(own, ballot=kit.forge.rehash(ballot))


def _one_contest(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    own = _own(kit)
    ballot = replace(own.ballot, contests=(victim.ballot.contests[0], own.ballot.contests[1]))
    return replace(own, ballot=kit.forge.rehash(ballot))


def _selection(kit: Kit, victim: SubmittedBallot, factor: int) -> SubmittedBallot:
    """One ciphertext of the victim, encrypted once more with the nonce ``factor``."""
    own = _own(kit)
    copied = victim.ballot.contests[0].selections[0]
    alpha = int.from_bytes(copied.alpha, "big") * pow(kit.forge.g, factor, kit.p) % kit.p
    beta = int.from_bytes(copied.beta, "big") * pow(kit.forge.vote_key, factor, kit.p) % kit.p
    size = kit.group.element_bytes
    again = replace(copied, alpha=alpha.to_bytes(size, "big"), beta=beta.to_bytes(size, "big"))
    mayor, council = own.ballot.contests
    mayor = replace(mayor, selections=(again, *mayor.selections[1:]))
    return replace(own, ballot=kit.forge.rehash(replace(own.ballot, contests=(mayor, council))))


def _one_ciphertext(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    return _selection(kit, victim, 0)


def _one_ciphertext_encrypted_again(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    return _selection(kit, victim, 4711)


def _nonce_as_contest_data(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    """The victim's sealed ballot nonce as the copyist's contest data, which guardians open (A53)."""
    own = _own(kit)
    mayor, council = own.ballot.contests
    assert council.data is not None
    stolen = victim.ballot.nonce
    data = replace(stolen, c1=stolen.c1.ljust(len(council.data.c1), b"\x00"))
    ballot = replace(own.ballot, contests=(mayor, replace(council, data=data)))
    return replace(own, ballot=kit.forge.rehash(ballot))


def _contest_data(kit: Kit, victim: SubmittedBallot) -> SubmittedBallot:
    own = _own(kit)
    mayor, council = own.ballot.contests
    ballot = replace(own.ballot, contests=(mayor, replace(council, data=victim.ballot.contests[1].data)))
    return replace(own, ballot=kit.forge.rehash(ballot))


COPIES: dict[Callable[[Kit, SubmittedBallot], SubmittedBallot], set[str]] = {
    _exact: {"5.A", "E.6"},
    _whole_under_another_identifier: {"6.D", "7.D", "E.4", "E.5", "E.6"},
    _one_contest: {"6.D", "7.D", "E.6"},
    _one_ciphertext: {"6.D", "7.D", "E.6"},
    _one_ciphertext_encrypted_again: {"6.D", "7.D"},
    _nonce_as_contest_data: {"E.5", "E.6"},
    _contest_data: {"E.5", "E.6"},
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_found_by_its_proof_and_by_its_ciphertext(
    copy: Callable[[Kit, SubmittedBallot], SubmittedBallot], tmp_path: Path
) -> None:
    kit = voted(ceremony("small"))
    victim = kit.submitted[0]
    copied = copy(kit, victim)
    if copy is _exact:
        kit.submitted.append(copied)
    else:
        kit.submitted[-1] = copied
    assert failed(kit, tmp_path / "record") == COPIES[copy]
