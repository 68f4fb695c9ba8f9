"""belenios-tool as a subject: it verifies what it made, refuses what was changed, and is absent by name."""

from __future__ import annotations

import shutil

import pytest

from benches.peers import PeerAbsent, belenios, belenios_subject
from benches.peers.belenios_subject import VerifyBallots, VerifyByEvote
from evote.bench.shape import FOUR, RECORD
from evote.bench.subject import Registry, WrongResultError

installed = pytest.mark.skipif(
    shutil.which(belenios.PROGRAM) is None, reason=f"{belenios.PROGRAM} is not installed: {belenios.INSTALL}"
)


@pytest.mark.peers
@installed
def test_ballots_are_verified_and_the_archive_without_them_is_what_is_taken_off() -> None:
    subject = VerifyBallots(FOUR)
    subject.setup(3)
    for ballots in (1, 3):
        assert subject.run(ballots) == 4 * ballots
        subject.check()
    assert subject.idle is not None
    subject.idle()
    sizes = [(subject.folders[key] / subject._archive.file.name).stat().st_size for key in (0, 1, 3)]  # type: ignore[union-attr]
    assert sizes[0] < sizes[1] < sizes[2]
    assert subject.name == f"belenios-tool {belenios.version()}, BELENIOS-2048"
    subject.close()


@pytest.mark.peers
@installed
def test_an_archive_with_a_changed_ballot_is_refused_and_a_refusal_gives_no_figure() -> None:
    subject = VerifyBallots(FOUR)
    subject.setup(1)
    archive = subject._archive
    assert archive is not None
    subject.folders[1] = archive.folder / "bad"
    subject.run(1)
    with pytest.raises(WrongResultError, match="election verify ended with"):
        subject.check()
    subject.close()
    assert not archive.folder.exists()


@pytest.mark.peers
@installed
def test_evote_verifies_the_same_kind_of_archive_and_refuses_the_changed_ballot() -> None:
    subject = VerifyByEvote(FOUR)
    subject.setup(1)
    assert subject.run(1) == 4
    subject.check()
    archive = subject._archive
    assert archive is not None
    subject.folders[1] = archive.folder / "bad"
    subject.run(1)
    with pytest.raises(WrongResultError, match="BALLOTS"):
        subject.check()
    subject.close()


@pytest.mark.peers
@installed
def test_only_its_own_shape_is_measured() -> None:
    registry = Registry()
    belenios_subject.register(registry)
    assert registry.subjects("verify", RECORD) == ()
    assert len(registry.subjects("verify", FOUR)) == 2
    assert registry.versions == {"belenios-tool": belenios.version()}
    with pytest.raises(ValueError, match="four answers only"):
        VerifyBallots(RECORD)


def test_where_it_is_not_installed_it_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    belenios.version.cache_clear()
    monkeypatch.setattr(belenios.shutil, "which", lambda name: None)
    registry = Registry()
    belenios_subject.register(registry)
    (absent,) = registry.absent
    assert (absent.name, absent.reason) == (
        "belenios-tool",
        "belenios-tool is not installed: apt install belenios-tool",
    )
    with pytest.raises(PeerAbsent):
        VerifyBallots(FOUR)
    belenios.version.cache_clear()


def test_private_credentials_are_read_in_both_forms() -> None:
    assert belenios._private("10 abc-def\n11 ghi-jkl\n") == ["abc-def", "ghi-jkl"]
    assert belenios._private('{"a@b": "abc-def", "c@d": "ghi-jkl"}\n') == ["abc-def", "ghi-jkl"]


def test_a_changed_ballot_differs_in_one_response() -> None:
    proof = {"challenge": "5", "response": "8"}
    ballot = {"answers": [{"individual_proofs": [[proof, proof]]}]}
    text = belenios.json.dumps(ballot)
    assert belenios.changed(text).count('"response":"9"') == 1
    assert belenios.changed(text).count('"response":"8"') == 1
