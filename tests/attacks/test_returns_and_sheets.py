"""The same attacks where units send returns, results come early, and ballots are printed beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.record import RecordReader
from evote.report import Status, Verdict
from tests.attacks.kit import report_on
from tests.guardian import test_early as early
from tests.verifier import pre_alone, returns_alone
from tests.verifier import test_returns_alone as returns
from tests.verifier import test_returns_oracle as oracles


def _returns_fail(name: str, folder: Path) -> None:
    case = returns_alone.CASES[name]
    kit = returns_alone.boxes().kit
    directory = kit.write(case.make(returns_alone.boxes()), folder / "".join(filter(str.isalnum, name)))
    report = report_on(kit, directory)
    assert set(report.failed) == set(case.fails) - {"E.37"} and report.exit_code == 1


def _sheets_fail(name: str, folder: Path) -> None:
    case = pre_alone.CASES[name]
    kit = pre_alone.ceremony(case.draft)
    directory = kit.write(case.make(kit), folder / "".join(filter(str.isalnum, name)))
    report = report_on(kit, directory)
    assert set(report.failed) == case.fails and report.exit_code == 1


# --- returns -----------------------------------------------------------------------------------------


def test_A50_an_office_cannot_have_one_ballot_decrypted_as_its_total(tmp_path: Path) -> None:
    """The office multiplies its total by one victim's ciphertext to the power 100,003, and signs it."""
    oracles.test_A50_a_total_of_one_victims_ciphertext_and_honest_ones_is_never_decrypted(tmp_path / "power")
    oracles.test_A50_a_total_whose_ballots_are_absent_is_not_checked_and_guardians_refuse(tmp_path / "absent")
    oracles.test_A50_a_tally_with_the_total_of_a_return_in_it_is_not_decrypted(tmp_path / "tally")


def test_A31_an_office_that_did_not_report_is_named(tmp_path: Path) -> None:
    """A stick with the counts of one office got lost; the sum looks complete."""
    returns.test_e37_a_unit_that_has_not_reported_makes_the_record_incomplete(tmp_path)


def test_A60_declared_returns_cannot_be_stripped(tmp_path: Path) -> None:
    """The signed returns of all units are taken away, and their result with them."""
    _returns_fail("declared returns that were stripped", tmp_path)
    _returns_fail("a result of returns that was left out", tmp_path)


def test_A40_a_return_with_other_totals_than_its_ballots_is_refused(tmp_path: Path) -> None:
    """An office adds a ballot to its total, changes two styles, or signs two versions."""
    for name in (
        "totals with a ballot more",
        "totals of two styles that were swapped",
        "more counted ballots than the log has",
        "a unit that signs twice differently",
        "a return that another unit signed",
        "a result with a vote more",
    ):
        _returns_fail(name, tmp_path)


# --- early results -----------------------------------------------------------------------------------


def test_A51_early_results_and_corrections_show_no_difference(tmp_path: Path) -> None:
    """A unit is decrypted, and then again with one ballot more: by the same guardians, and by others."""
    early.test_a_second_version_of_a_unit_that_differs_by_one_ballot_is_refused_by_the_ledger(
        tmp_path / "same"
    )
    early.test_two_disjoint_quorums_do_not_decrypt_two_versions_where_requests_are_logged(tmp_path / "other")


def test_A27_a_forked_log_of_requests_convicts_its_key(tmp_path: Path) -> None:
    """The office shows different requests to different guardians, or takes one back."""
    early.test_a_forked_log_of_requests_is_refused_and_convicts_its_key(tmp_path / "fork")
    early.test_a_log_of_requests_that_was_rolled_back_is_refused(tmp_path / "back")


# --- printed sheets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("draft", pre_alone.DRAFTS)
def test_A43_printed_ballots_are_looked_at_where_there_are_any(draft: str, tmp_path: Path) -> None:
    """The auditor does not know this kind of ballot, and passes over it."""
    kit = pre_alone.ceremony(draft)
    report = report_on(kit, kit.write(pre_alone.honest(kit), tmp_path / "record"))
    assert report.verdict is Verdict.PASS and report.counts["pre_encrypted"] > 0
    assert report.check("15.A").status is Status.PASS and report.check("15.A").count > 0
    assert len(list(RecordReader(tmp_path / "record", {kit.group.name: kit.group}).ballots())) > 0


def test_A23_a_sheet_that_means_something_else_than_it_says_is_found(tmp_path: Path) -> None:
    """The printer exchanges two options, prints another short code, or encrypts with other nonces."""
    for name in (
        "two options of a sheet exchanged",
        "another short code on the sheet",
        "a short code of a chosen vector",
        "a nonce of another encryption",
        "two short codes of a contest that are one",
    ):
        _sheets_fail(name, tmp_path)


def test_A13_a_recorder_cannot_give_more_votes_than_the_sheet_has(tmp_path: Path) -> None:
    """The recording tool takes one vector twice, leaves null votes out, or multiplies others in."""
    for name in (
        "a vector chosen twice",
        "fewer chosen vectors than the limit",
        "selections that are not the product of the chosen vectors",
        "a null vote more than the limit",
        "a proof of a vector that is none",
    ):
        _sheets_fail(name, tmp_path)


def test_A57_a_sheet_that_is_to_be_opened_is_opened_and_not_cast(tmp_path: Path) -> None:
    """A challenged sheet is never opened, or one that is not cast carries selections for the sum."""
    for name in (
        "a challenge that is never opened",
        "selections on an uncast ballot",
        "one nonce on two ballots",
    ):
        _sheets_fail(name, tmp_path)
