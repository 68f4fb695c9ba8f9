"""Units are decrypted as they close, each of their cells once (A51)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evote.board.splitview import SplitView
from evote.decryption.requestlog import overlap
from evote.errors import RefusedError, StorageError, VerificationError
from evote.groups.modp import ModPGroup
from evote.guardian import announce, closed_record, finish_session
from evote.guardian.ledger import Ledger
from evote.guardian.machine import LEDGER
from evote.guardian.requests import EVIDENCE, SEEN
from evote.office.provisional import publish_provisional
from evote.office.requestlog import OfficeRequests
from evote.record import Stage, export_json
from evote.report import Report, Status, Verdict
from tests.guardian.early import DRAFT, Early, counts, request_key, with_requests


def findings(report: Report) -> list[tuple[str, ...]]:
    return [(check.id, *map(str, check.findings)) for check in report.checks if check.findings]


VOTES: Mapping[str, tuple[str, ...]] = {
    "W": ("Ada", "Bo", "Ada"),
    "X": ("Bo", "Bo"),
    "Y": ("Ada", "Ada"),
    "Z": ("Bo", "Ada", "Ada"),
}


def voted(root: Path, draft: Any = DRAFT, **parts: Any) -> Early:
    """Everybody has voted; no unit is closed."""
    here = Early(root, draft, **parts)
    for unit, marks in VOTES.items():
        here.vote(unit, *marks)
    here.vote("W", "Bo", challenge=True)
    return here


def totals(here: Early) -> dict[tuple[str, str], int]:
    result = json.loads(here.reader.raw("result.json"))
    return {
        (contest["contest"], option["option"]): option["votes"]
        for contest in result["contests"]
        for option in contest["total"]["counts"]["votes"]
    }


ALL = {("Mayor", "Ada"): 6, ("Mayor", "Bo"): 4, ("Plan", "yes"): 6}


def test_the_final_result_after_three_provisional_ones_has_their_figures_and_decrypts_nothing_again(
    tmp_path: Path,
) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    first = here.provisional((1, 2))
    assert counts(first, "Mayor") == {"Ada": 2, "Bo": 1} and counts(first, "Plan") == {}
    here.close("X")
    second = here.provisional((3, 4))
    assert counts(second, "Mayor") == {"Ada": 2, "Bo": 3} and counts(second, "Plan") == {"yes": 2}
    here.close("Y")
    third = here.provisional((2, 5))
    assert counts(third, "Mayor") == {"Ada": 4, "Bo": 3}
    assert [one.unit for one in third.units] == ["W", "X", "Y"] and third.guardians == (1, 2, 3, 4, 5)
    assert first.cells == third.cells[:1] and set(first.cells) < set(second.cells) < set(third.cells)
    report = here.verify(Stage.VOTING)
    assert report.verdict is Verdict.PASS, findings(report)
    here.end((1, 2))
    final = here.reader.decryption()
    assert set(third.cells) < set(final.cells) and len(final.cells) == 6
    assert totals(here) == ALL
    report = here.verify()
    assert report.verdict is Verdict.PASS, findings(report)
    assert all(report.check(f"E.{number}").status is Status.PASS for number in range(60, 70))
    assert report.counts["provisional results"] == 3 and report.counts["requests"] == 4


def test_the_export_says_what_was_closed_published_and_requested(tmp_path: Path) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    made = here.provisional()
    export_json(here.reader, tmp_path / "json")

    def lines(name: str) -> list[dict[str, Any]]:
        text = (tmp_path / "json" / f"{name}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line)["value"] for line in text.splitlines()]

    assert [each["unit"] for each in lines("closings")] == ["W"]
    assert lines("provisional")[0]["units"][0]["head"]["root"] == made.units[0].head.root.hex().upper()
    entry, head = lines("requests")
    assert entry["guardians"] == [1, 2] and head["kind"] == "head"


def test_a_publication_that_was_written_and_not_sealed_is_no_reason_to_begin_anew(tmp_path: Path) -> None:
    here = voted(tmp_path)
    here.close("W")
    record = here.opened()
    decryption = here.decrypted(record)
    made = publish_provisional(record, here.writer, decryption, here.kit.authority, here.now())
    with pytest.raises(VerificationError, match="does not verify"):
        here.opened()
    here.seal()
    assert here.opened().standing.latest == made
    assert here.verify(Stage.VOTING).verdict is Verdict.PASS


def test_a_cell_that_was_published_costs_no_guardian_a_power_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = voted(tmp_path)
    here.close("W", "X")
    here.provisional()
    spent = []
    original = ModPGroup.power_secret

    def counted(self: ModPGroup, base: Any, exponent: Any) -> Any:
        spent.append(base)
        return original(self, base, exponent)

    monkeypatch.setattr(ModPGroup, "power_secret", counted)
    here.end()
    monkeypatch.undo()
    # Left are two options of Mayor in Y and in Z, and Plan in the east: M, a and b of each, of two guardians.
    assert len(spent) == 5 * 3 * 2
    assert totals(here) == ALL and here.verify().verdict is Verdict.PASS


def test_units_that_share_a_cell_are_decrypted_when_the_last_of_them_is_closed(tmp_path: Path) -> None:
    """The sums over n and n + 1 units never both come out: a cell has all of its units, or nothing."""
    here = voted(tmp_path)
    here.close("W")
    plan, request = announce(here.opened(), here.messages, (1, 2))
    assert {(each.contest.label, each.cell.label) for each in request.statements} == {("Mayor", "W")}  # type: ignore[attr-defined]
    assert plan.provisional and [one.unit for one in plan.units] == ["W"]
    here.rounds(here.opened(), (1, 2))
    here.publish(here.opened(), finish_session(here.opened(), here.messages, 1))
    here.close("Y", "Z")
    second = here.provisional()
    assert {(cell.contest, cell.cell) for cell in second.cells} == {
        ("Mayor", "W"),
        ("Mayor", "Y"),
        ("Mayor", "Z"),
        ("Plan", "east"),
    }


def test_nothing_is_decrypted_before_a_unit_is_closed_or_when_nothing_new_is(tmp_path: Path) -> None:
    here = voted(tmp_path)
    here.seal()
    with pytest.raises(RefusedError, match="no unit of the record is closed"):
        here.opened()
    here.close("W")
    record = here.opened()
    with pytest.raises(RefusedError, match="not closed"):
        closed_record(here.reader)
    published = here.publish(record, here.decrypted(record))
    with pytest.raises(RefusedError, match="no further cell"):
        announce(here.opened(), here.messages, (1, 2))
    with pytest.raises(RefusedError, match="nothing was closed"):
        here.publish(here.opened(), None)
    here.close("X")
    only_closed = here.publish(here.opened(), None)
    assert only_closed.cells == published.cells and len(only_closed.units) == 2


def test_a_small_cell_is_withheld_and_stays_so(tmp_path: Path) -> None:
    here = Early(tmp_path)
    here.vote("W", "Ada")
    for unit in ("X", "Y", "Z"):
        here.vote(unit, "Ada", "Bo")
    here.close("W", "X")
    made = here.provisional()
    assert [(cell.contest, cell.cell) for cell in made.withheld] == [("Mayor", "W")]
    here.end()
    assert here.reader.decryption().withheld == made.withheld
    report = here.verify()
    assert not report.failed and report.check("11.D").status is Status.NOT_CHECKED


# --- corrections -----------------------------------------------------------------------------------


def test_a_unit_that_is_closed_again_before_it_is_decrypted_is_replaced_through_a_link(
    tmp_path: Path,
) -> None:
    here = voted(tmp_path)
    (first,) = here.close("W")
    here.publish(here.opened(), None)
    here.vote("W", "Ada")
    with pytest.raises(RefusedError, match="say why"):
        here.close("W")
    with pytest.raises(VerificationError, match="other ballots"):
        here.opened()
    (second,) = here.close("W", reason="a box was found")
    assert second.previous == first.head
    made = here.provisional()
    assert [(one.old, one.new, one.reason) for one in made.replaced] == [
        (first.head, second.head, "a box was found")
    ]
    assert counts(made, "Mayor") == {"Ada": 3, "Bo": 1} and not made.discrepancies
    report = here.verify(Stage.VOTING)
    assert report.verdict is Verdict.PASS, findings(report)


def test_a_correction_after_the_decryption_is_a_discrepancy_and_never_decrypted(tmp_path: Path) -> None:
    here = voted(tmp_path)
    here.close("W")
    first = here.provisional()
    here.vote("W", "Bo")
    with pytest.raises(RefusedError, match="decrypted already"):
        here.seal()
    here.kit.submitted.pop()
    with pytest.raises(RefusedError, match="results correct"):
        here.close("W", reason="a box was found")
    made = here.correct("W")
    second = here.publish(here.opened(), None)
    assert second.cells == first.cells and second.units == first.units
    assert [(one.unit, one.old, one.new) for one in second.discrepancies] == [
        ("W", first.units[0].head, made.head)
    ]
    with pytest.raises(RefusedError, match="no further cell"):
        announce(here.opened(), here.messages, (1, 2))
    here.end()
    report = here.verify()
    assert report.verdict is Verdict.PASS, findings(report)
    assert totals(here) == ALL and report.counts["discrepancies"] == 1
    assert any("a box was found" in sentence for sentence in report.warnings)


# --- guardians refuse ------------------------------------------------------------------------------


def twin(here: Early, root: Path, *more: str) -> Early:
    """The same election with the same guardians and messages in another record: W has more ballots there."""
    shutil.copytree(here.root, root)
    shutil.rmtree(root / "record")
    other = object.__new__(Early)
    other.__dict__.update(here.__dict__)
    other.root, other.hour, other._written = root, 0, 0
    from evote.record import RecordWriter

    writer = RecordWriter.create(root / "record", here.kit.manifest, here.kit.parameters)
    writer.put_guardians(here.kit.records)
    writer.put_keys(here.kit.keys)
    other.vote("W", *more)
    return other


def test_a_second_version_of_a_unit_that_differs_by_one_ballot_is_refused_by_the_ledger(
    tmp_path: Path,
) -> None:
    here = voted(tmp_path / "one")
    here.close("W")
    here.provisional()
    other = twin(here, tmp_path / "two", "Bo")
    other.close("W")
    record = other.opened()
    other.call(record, (1, 2))
    with pytest.raises(RefusedError, match="decrypted the unit as it was closed at 4 leaves"):
        other.guardian(1).decrypt(record, other.root / "exchange")
    assert not (other.root / "exchange" / "session-2" / "commitments").exists()


def test_two_disjoint_quorums_do_not_decrypt_two_versions_where_requests_are_logged(tmp_path: Path) -> None:
    here = voted(tmp_path / "one", with_requests())
    here.close("W")
    here.provisional((1, 2))
    other = twin(here, tmp_path / "two", "Bo")
    other.close("W")
    record = other.opened()
    with pytest.raises(RefusedError, match="overlaps with entry 0"):
        other.call(record, (3, 4))
    # An office that enters it all the same: every guardian sees both requests.
    _, request = announce(record, other.messages, (3, 4))
    requests = other.requests
    assert requests is not None
    _enter(requests, request)
    other.show(requests)
    with pytest.raises(RefusedError, match="entry 0 of the log of requests, session 1 of guardians 1, 2"):
        other.guardian(3).decrypt(record, other.root / "exchange", 3)


def _enter(requests: OfficeRequests, request: Any) -> None:
    """Enter a request without asking whether it overlaps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evote.office.requestlog.overlap", lambda one, other: "")
        requests.add(request)


def test_without_the_log_a_disjoint_quorum_answers_and_the_report_says_what_it_rests_on(
    tmp_path: Path,
) -> None:
    here = voted(tmp_path / "one")
    here.close("W")
    here.provisional((1, 2))
    other = twin(here, tmp_path / "two", "Bo")
    other.close("W")
    record = other.opened()
    assert other.decrypted(record, (3, 4)).cells
    assert any("ledgers of the guardians alone" in line for line in here.verify(Stage.VOTING).warnings)


def test_the_identical_values_may_be_decrypted_in_another_session(tmp_path: Path) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    record = here.opened()
    here.call(record, (1, 2))
    here.rounds(record, (1, 2), rounds=2)  # and then guardian 2 falls silent
    made = here.publish(record, here.decrypted(record, (1, 3)))
    assert counts(made, "Mayor") == {"Ada": 2, "Bo": 1}
    report = here.verify(Stage.VOTING)
    assert report.verdict is Verdict.PASS and report.counts["requests"] == 2


def test_a_request_that_is_not_on_the_log_is_refused(tmp_path: Path) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    record = here.opened()
    announce(record, here.messages, (1, 2))
    with pytest.raises(RefusedError, match="does not show the log of requests"):
        here.guardian(1).decrypt(record, here.root / "exchange")
    here.call(record, (2, 3))
    with pytest.raises(RefusedError, match="does not stand on the log"):
        here.guardian(1).decrypt(record, here.root / "exchange", 1)
    assert not (here.root / "guardian-1" / "sessions").exists()


def test_a_log_that_no_witness_cosigned_is_refused(tmp_path: Path) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    record = here.opened()
    _, request = announce(record, here.messages, (1, 2))
    requests = here.requests
    assert requests is not None
    requests.add(request)
    requests.head(request_key())
    with pytest.raises(VerificationError, match="too few witnesses"):
        requests.show(here.messages)
    from evote.decryption.requestlog import shown
    from evote.guardian.exchange import requests_name

    held = requests.held()
    assert held is not None
    here.messages.send(requests_name(1), shown(requests._stored, held))
    with pytest.raises(VerificationError, match="too few witnesses"):
        here.guardian(1).decrypt(record, here.root / "exchange")


def test_a_log_of_requests_that_was_rolled_back_is_refused(tmp_path: Path) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    here.provisional((1, 2))
    here.close("X")
    record = here.opened()
    here.call(record, (1, 2))
    here.rounds(record, (1, 2), rounds=1)
    (here.root / "exchange" / "requests" / "000002.msgpack").unlink()
    with pytest.raises(RefusedError, match="rolled back: this guardian has seen 2 entries"):
        here.guardian(1).decrypt(record, here.root / "exchange")


def test_a_forked_log_of_requests_is_refused_and_convicts_its_key(tmp_path: Path) -> None:
    here = voted(tmp_path / "one", with_requests())
    here.close("W")
    record = here.opened()
    here.call(record, (1, 2))
    here.guardian(1).decrypt(record, here.root / "exchange")
    # The office forgets its log, and begins another one with a request of other guardians.
    for name in ("office", "exchange/requests"):
        shutil.rmtree(here.root / name)
    (here.root / "office").mkdir()
    here.call(record, (1, 3))
    with pytest.raises(RefusedError, match="was forked") as caught:
        here.guardian(1).decrypt(record, here.root / "exchange", 2)
    (kept,) = (here.root / "guardian-1" / EVIDENCE).iterdir()
    assert str(kept) in str(caught.value)
    requests = here.requests
    assert requests is not None
    one, other = SplitView.parse(kept.read_bytes()).verify(requests.log.key)
    assert one.size == other.size == 1 and one.root != other.root
    here.guardian(3).decrypt(record, here.root / "exchange", 2)  # who saw the other log only cannot know


def test_a_guardian_that_lost_what_it_saw_of_the_log_decrypts_nothing(tmp_path: Path) -> None:
    here = voted(tmp_path, with_requests())
    here.close("W")
    here.provisional((1, 2))
    here.close("X")
    record = here.opened()
    here.call(record, (1, 2))
    seen = here.root / "guardian-1" / SEEN
    data = seen.read_bytes()
    seen.unlink()
    with pytest.raises(StorageError, match="is gone"):
        here.guardian(1).decrypt(record, here.root / "exchange")
    seen.write_bytes(data[:-1])
    with pytest.raises(StorageError, match="is damaged"):
        here.guardian(1).decrypt(record, here.root / "exchange")
    seen.write_bytes(data)
    assert not here.guardian(1).decrypt(record, here.root / "exchange").finished


def test_a_stop_between_ledger_and_answer_forgets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = voted(tmp_path / "one", with_requests())
    here.close("W")
    record = here.opened()
    here.call(record, (1, 2))
    here.rounds(record, (1, 2), rounds=1)
    append = Ledger.append

    def stopped(self: Ledger, *arguments: Any) -> None:
        append(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "append", stopped)
    with pytest.raises(KeyboardInterrupt):
        here.guardian(1).decrypt(record, here.root / "exchange")
    monkeypatch.undo()
    assert not (here.root / "exchange" / "session-1" / "openings" / "guardian-1.msgpack").exists()
    book = Ledger(here.root / "guardian-1" / LEDGER, here.kit.group.element_bytes)
    assert book.log is not None and book.log.size == 1
    other = twin(here, tmp_path / "two", "Ada")
    other.close("W")
    longer = other.opened()
    _, request = announce(longer, other.messages, (1, 2))
    with pytest.raises(RefusedError, match="decrypted the unit as it was closed"):
        Ledger(other.root / "guardian-1" / LEDGER, other.kit.group.element_bytes).check(request)
    here.kit.submitted.pop()
    here.rounds(record, (1, 2), rounds=3)
    assert finish_session(record, here.messages, 1).cells


def test_nothing_provisional_is_decrypted_behind_a_closed_record(tmp_path: Path) -> None:
    here = voted(tmp_path)
    here.close("W")
    early = here.opened()
    here.end()
    _, request = announce(early, here.messages, (1, 2))
    with pytest.raises(RefusedError, match="decrypts from no other"):
        Ledger(here.root / "guardian-1" / LEDGER, here.kit.group.element_bytes).check(request)
    with pytest.raises(RefusedError, match="a closed record"):
        here.guardian(1).decrypt(early, here.root / "exchange", 1)


def test_a_request_that_only_repeats_another_does_not_overlap_with_it(tmp_path: Path) -> None:
    from dataclasses import replace

    from evote.decryption.requestlog import entry_of

    here = voted(tmp_path)
    here.close("W", "X")
    _, request = announce(here.opened(), here.messages, (1, 2))
    entry = entry_of(request)
    again = replace(entry, session=7, guardians=(3, 4))
    assert overlap(entry, again) == "" and entry.head is None
    cell = replace(entry.cells[0], digest=bytes(32))
    assert "another ciphertext" in overlap(entry, replace(entry, units=(), cells=(cell,)))
    unit = replace(entry.units[0], head=replace(entry.units[0].head, size=1))
    assert "another closing head" in overlap(entry, replace(entry, units=(unit,), cells=()))
