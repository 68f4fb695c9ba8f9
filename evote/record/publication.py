"""The last part of a record: what was decrypted, and the result files that follow from it."""

from __future__ import annotations

from collections.abc import Iterable

from evote.ballots import OpenedBallot
from evote.decryption.result import Decryption
from evote.record.counts import count_record
from evote.record.result import compute_result, result_csv, result_json
from evote.record.values import DecryptionFile
from evote.record.writer import RecordWriter
from evote.tally import Tally


def put_results(
    writer: RecordWriter, tally: Tally, decryption: Decryption, openings: Iterable[OpenedBallot] = ()
) -> None:
    """Write decryption, openings, decrypted contest data and results into a record that has its tally.

    ``openings`` are those of ballots that voters had opened themselves; the ones that guardians opened
    are in ``decryption``. Raises as the methods of :class:`RecordWriter`.
    """
    file = DecryptionFile(decryption.guardians, decryption.cells, decryption.withheld)
    writer.put_decryption(file)
    opened = (*openings, *decryption.openings)
    if opened:
        with writer.openings() as frames:
            for opening in opened:
                frames.append(opening)
    if decryption.data:
        with writer.data() as entries:
            for entry in decryption.data:
                entries.append(entry)
    put_result_files(writer, tally, file)


def put_result_files(writer: RecordWriter, tally: Tally, file: DecryptionFile) -> None:
    """Write both result files, from the tally, the decryption and the ballots in the record."""
    election = tally.election
    result = compute_result(
        election.manifest,
        tally.publish(),
        file,
        count_record(writer.reader, election.manifest),
        fingerprint=election.extended_hash,
    )
    writer.put_result(result_json(result), result_csv(result))
