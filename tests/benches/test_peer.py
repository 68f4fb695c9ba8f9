"""electionguard 1.4.0 as a peer: it loads, its steps are right, and where it is absent that is said.

The package works in the process that loads it and cannot be unloaded, so the tests of its absence
need no installed package: they change what is found, not what is loaded.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benches import run
from benches.peers import PeerAbsent, electionguard1, subjects
from benches.peers.electionguard1 import Election, EncryptedBallot, EncryptedSelection
from evote.bench.harness import measure
from evote.bench.shape import RECORD, Shape
from evote.bench.subject import Registry, WrongResultError

OPTIONS = 3


@pytest.fixture(scope="module")
def election() -> Election:
    try:
        peer = electionguard1.load()
    except PeerAbsent as absent:
        pytest.skip(str(absent))
    return electionguard1.new_election(peer, OPTIONS)


@pytest.fixture(scope="module")
def selections(election: Election) -> list[EncryptedSelection]:
    return electionguard1.encrypt_selections(election, 4)


@pytest.fixture(scope="module")
def ballots(election: Election) -> list[EncryptedBallot]:
    return electionguard1.encrypt_ballots(election, 3)


@pytest.mark.peers
def test_the_group_is_the_4096_bit_one_of_the_package(election: Election) -> None:
    constants = election.peer.constants
    assert constants.get_large_prime().bit_length() == 4096
    assert constants.get_small_prime() == 2**256 - 189
    assert pow(int(election.key), constants.get_small_prime(), constants.get_large_prime()) == 1


@pytest.mark.peers
def test_encrypted_selections_are_distinct_and_hold_their_votes(
    election: Election, selections: list[EncryptedSelection]
) -> None:
    assert [selection.vote for selection in selections] == [0, 1, 0, 1]
    assert len({int(selection.encrypted.ciphertext.pad) for selection in selections}) == 4
    for selection in selections:
        ciphertext = selection.encrypted.ciphertext
        assert electionguard1.decrypts_to(election, ciphertext, selection.vote)
        assert not electionguard1.decrypts_to(election, ciphertext, 1 - selection.vote)


@pytest.mark.peers
def test_good_selections_verify(election: Election, selections: list[EncryptedSelection]) -> None:
    assert electionguard1.verify_selections(election, selections) == [True] * 4


@pytest.mark.peers
@pytest.mark.parametrize(
    "field", ["proof_zero_challenge", "proof_one_challenge", "proof_zero_response", "proof_one_response"]
)
def test_a_changed_number_in_a_proof_is_refused(
    election: Election, selections: list[EncryptedSelection], field: str
) -> None:
    proof = selections[0].encrypted.proof
    raised = election.peer.group.add_q(getattr(proof, field), 1)
    forged = replace(selections[0].encrypted, proof=replace(proof, **{field: raised}))
    assert electionguard1.verify_selections(election, [EncryptedSelection(0, forged)]) == [False]


@pytest.mark.peers
def test_a_proof_of_another_selection_is_refused(
    election: Election, selections: list[EncryptedSelection]
) -> None:
    forged = replace(selections[0].encrypted, proof=selections[1].encrypted.proof)
    assert electionguard1.verify_selections(election, [EncryptedSelection(0, forged)]) == [False]


@pytest.mark.peers
def test_a_ballot_holds_its_choice_and_one_placeholder_and_verifies(
    election: Election, ballots: list[EncryptedBallot]
) -> None:
    assert [ballot.choice for ballot in ballots] == [0, 1, 2]
    for ballot in ballots:
        (contest,) = ballot.encrypted.contests
        assert len(contest.ballot_selections) == OPTIONS + 1
        assert contest.extended_data is not None
        for option, ciphertext in enumerate(ballot.ciphertexts(OPTIONS)):
            assert electionguard1.decrypts_to(election, ciphertext, int(option == ballot.choice))
    assert electionguard1.verify_ballots(election, ballots) == [True] * 3


@pytest.mark.peers
def test_a_ballot_with_a_changed_proof_is_refused(election: Election, ballots: list[EncryptedBallot]) -> None:
    contest = ballots[0].encrypted.contests[0]
    bad = subjects.tampered(election.peer, contest.ballot_selections[-1])
    changed = replace(contest, ballot_selections=[*contest.ballot_selections[:-1], bad])
    forged = EncryptedBallot(0, replace(ballots[0].encrypted, contests=[changed]))
    assert electionguard1.verify_ballots(election, [ballots[1], forged]) == [True, False]


@pytest.mark.peers
def test_the_tally_adds_up(election: Election, ballots: list[EncryptedBallot]) -> None:
    columns = [[ballot.ciphertexts(OPTIONS)[option] for ballot in ballots[:2]] for option in range(OPTIONS)]
    totals = electionguard1.tally(election, columns)
    for total, count in zip(totals, (1, 1, 0), strict=True):
        assert electionguard1.decrypts_to(election, total, count)
        assert not electionguard1.decrypts_to(election, total, count + 1)


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.parametrize("step", ["encrypt", "verify", "tally"])
def test_every_subject_passes_its_own_check_and_counts_options_only(election: Election, step: Any) -> None:
    registry, shape = Registry(), Shape(options=2)
    subjects.register(registry)
    made = registry.subjects(step, shape)
    measurements = measure(made, step=step, shape=shape, ballots=2, rounds=1)
    assert registry.absent == ()
    assert measurements[0].subject == subjects.NAME
    for measurement in measurements:
        assert [turn.selections for turn in measurement.rounds] == [4]
        assert measurement.wall.median > 0


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "wait4"), reason="this system does not report the peak memory of a process"
)
def test_the_command_measures_the_peer_and_its_memory(
    election: Election, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    arguments = ["--size", "smoke", "--rounds", "1", "--step", "tally", "--memory"]
    done = CliRunner().invoke(run.main, arguments)
    assert done.exit_code == 0, done.output
    assert "Peak memory: tally, electionguard 1.4.0, 2 ballots: " in done.output


@pytest.mark.peers
def test_a_subject_whose_result_is_wrong_does_not_pass(
    election: Election, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = subjects.VerifySelections(Shape(options=1))
    subject.setup(1)
    assert subject.run(1) == 1
    subject.check()
    monkeypatch.setattr(electionguard1, "verify_selections", lambda election, given: [True] * len(given))
    subject.run(1)
    with pytest.raises(WrongResultError, match="a changed selection was accepted"):
        subject.check()


@pytest.mark.peers
def test_other_limits_than_one_are_not_measured(election: Election) -> None:
    with pytest.raises(ValueError, match="selection limit 1"):
        subjects.EncryptBallots(Shape(options=3, selection_limit=2))


@pytest.fixture
def nothing_loaded() -> None:
    """``load`` keeps what it loaded; these tests ask it again."""
    electionguard1.load.cache_clear()


def _version(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)


@pytest.mark.usefixtures("nothing_loaded")
def test_a_package_that_is_not_installed_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(PeerAbsent, match=r"not installed: pip install electionguard==1\.4\.0"):
        electionguard1.load()


@pytest.mark.usefixtures("nothing_loaded")
def test_another_version_is_not_measured_under_the_name_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _version(monkeypatch, "1.3.0")
    with pytest.raises(PeerAbsent, match=r"1\.3\.0 is installed, and 1\.4\.0 is wanted"):
        electionguard1.load()


@pytest.mark.usefixtures("nothing_loaded")
def test_a_package_that_breaks_while_loading_is_absent_and_leaves_nothing_half_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == electionguard1.PACKAGE]:
        monkeypatch.delitem(sys.modules, name)
    folder = tmp_path / electionguard1.PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('this must not run')\n")
    (folder / "elgamal.py").write_text("class ElGamalCiphertext: ...\n")
    (folder / "ballot.py").write_text("import a_module_that_does_not_exist\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    _version(monkeypatch, electionguard1.VERSION)
    with pytest.raises(PeerAbsent, match="a_module_that_does_not_exist"):
        electionguard1.load()
    assert not [name for name in sys.modules if name.split(".")[0] == electionguard1.PACKAGE]


@pytest.mark.usefixtures("nothing_loaded")
def test_an_absent_peer_is_noted_in_the_registry_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    _version(monkeypatch, "2.0.0")
    registry = Registry()
    subjects.register(registry)
    (absent,) = registry.absent
    assert absent.name == subjects.NAME
    assert "2.0.0 is installed" in absent.reason
    assert registry.subjects("encrypt", RECORD) == ()
