"""The published record: a folder that anybody can verify (``specs/record-format.md``).

=============  ===============================================================================
``values``     the content of the files as wire types
``layout``     names, limits and stages of the files
``reader``     :class:`RecordReader`: reads strictly, streams, trusts nothing
``writer``     :class:`RecordWriter`: for the election authority
``election``   :func:`load_election`: the election of a record, checked against itself
``closing``    the closing head over the ballots
``index``      what a publication seals, and whether it still holds
``counts``     counts that people want beside the votes
``result``     ``result.json`` and ``result.csv``
``publication``  decryption, openings and results into a record
``export``     the whole record as JSON for people
``segments``   frames in append-only files
``folder``     files by their names inside a record
``files``      reading and writing files
=============  ===============================================================================

``folder`` and ``files`` are the only modules that touch a disk. Names below are loaded when first
used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evote.record.closing import closing_head
    from evote.record.counts import RecordCounts, count_record
    from evote.record.election import load_election, load_setup
    from evote.record.export import export_json
    from evote.record.files import read_limited, write_atomic
    from evote.record.index import examine_indexes
    from evote.record.publication import put_result_files, put_results
    from evote.record.reader import RecordReader
    from evote.record.result import compute_result, result_csv, result_json
    from evote.record.segments import SegmentWriter, read_frames
    from evote.record.values import (
        CheckpointsFile,
        ClosingNote,
        DecryptionFile,
        DevicesFile,
        Index,
        IndexEntry,
        LogFrame,
        ParametersFile,
        SealedIndex,
        Stage,
    )
    from evote.record.writer import RecordWriter

_HOME = {
    "CheckpointsFile": "values",
    "ClosingNote": "values",
    "DecryptionFile": "values",
    "DevicesFile": "values",
    "Index": "values",
    "IndexEntry": "values",
    "LogFrame": "values",
    "ParametersFile": "values",
    "RecordCounts": "counts",
    "RecordReader": "reader",
    "RecordWriter": "writer",
    "SealedIndex": "values",
    "SegmentWriter": "segments",
    "Stage": "values",
    "closing_head": "closing",
    "compute_result": "result",
    "count_record": "counts",
    "examine_indexes": "index",
    "export_json": "export",
    "load_election": "election",
    "load_setup": "election",
    "put_result_files": "publication",
    "put_results": "publication",
    "read_frames": "segments",
    "read_limited": "files",
    "result_csv": "result",
    "result_json": "result",
    "write_atomic": "files",
}

__all__ = [
    "CheckpointsFile",
    "ClosingNote",
    "DecryptionFile",
    "DevicesFile",
    "Index",
    "IndexEntry",
    "LogFrame",
    "ParametersFile",
    "RecordCounts",
    "RecordReader",
    "RecordWriter",
    "SealedIndex",
    "SegmentWriter",
    "Stage",
    "closing_head",
    "compute_result",
    "count_record",
    "examine_indexes",
    "export_json",
    "load_election",
    "load_setup",
    "put_result_files",
    "put_results",
    "read_frames",
    "read_limited",
    "result_csv",
    "result_json",
    "write_atomic",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
