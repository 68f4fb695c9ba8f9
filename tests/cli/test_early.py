"""Results before the end on the command line: units close, guardians decrypt, anybody compares."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evote.record import RecordReader
from evote.report import Verdict
from evote.verifier.verify import verify_reader
from tests.cli.driver import DRAFT, GROUPS, Outcome, Town, cheap_passphrases, evote, fine, refused, vote
from tests.cli.test_decryption import CAST, guardian, office, totals

BALLOTS = [
    vote("North", "Ada", ("Al", "Ku")),
    vote("North", None),
    vote("North", "Bo", ("Ku",)),
    vote("South", "Ada", ("Al", "Em")),
]


class EarlyTown(Town):
    """A town with a log of requests and one witness."""

    @property
    def witness(self) -> Path:
        return self.root / "witness"

    def prepare(self) -> None:
        salt, policy, declared = (self.root / name for name in ("salt", "policy", "requests.json"))
        fine(evote("election", "salt", salt))
        key = fine(evote("witness", "new", self.witness, "--name", "w.example", *self.sealed)).out.split()[1]
        policy.write_text(f"witness w {key}\nquorum w\n")
        fine(
            evote(
                *("requests", "new", "--salt", salt, "--private", self.office, "--out", declared),
                *("--origin", "logs.example/requests", "--witnesses", policy, *self.sealed),
            )
        )
        fine(self.new("--salt", salt, "--requests", declared))
        self.ceremony()
        fine(self.cast(*self.codes(BALLOTS)))

    def results(self, verb: str, *options: object, sealed: bool = True) -> Outcome:
        private = ("--private", self.office) if sealed else ()
        return evote("results", verb, self.record, *private, *options, *(self.sealed if sealed else ()))

    def log(self) -> None:
        """Have the newest head cosigned, and show the log to the guardians."""
        request, answer = self.root / "request.txt", self.root / "answer.txt"
        seen = (
            len(list((self.exchange / "requests").glob("*"))) if (self.exchange / "requests").exists() else 0
        )
        made = fine(
            evote(
                *("requests", "head", self.record, "--private", self.office, "--out", request),
                *("--since", seen, *self.sealed),
            )
        )
        if not seen:
            key = made.out.split("Key for witnesses: ")[1].split("\n")[0]
            fine(evote("witness", "add", self.witness, key))
        fine(evote("witness", "cosign", self.witness, request, "--out", answer, *self.sealed))
        fine(
            evote(
                *("requests", "cosign", self.record, answer),
                *("--private", self.office, "--exchange", self.exchange),
            )
        )

    def session(self, *options: object, members: tuple[int, ...] = (1, 3)) -> Outcome:
        fine(office(self, *options, "--guardians", ",".join(map(str, members))))
        self.log()
        for _ in range(3):
            for index in members:
                fine(guardian(self, index))
        return fine(office(self, *options))


@pytest.fixture(scope="module")
def _north(tmp_path_factory: pytest.TempPathFactory) -> EarlyTown:
    """North is closed and published."""
    with cheap_passphrases():
        town = EarlyTown(tmp_path_factory.mktemp("early") / "town", DRAFT)
        town.prepare()
        fine(town.results("close", "--unit", "Town/North"))
        town.session("--provisional")
    return town


@pytest.fixture
def north(_north: EarlyTown, tmp_path: Path) -> EarlyTown:
    town = EarlyTown(tmp_path / "town", DRAFT)
    shutil.rmtree(town.root)
    shutil.copytree(_north.root, town.root)
    return town


def shown(town: EarlyTown) -> dict[str, object]:
    value = fine(town.results("show", "--json", sealed=False)).value()
    assert isinstance(value, dict)
    return value


def test_n_of_m_units_and_then_the_whole_with_the_same_figures(north: EarlyTown) -> None:
    found = shown(north)
    assert (found["reported"], found["units"], found["missing"]) == (1, 2, ["Town/South"])
    chair = found["contests"][0]  # type: ignore[index]
    assert chair["ballots"] == 3 and chair["votes"][0] == {"option": "Ada", "votes": 1}
    text = fine(north.results("show", sealed=False)).out
    assert "1 of 2 units: Town/North" in text and "Not closed yet: Town/South" in text
    kept = north.root / "kept"
    fine(north.results("save", "--out", kept, sealed=False))
    fine(north.tally())
    before = north.record / "provisional" / "000001.seg"
    published = before.read_bytes()
    north.session(members=(1, 2))
    assert totals(north) == CAST and before.read_bytes() == published
    report = verify_reader(RecordReader(north.record, GROUPS))
    assert report.verdict is Verdict.PASS, report.failed
    assert report.counts["requests"] == 2 and report.counts["provisional results"] == 1
    fine(north.results("check", kept, sealed=False))


def test_when_everything_was_published_the_end_decrypts_nothing(north: EarlyTown) -> None:
    fine(north.results("close", "--unit", "Town/South"))
    north.session("--provisional", members=(2, 3))
    assert shown(north)["reported"] == 2
    fine(north.tally())
    fine(office(north))
    assert totals(north) == CAST
    assert json.loads((north.record / "result.json").read_text())["guardians"] == [1, 2, 3]
    assert verify_reader(RecordReader(north.record, GROUPS)).verdict is Verdict.PASS


def test_a_ballot_of_a_decrypted_unit_is_not_cast_and_its_correction_is_published(north: EarlyTown) -> None:
    (code,) = north.codes([vote("North", "Bo")])
    refused(north.cast(code), 2, "decrypted already", "results correct")
    refused(north.results("close", "--unit", "Town/North"), 2, "results correct")
    given = ("--unit", "Town/North", "--size", 4, "--root", "ab" * 32, "--reason", "one more was found")
    fine(north.results("correct", *given))
    said = fine(north.results("publish")).out
    assert "DISCREPANCY, not counted: Town/North; one more was found" in said
    checked = fine(north.results("check", sealed=False))
    assert "one more was found" in checked.out
    refused(office(north, "--provisional", "--guardians", "1,2"), 2, "no further cell")


def test_a_result_that_somebody_kept_must_stand_in_the_record(north: EarlyTown) -> None:
    kept = north.root / "kept"
    fine(north.results("save", "--out", kept, sealed=False))
    older = north.root / "older"
    shutil.copytree(north.record, older)
    fine(north.results("close", "--unit", "Town/South"))
    north.session("--provisional")
    later = north.root / "later"
    fine(north.results("save", "--out", later, sealed=False))
    fine(evote("results", "check", north.record, kept, later))
    assert "follows from it" in fine(evote("results", "check", older, later)).out
    broken = north.root / "broken"
    *data, changed, last = kept.read_bytes()
    broken.write_bytes(bytes((*data, changed ^ 1, last)))
    refused(evote("results", "check", north.record, broken), 1, "signature does not hold")


def test_an_office_that_signed_two_views_is_told(north: EarlyTown) -> None:
    other = north.root / "other"
    shutil.copytree(north.root, other, ignore=shutil.ignore_patterns("other"))
    twin = EarlyTown.__new__(EarlyTown)
    twin.__dict__.update(
        {**north.__dict__, "root": other, "record": other / "record", "office": other / "office"}
    )
    fine(north.results("close", "--unit", "Town/South"))
    given = ("--unit", "Town/North", "--size", 4, "--root", "ab" * 32, "--reason", "one more was found")
    fine(twin.results("correct", *given))
    for place in (north, twin):
        fine(place.results("publish"))
    fine(twin.results("save", "--out", other / "kept", sealed=False))
    refused(evote("results", "check", north.record, other / "kept"), 1, "two views of one count")


def test_a_session_is_finished_as_it_was_called(north: EarlyTown) -> None:
    fine(north.tally())
    refused(office(north), 2, "add --provisional")
    refused(office(north, "--provisional", "--guardians", "1,2"), 2)
