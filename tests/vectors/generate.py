"""Makes every file of ``vectors/`` that is not made elsewhere; the same bytes every time.

``python -m tests.vectors.generate`` in the repository root writes them again. What a case expects
is computed by the oracle; what is random is named by the case's id or its election's.
"""

from __future__ import annotations

import functools

from tests.vectors.form import FOLDER, Document, text
from tests.vectors.make import (
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

SUBJECTS = (
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


@functools.cache
def documents() -> dict[str, Document]:
    """File name -> content."""
    return {subject.FILE: subject.make() for subject in SUBJECTS}


def write() -> None:
    """Writes every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, document in documents().items():
        (FOLDER / name).write_text(text(document), encoding="utf-8")


if __name__ == "__main__":
    write()
