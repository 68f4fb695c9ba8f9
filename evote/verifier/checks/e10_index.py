"""E.10: the authority's signed index covers exactly the files of the record.

Signatures, the chain of indexes, digests and sealed prefixes are looked at by
:func:`evote.record.index.examine_indexes`. Without a declared index, E.16 still names files that
have no place in a record.
"""

from __future__ import annotations

from evote.errors import DecodeError
from evote.manifest.extensions import INDEX
from evote.record.index import examine_indexes, foreign_files
from evote.record.layout import Kind, kind_of
from evote.report import Status
from evote.verifier.state import Verification


def check_index(run: Verification) -> None:
    """E.10; leaves the closing head of the newest index behind."""
    report, manifest = run.report, run.manifest
    declared = None if manifest is None else manifest.extensions.get(INDEX)
    _read_head(run)
    if manifest is None or run.fingerprint is None:
        run.skip(("E.10",), "the manifest, which names the authority's key, or H_E is not known")
    elif declared is None or declared.key is None:
        report.not_applicable("E.10", "the manifest does not declare a signed index")
    elif not run.reader.indexes():
        run.skip(("E.10",), "the index is declared and missing (E.15)")
    else:
        # Hints may come and go: they are in no index, and change nothing of the report.
        report.count("E.10", sum(kind_of(item.path) is not Kind.HINT for item in run.reader.files()))
        for error in examine_indexes(
            run.reader, key=bytes.fromhex(declared.key), fingerprint=run.fingerprint
        ):
            report.fail_with(error, "E.10")
        run.sealed = report.status("E.10") is Status.PASS
        return
    for error in foreign_files(run.reader.files()):
        report.fail_with(error, "E.16")


def _read_head(run: Verification) -> None:
    try:
        latest = run.reader.latest_index()
    except DecodeError:
        return  # E.10 names it
    run.index_head = None if latest is None else latest.head
