"""Records that a hostile device, authority or disk can make, and what the verifier says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import hashes
from evote.errors import StorageError
from evote.record import RecordReader, Stage
from evote.report import Report, Verdict
from evote.testing.elections import Kit
from evote.verifier import verify as verify_module
from evote.verifier.plan import Plan
from evote.verifier.state import Verification
from evote.verifier.verify import _verify
from tests.verifier.alone import ceremony, voted


def verify(kit: Kit, directory: Path, stage: Stage = Stage.FINAL) -> Report:
    return _verify(RecordReader(directory, {kit.group.name: kit.group}), stage=stage)


def _rubbish(kit: Kit) -> None:
    """The first ballot carries contest data that is no record of its contest, properly proven."""
    submitted = kit.submitted[0]
    ballot = submitted.ballot
    mayor, council = ballot.contests
    assert council.data is not None
    key = ballot.identifier_hash
    nonce = hashes.contest_data_nonce(kit.group, key, council.contest, kit.nonces[ballot.identifier])
    data = kit.forge.sealed_data(key, council.contest, b"\xee" * len(council.data.c1), nonce.value)
    made = kit.forge.rehash(replace(ballot, contests=(mayor, replace(council, data=data))))
    kit.submitted[0] = replace(submitted, ballot=made)


def test_rubbish_in_contest_data_is_decrypted_as_it_is_and_spoils_no_result(tmp_path: Path) -> None:
    kit = voted(ceremony("opened"))
    _rubbish(kit)
    report = verify(kit, kit.write(kit.publish(), tmp_path / "record"))
    assert report.verdict is Verdict.PASS, report.failed
    assert b'"overvotes": null' in (tmp_path / "record" / "result.json").read_bytes()


@pytest.mark.parametrize(
    "name", ["openings/000001.seg", "data/000001.seg", "result.csv", "ballots/000001.seg"]
)
def test_a_file_that_changes_between_index_and_check_is_never_verified(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = voted(ceremony("opened"))
    directory = kit.write(kit.publish(), tmp_path / "record")
    path = directory / name
    honest = path.read_bytes()
    check_ballots = verify_module._check_ballots

    def swap(run: Verification, plan: Plan) -> None:
        """The index has been checked; whatever is read from now on must be what it sealed."""
        path.write_bytes(honest[:-1] + bytes((honest[-1] ^ 1,)))
        check_ballots(run, plan)

    monkeypatch.setattr(verify_module, "_check_ballots", swap)
    with pytest.raises(StorageError, match="changed while"):
        verify(kit, directory)


def test_a_single_file_shown_twice_with_different_bytes_is_refused(tmp_path: Path) -> None:
    kit = voted(ceremony("small"))
    directory = kit.write(kit.publish(), tmp_path / "record")
    reader = RecordReader(directory, {kit.group.name: kit.group})
    reader.watch()
    reader.decryption()
    path = directory / "decryption.msgpack"
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(StorageError, match="changed while"):
        reader.digests("decryption.msgpack", [])
    with pytest.raises(StorageError, match="changed while"):
        reader.raw("decryption.msgpack")
