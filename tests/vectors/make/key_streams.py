"""Key streams in counter mode: shares, ballot nonce, contest data."""

from __future__ import annotations

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.oracle import ballot_nonce_pad, contest_data_pad, share_key_stream

FILE = "key-streams.json"


def make() -> Document:
    shares = [_share(sender, receiver) for sender, receiver in ((1, 2), (2, 1), (3, 3))]
    nonce = [
        case(
            "stream-ballot-nonce",
            "k_1 over the ballot nonce",
            {"key": (key := _key("ballot-nonce"))},
            ballot_nonce_pad(key),
        )
    ]
    data = [_data(contest, blocks) for contest, blocks in ((1, 1), (1, 2), (2, 2), (7, 5))]
    groups = [
        group({"use": "share"}, shares),
        group({"use": "ballot_nonce"}, nonce),
        group({"use": "contest_data"}, data),
    ]
    notes = [
        "k_i = HMAC-SHA-256(key, counter || Label || 00 || Context || length in bits); counters start at 1.",
        "expect is the whole stream, block after block.",
    ]
    return document("equations 17, 18, 36 and 66", notes, groups)


def _key(name: str) -> bytes:
    return SeededRandomness(f"vectors/stream-{name}").token(32)


def _share(sender: int, receiver: int) -> Case:
    key = _key(f"share-{sender}-{receiver}")
    return case(
        f"stream-share-{sender}-{receiver}",
        f"k_1 and k_2 of the share from guardian {sender} to {receiver}",
        {"key": key, "i": sender, "l": receiver},
        share_key_stream(key, sender, receiver),
    )


def _data(contest: int, blocks: int) -> Case:
    key = _key(f"contest-data-{contest}-{blocks}")
    return case(
        f"stream-contest-data-{contest}-{blocks}",
        f"{blocks} blocks for contest {contest}; the number of blocks stands in every block's input",
        {"key": key, "contest": contest, "blocks": blocks},
        contest_data_pad(key, contest, blocks),
    )
