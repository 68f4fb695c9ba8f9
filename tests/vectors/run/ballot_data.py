"""``ballot-data.json``: ballot nonce and contest data, by the package's encryption and checks.

The encryption is the part of the package that makes whole ballots, so that a case goes the way a
ballot goes; proofs are checked with the statement and the hashes that the package's examiner uses.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from evote.ballots import Election, hashes
from evote.ballots.encrypt import Encryptor
from evote.ballots.opening import open_nonce
from evote.ballots.plaintext import ContestVote
from evote.ballots.unseal import open_data
from evote.ballots.values import HashedCiphertext
from evote.elgamal import PublicKey
from evote.errors import DecodeError, VerificationError
from evote.groups import Scalar
from evote.manifest import Contest, ContestData, ContestRecord
from evote.proofs.relation import RelationProof, knowledge
from evote.proofs.verify import verify
from evote.secret import Secret
from tests.vectors.form import read_value, written
from tests.vectors.run import Kinds, Result
from tests.vectors.scripted import Scripted
from tests.vectors.setting import package_group

FILE = "ballot-data.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](_key(params["group"], params["data_key"]), **given)


@functools.cache
def _key(group: str, encoded: str) -> PublicKey:
    return PublicKey.of(package_group(group).decode(bytes.fromhex(encoded)))


@dataclass(frozen=True)
class _Bytes:
    """Stands for a contest record: the case gives the bytes."""

    data: bytes

    def encode(self, contest: Contest) -> bytes:
        return self.data


def _encryptor(public: PublicKey, key: str, ballot_nonce: str, rng: Scripted) -> Encryptor:
    # Ballot nonce and contest data use nothing of the election but its group and this key.
    election = cast("Election", SimpleNamespace(group=public.group, data_key=public))
    return Encryptor(election, bytes.fromhex(key), Secret(bytes.fromhex(ballot_nonce)), rng)


def _encrypt_nonce(public: PublicKey, key: str, ballot_nonce: str, nonce: str, u: str) -> Result:
    rng = Scripted(numbers=[int(nonce, 16), int(u, 16)])
    made, _ = _encryptor(public, key, ballot_nonce, rng).ballot_nonce()
    rng.end()
    return Result(written(made))


def _encrypt_data(public: PublicKey, key: str, contest: int, ballot_nonce: str, data: str, u: str) -> Result:
    raw = bytes.fromhex(data)
    described = Contest(contest, "contest", 1, (), ContestData(1, 11, len(raw) // 32))
    vote = ContestVote(described, (), cast("ContestRecord", _Bytes(raw)))
    rng = Scripted(numbers=[int(u, 16)])
    made, _ = _encryptor(public, key, ballot_nonce, rng)._contest_data(vote)
    rng.end()
    return Result(written(made))


def _open_nonce(public: PublicKey, key: str, c0: str, c1: str, beta: str) -> Result:
    group = public.group
    alpha, shared = group.decode(bytes.fromhex(c0)), group.decode(bytes.fromhex(beta))
    return Result(open_nonce(bytes.fromhex(key), alpha, shared, bytes.fromhex(c1)).reveal())


def _open_data(public: PublicKey, key: str, contest: int, c0: str, c1: str, beta: str) -> Result:
    group = public.group
    alpha, shared = group.decode(bytes.fromhex(c0)), group.decode(bytes.fromhex(beta))
    return Result(open_data(bytes.fromhex(key), contest, alpha, shared, bytes.fromhex(c1)))


def _verify(
    public: PublicKey, key: str, c0: str, c1: str, c2: dict[str, str], contest: int | None = None
) -> Result:
    group, h_i = public.group, bytes.fromhex(key)
    try:
        sealed = read_value(HashedCiphertext, {"c0": c0, "c1": c1, "c2": c2}, group.element_bytes)
    except DecodeError:
        return Result("decode")

    def challenge(commitments: Sequence[bytes]) -> Scalar:
        if contest is None:
            return hashes.ballot_nonce_challenge(group, h_i, commitments[0], sealed.c0, sealed.c1)
        return hashes.contest_data_challenge(group, h_i, contest, commitments[0], sealed.c0, sealed.c1)

    try:
        claimed = group.claim(sealed.c0)
        response = group.decode_scalar(sealed.c2.response)
        proof = RelationProof(group.decode_scalar(sealed.c2.challenge), (response,))
        verify(group, knowledge((group.generator, claimed)), proof, challenge)
    except (DecodeError, VerificationError):
        return Result("verify", ("E.4" if contest is None else "E.5",))
    return Result("accept")


KINDS: Kinds = {
    "encrypt nonce": _encrypt_nonce,
    "encrypt data": _encrypt_data,
    "open nonce": _open_nonce,
    "open data": _open_data,
    "verify nonce": _verify,
    "verify data": _verify,
}
