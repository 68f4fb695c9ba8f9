"""``hashes.json``: each use of H by the package's own named function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evote import hashing
from evote.ballots import hashes as ballots
from evote.ballots import preencrypted_hashes as pre_ballots
from evote.ceremony import hashes as ceremony
from evote.ceremony.messages import GroupedProof, GuardianRecord
from evote.ceremony.setting import Setting
from evote.decryption import hashes as decryption
from evote.groups import Group, Scalar
from evote.manifest import Parameters, base_hash, parameter_base_hash
from evote.manifest import params as manifest
from tests.vectors.form import plain
from tests.vectors.run import Result
from tests.vectors.setting import package_group

FILE = "hashes.json"

Value = bytes | Scalar


def run(params: dict[str, Any], use: str, **given: Any) -> Result:
    return Result(hashed(USES, package_group(params["group"]), use, given))


def hashed(uses: dict[str, Callable[..., Value]], group: Group, use: str, given: dict[str, Any]) -> Any:
    """The result of one use on the fields of a case, and the number of bytes that H was given."""
    seen: list[int] = []
    real = hashing.hmac

    def counting(key: bytes, domain: int, *fields: bytes) -> bytes:
        seen.append(1 + sum(map(len, fields)))
        return real(key, domain, *fields)

    with pytest.MonkeyPatch.context() as patch:
        for module in (hashing, ballots, pre_ballots, ceremony, decryption, manifest):
            patch.setattr(module, "hmac", counting)
        value = uses[use](group, **{name: fields(name, member) for name, member in given.items()})
    (length,) = seen
    return {"bytes": length, "value": plain(value.encode() if isinstance(value, Scalar) else value)}


TEXTS = ("device", "manifest")


def fields(name: str, value: Any) -> Any:
    """A field of a case: bytes, numbers, lists of them, or one of the two texts."""
    if isinstance(value, list):
        return [fields(name, member) for member in value]
    return bytes.fromhex(value) if isinstance(value, str) and name not in TEXTS else value


def _setting(group: Group, key: bytes, quorum: int = 1) -> Setting:
    return Setting(group, 3, quorum, key, key)


def _key_proof(challenge: Callable[..., Scalar]) -> Callable[..., Value]:
    def use(
        group: Group, key: bytes, i: int, keys: list[bytes], kappa: bytes, commitments: list[bytes]
    ) -> Value:
        return challenge(_setting(group, key), i, keys, kappa, commitments)

    return use


def _guardian_hash(
    group: Group,
    key: bytes,
    vote_key: bytes,
    data_key: bytes,
    vote_commitments: list[list[bytes]],
    data_commitments: list[list[bytes]],
    kappas: list[bytes],
) -> Value:
    none = GroupedProof(bytes(32), ())
    records = [
        GuardianRecord(index, tuple(vote), tuple(data), kappa, none, none, none)
        for index, (vote, data, kappa) in enumerate(
            zip(vote_commitments, data_commitments, kappas, strict=True), 1
        )
    ]
    return ceremony.guardian_hash(key, vote_key, data_key, records)


def _contest_hash(
    group: Group, key: bytes, contest: int, ciphertexts: list[list[bytes]], data: list[bytes]
) -> Value:
    return ballots.contest_hash(key, contest, [part for pair in ciphertexts for part in pair], data)


# The arguments have the names that the cases give them.
USES: dict[str, Callable[..., Value]] = {
    "parameter_base_hash": lambda group, guardians, quorum: parameter_base_hash(
        Parameters(group, guardians, quorum)
    ),
    "base_hash": lambda group, key, manifest: base_hash(key, manifest.encode()),
    "vote_key_challenge": _key_proof(ceremony.vote_key_challenge),
    "data_key_challenge": _key_proof(ceremony.data_key_challenge),
    "share_key": lambda group, key, i, l, kappa, alpha, beta: ceremony.share_key(  # noqa: E741
        _setting(group, key), i, l, kappa, alpha, beta
    ),
    "share_challenge": lambda group, key, i, l, gamma, c0, c1: ceremony.share_challenge(  # noqa: E741
        _setting(group, key), i, l, gamma, c0, c1
    ),
    "guardian_hash": _guardian_hash,
    "extended_base_hash": lambda group, key, vote_key, data_key: ceremony.extended_base_hash(
        key, vote_key, data_key
    ),
    "identifier_hash": lambda group, key, identifier: ballots.identifier_hash(key, identifier),
    "selection_nonce": lambda group, key, contest, option, ballot_nonce: ballots.selection_nonce(
        group, key, contest, option, ballot_nonce
    ),
    "ballot_nonce_key": lambda group, key, alpha, beta: ballots.ballot_nonce_key(key, alpha, beta),
    "ballot_nonce_challenge": lambda group, key, a, c0, c1: ballots.ballot_nonce_challenge(
        group, key, a, c0, c1
    ),
    "selection_challenge": lambda group, key, contest, option, alpha, beta, commitments: (
        ballots.selection_challenge(group, key, contest, option, alpha, beta, commitments)
    ),
    "limit_challenge": lambda group, key, contest, alpha, beta, commitments: ballots.limit_challenge(
        group, key, contest, alpha, beta, commitments
    ),
    "contest_data_nonce": lambda group, key, contest, ballot_nonce: ballots.contest_data_nonce(
        group, key, contest, ballot_nonce
    ),
    "contest_data_key": lambda group, key, contest, alpha, beta: ballots.contest_data_key(
        key, contest, alpha, beta
    ),
    "contest_data_challenge": lambda group, key, contest, a, c0, c1: ballots.contest_data_challenge(
        group, key, contest, a, c0, c1
    ),
    "contest_hash": _contest_hash,
    "confirmation_code": lambda group, key, contest_hashes, chaining_field: ballots.confirmation_code(
        key, contest_hashes, chaining_field
    ),
    "chain_code": lambda group, key, chaining_field: ballots.chain_code(key, chaining_field),
    "device_hash": lambda group, key, device: ballots.device_hash(key, device),
    "closing_digest": lambda group, key, last_code, initial_field: ballots.closing_digest(
        key, last_code, initial_field
    ),
    "tally_commitment": lambda group, key, contest, option, i, A, B, a, b, M, U: decryption.tally_commitment(
        key, contest, option, i, A, B, a, b, M, U
    ),
    "tally_challenge": lambda group, key, contest, option, A, B, a, b, M: decryption.tally_challenge(
        group, key, contest, option, A, B, a, b, M
    ),
    "data_commitment": lambda group, key, contest, i, data, a, b, m, U: decryption.data_commitment(
        key, contest, i, data, a, b, m, U
    ),
    "data_challenge": lambda group, key, contest, data, a, b, beta: decryption.data_challenge(
        group, key, contest, data, a, b, beta
    ),
}
