"""Records that a hostile device, authority or disk can make, and what the verifier says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evote.ballots import hashes
from evote.record import RecordReader, Stage
from evote.report import Report, Verdict
from evote.testing.elections import Kit
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
