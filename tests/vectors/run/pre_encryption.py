"""``pre-encryption-hashes.json``: the formulas over the package's H and its encodings of fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evote import hashing
from evote.groups import Group, Scalar
from evote.hashing import text, u32
from tests.vectors.run import Result
from tests.vectors.run.hashes import hashed
from tests.vectors.setting import package_group

FILE = "pre-encryption-hashes.json"


def run(params: dict[str, Any], use: str, **given: Any) -> Result:
    return Result(hashed(USES, package_group(params["group"]), use, given))


def _nonce(group: Group, key: bytes, contest: int, vector: int, position: int, nonce: bytes) -> Scalar:
    digest = hashing.hmac(key, 0x45, u32(contest), u32(vector), u32(position), nonce)
    return group.scalar_from_digest(digest)


USES: dict[str, Callable[..., bytes | Scalar]] = {
    "pre_selection_hash": lambda group, key, ciphertexts: hashing.hmac(
        key, 0x40, *(part for pair in ciphertexts for part in pair)
    ),
    "pre_contest_hash": lambda group, key, contest, selection_hashes: hashing.hmac(
        key, 0x41, u32(contest), *sorted(selection_hashes)
    ),
    "pre_confirmation_code": lambda group, key, contest_hashes, chaining_field: hashing.hmac(
        key, 0x42, *contest_hashes, chaining_field
    ),
    "pre_chain_code": lambda group, key, chaining_field: hashing.hmac(key, 0x42, chaining_field),
    "pre_device_hash": lambda group, key, device: hashing.hmac(key, 0x43, text(device)),
    "pre_closing_digest": lambda group, key, last_code, initial_field: hashing.hmac(
        key, 0x44, last_code, initial_field
    ),
    "pre_nonce": _nonce,
}
