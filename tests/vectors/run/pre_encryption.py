"""``pre-encryption-hashes.json``: the package's functions by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evote.ballots import preencrypted_hashes as pre_hashes
from evote.groups import Scalar
from tests.vectors.run import Result
from tests.vectors.run.hashes import hashed
from tests.vectors.setting import package_group

FILE = "pre-encryption-hashes.json"


def run(params: dict[str, Any], use: str, **given: Any) -> Result:
    return Result(hashed(USES, package_group(params["group"]), use, given))


USES: dict[str, Callable[..., bytes | Scalar]] = {
    "pre_selection_hash": lambda group, key, ciphertexts: pre_hashes.selection_hash(
        key, [part for pair in ciphertexts for part in pair]
    ),
    "pre_contest_hash": lambda group, key, contest, selection_hashes: pre_hashes.contest_hash(
        key, contest, sorted(selection_hashes)
    ),
    "pre_confirmation_code": lambda group, key, contest_hashes, chaining_field: pre_hashes.confirmation_code(
        key, contest_hashes, chaining_field
    ),
    "pre_chain_code": lambda group, key, chaining_field: pre_hashes.chain_code(key, chaining_field),
    "pre_device_hash": lambda group, key, device: pre_hashes.device_hash(key, device),
    "pre_closing_digest": lambda group, key, last_code, initial_field: pre_hashes.closing_digest(
        key, last_code, initial_field
    ),
    "pre_nonce": lambda group, key, contest, vector, position, nonce: pre_hashes.nonce(
        group, key, contest, vector, position, nonce
    ),
}
