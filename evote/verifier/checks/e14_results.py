"""E.14: ``result.json`` and ``result.csv`` say what was decrypted, byte for byte.

The result is computed again from the published tally and decryption, which 9 to 12 look at, and from
the ballots. Where those do not make a whole result, there is nothing to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator

from evote.errors import DecodeError, VerificationError
from evote.manifest import Manifest
from evote.record import layout
from evote.record.counts import RecordCounter
from evote.record.result import compute_result, result_csv, result_json
from evote.tally import DecryptedData
from evote.verifier.chunk import BallotNote
from evote.verifier.state import Verification


class Results:
    """Counts what a result says beside the votes, while the ballots go by."""

    def __init__(self, run: Verification, manifest: Manifest) -> None:
        self._run = run
        self._manifest = manifest
        self._fault = ""
        self._counter: RecordCounter | None = None
        try:
            # Data that nobody was allowed to open (E.20) counts for nothing.
            self._counter = RecordCounter(manifest, _data(run) if manifest.decrypt_contest_data else ())
        except DecodeError as error:
            self._fault = f"the contest data does not decode (E.20): {error.message}"

    def see(self, ballot: BallotNote) -> None:
        """The next ballot of the record."""
        if self._fault or self._counter is None:
            return
        try:
            self._counter.add_ballot(
                ballot.identifier,
                ballot.unit,
                ballot.weight,
                cast=ballot.cast,
                contests=[one.contest for one in ballot.contests],
            )
        except (DecodeError, VerificationError) as error:
            self._fault = f"the ballots and contest data give no counts: {error}"

    def tear(self) -> None:
        """A ballot cannot be read."""
        self._fault = self._fault or "a ballot cannot be read (E.2)"

    def finish(self) -> None:
        """Compare both files."""
        run = self._run
        expected = self._compute()
        if expected is None:
            return
        for name, data in expected.items():
            try:
                stated = run.reader.raw(name) if run.reader.has(name) else None
            except DecodeError as error:
                run.report.count("E.14")
                run.report.fail("E.14", name, error.message)
                continue
            if stated is None:
                run.skip(("E.14",), f"{name} is missing (E.16)")
                continue
            run.report.count("E.14")
            if stated != data:
                run.report.fail(
                    "E.14", name, "the file does not say what was decrypted", **_difference(data, stated)
                )

    def _compute(self) -> dict[str, bytes] | None:
        run = self._run
        if run.tally is None or run.decryption is None or run.fingerprint is None:
            run.skip(("E.14",), f"{layout.TALLY} or {layout.DECRYPTION} cannot be read")
            return None
        if self._fault or self._counter is None:
            run.skip(("E.14",), self._fault)
            return None
        try:
            result = compute_result(
                self._manifest,
                run.tally,
                run.decryption,
                self._counter.finish(),
                fingerprint=run.fingerprint,
            )
        except VerificationError as error:
            run.skip(("E.14",), f"tally and decryption make no whole result: {error}")
            return None
        return {layout.RESULT_JSON: result_json(result), layout.RESULT_CSV: result_csv(result)}


def _data(run: Verification) -> Iterator[DecryptedData]:
    """The decrypted contest data, until the first frame that is none."""
    for _, _, value in run.reader.contest_data():
        if isinstance(value, DecodeError):
            raise value
        yield value


def _difference(expected: bytes, stated: bytes) -> dict[str, str]:
    """The first line in which two texts differ."""
    wanted = expected.decode("utf-8", "replace").splitlines()
    found = stated.decode("utf-8", "replace").splitlines()
    for number, (one, two) in enumerate(zip(wanted, found, strict=False), 1):
        if one != two:
            return {"expected": f"line {number}: {one.strip()}", "computed": two.strip()}
    return {"expected": f"{len(expected)} bytes", "computed": f"{len(stated)} bytes"}
