"""``specification-slips.json``: the package's reading."""

from __future__ import annotations

from typing import Any

from evote.ballots.hashes import contest_data_pad, identifier_hash
from tests.vectors.form import plain
from tests.vectors.run import Kinds, Result, hashes, pre_encryption
from tests.vectors.setting import package_group

FILE = "specification-slips.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](params, **given)


def _hash(
    params: dict[str, Any],
    use: str,
    extended_hash: str | None = None,
    identifier: str | None = None,
    **given: Any,
) -> Result:
    uses = {**hashes.USES, **pre_encryption.USES}
    if extended_hash is not None and identifier is not None:
        given["key"] = identifier_hash(bytes.fromhex(extended_hash), bytes.fromhex(identifier)).hex()
    return Result(hashes.hashed(uses, package_group(params["group"]), use, given))


def _stream(params: dict[str, Any], key: str, contest: int, blocks: int) -> Result:
    return Result(plain(contest_data_pad(bytes.fromhex(key), contest, blocks)))


KINDS: Kinds = {"hash": _hash, "stream": _stream}
