"""Which harness runs which file."""

from __future__ import annotations

from collections.abc import Callable

from tests.vectors.run import (
    Result,
    ballot_data,
    ballots,
    batch,
    board_log,
    chaining,
    data_decryption,
    encodings,
    evote_hashes,
    groups,
    guardian_shares,
    hashes,
    key_generation,
    key_streams,
    openings,
    plaintexts,
    pre_encryption,
    selections,
    slips,
    tally,
    tally_decryption,
)

RUNNERS: dict[str, Callable[..., Result]] = {
    module.FILE: module.run
    for module in (
        groups,
        encodings,
        hashes,
        key_streams,
        evote_hashes,
        pre_encryption,
        plaintexts,
        selections,
        ballot_data,
        ballots,
        batch,
        openings,
        chaining,
        key_generation,
        guardian_shares,
        tally,
        tally_decryption,
        data_decryption,
        slips,
        board_log,
    )
}

ELSEWHERE = {
    "contest-data.json": "tests/manifest/test_vectors.py",
    "credentials.json": "tests/board/test_vectors.py",
    "receipts.json": "tests/board/test_receipt_vectors.py",
    "manifest.json": "tests/manifest/test_vectors.py",
    "parameter-base-hash.json": "tests/manifest/test_vectors.py",
}
"""Files with a generator and a test of their own."""
