"""``key-streams.json``: the package's key streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evote.ballots.hashes import ballot_nonce_pad, contest_data_pad
from evote.ceremony.hashes import share_key_stream
from tests.vectors.form import plain
from tests.vectors.run import Result

FILE = "key-streams.json"

STREAMS: dict[str, Callable[..., bytes]] = {
    "share": lambda key, i, l: share_key_stream(bytes.fromhex(key), i, l),  # noqa: E741
    "ballot_nonce": lambda key: ballot_nonce_pad(bytes.fromhex(key)),
    "contest_data": lambda key, contest, blocks: contest_data_pad(bytes.fromhex(key), contest, blocks),
}


def run(params: dict[str, Any], **given: Any) -> Result:
    return Result(plain(STREAMS[params["use"]](**given)))
