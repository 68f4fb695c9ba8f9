"""The store of pending ballots: durable, one decision per ballot, and chains that go on."""

from __future__ import annotations

import itertools
import multiprocessing
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.ballots import BallotState, Election, PlaintextBallot, PlaintextContest, verify_opening
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.opening import open_ballot
from evote.ballots.rehint import compute_hint
from evote.ceremony import Setting, run_local
from evote.errors import RefusedError, StorageError
from evote.manifest import Manifest, Parameters, base_hash, parameter_base_hash
from evote.secret import Secret
from evote.storage.pending import PendingStore
from evote.testing.groups import toy

DRAFT = {
    "label": "Council",
    "contests": [{"label": "Chair", "options": ["Ada", "Bo"]}],
    "test": True,
    "minimum_cell": 1,
    "chaining": 1,
}
BALLOT = PlaintextBallot("all", "all", {"Chair": PlaintextContest({"Ada": 1})})


def make_election(label: str = "Council") -> Election:
    manifest = Manifest.build({**DRAFT, "label": label}, salt=bytes(32), authority_key=None)
    parameters = Parameters(toy(), 1, 1)
    hashed = parameter_base_hash(parameters)
    setting = Setting(toy(), 1, 1, hashed, base_hash(hashed, manifest.raw))
    _, keys, _ = run_local(setting)
    return Election.of(
        parameters, manifest, toy().decode(keys.vote_key), toy().decode(keys.data_key), window=4
    )


ELECTION = make_election()
WIDTH = toy().element_bytes


def opened(path: Path, *, make: bool = False) -> PendingStore:
    return PendingStore(path, ELECTION.extended_hash, WIDTH, make=make)


def add(store: PendingStore, device: str = "booth 1", count: int = 1) -> list[str]:
    """Encrypt and keep ballots as a device does that starts again each time; returns their codes."""
    found = []
    for _ in range(count):
        codes = store.codes(device)
        prepared = encrypt(Device(ELECTION, device, codes=codes), BALLOT)
        ballot, context, nonce = prepared.pending()
        store.add(len(codes), ballot, context, nonce.reveal())  # the test's nonces are not sealed
        found.append(prepared.code)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PendingStore]:
    with opened(tmp_path / "pending", make=True) as made:
        yield made


def test_ballots_survive_closing_and_keep_the_order_of_their_device(store: PendingStore) -> None:
    first = add(store, count=2)
    other = add(store, device="booth 2")
    first += add(store)
    store.close()
    with opened(store.path) as again:
        assert [code.hex().upper() for code in again.codes("booth 1")] == first
        assert [code.hex().upper() for code in again.codes("booth 2")] == other
        assert again.devices() == ("booth 1", "booth 2")
        assert [entry.code for entry in again.undecided()] == [*first[:2], *other, first[2]]


def test_the_chain_goes_on_after_a_stop(store: PendingStore) -> None:
    codes = add(store, count=3)
    entries = [store.find(code) for code in codes]
    for before, after in itertools.pairwise(entries):
        assert after.ballot.chaining_field[4:] == before.ballot.confirmation_code


def test_a_chain_does_not_fork(store: PendingStore) -> None:
    add(store)
    late = encrypt(Device(ELECTION, "booth 1"), BALLOT)
    ballot, context, nonce = late.pending()
    with pytest.raises(RefusedError, match="made another ballot at the same time"):
        store.add(0, ballot, context, nonce.reveal())
    assert store.counts().undecided == 1


def test_a_ballot_is_not_kept_twice(store: PendingStore) -> None:
    ballot, context, nonce = encrypt(Device(ELECTION, "booth 1"), BALLOT).pending()
    store.add(0, ballot, context, nonce.reveal())
    with pytest.raises(RefusedError, match="in the store already"):
        store.add(1, ballot, context, nonce.reveal())


def test_the_hint_waits_beside_the_ballot_and_goes_with_it(store: PendingStore) -> None:
    for place, state in enumerate(BallotState):
        codes = store.codes("booth 1")
        prepared = encrypt(Device(ELECTION, "booth 1", codes=codes), BALLOT)
        ballot, context, nonce = prepared.pending()
        store.add(place, ballot, context, nonce.reveal(), prepared.hint())
        entry = store.decide(store.find(prepared.code), state)
        assert entry.hint == prepared.hint()
        assert entry.submitted_hint() == compute_hint(ELECTION, entry.submitted())
        store.mark_recorded(entry)
        assert store.find(prepared.code).hint is None


@pytest.mark.parametrize("content", [b"", b"\x00", b"rubbish", bytes(32 + WIDTH), bytes(1000)])
def test_a_damaged_hint_is_none_and_stops_nothing(store: PendingStore, content: bytes) -> None:
    (code,) = add(store)
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE ballots SET hint = ?", (content,))
    connection.commit()
    connection.close()
    with opened(store.path) as again:
        entry = again.decide(again.find(code), BallotState.CAST)
        assert entry.submitted_hint() is None


@pytest.mark.parametrize(("older", "without"), [(1, ("hint", "pre")), (2, ("pre",))])
def test_a_store_of_an_older_format_goes_on(
    store: PendingStore, older: int, without: tuple[str, ...]
) -> None:
    (code,) = add(store)
    store.close()
    connection = sqlite3.connect(store.path)
    for column in without:
        connection.execute(f"ALTER TABLE ballots DROP COLUMN {column}")
    connection.execute("UPDATE store SET format = ?", (older,))
    connection.commit()
    connection.close()
    for _ in range(2):
        with opened(store.path) as again:
            assert again.find(code).hint is None
            assert again.find(code).pre is None
            assert len(add(again)) == 1
            assert again.counts().undecided >= 2


@pytest.mark.parametrize("first", list(BallotState))
def test_the_first_decision_is_for_ever(store: PendingStore, first: BallotState) -> None:
    other = next(state for state in BallotState if state is not first)
    entry = store.find(add(store)[0])
    assert store.decide(entry, first).decision is first
    with pytest.raises(RefusedError, match=f"already {first.value}, and that decision is for ever"):
        store.decide(entry, other)
    store.close()
    with opened(store.path) as again:
        assert again.find(entry.code).decision is first
        with pytest.raises(RefusedError):
            again.decide(entry, other)
        assert again.decide(entry, first).decision is first
        assert [found.code for found in again.waiting(chained=False)] == [entry.code]


def test_the_nonce_of_a_cast_ballot_is_gone_with_the_decision(store: PendingStore) -> None:
    entry = store.find(add(store)[0])
    assert entry.nonce is not None
    nonce = entry.nonce
    store.decide(entry, BallotState.CAST)
    assert store.find(entry.code).nonce is None
    store.close()
    assert nonce not in store.path.read_bytes()


def test_the_nonce_of_a_challenged_ballot_stays_until_the_opening_is_kept(store: PendingStore) -> None:
    entry = store.find(add(store)[0])
    decided = store.decide(entry, BallotState.CHALLENGED)
    assert decided.nonce == entry.nonce is not None
    opening = open_ballot(ELECTION, decided.ballot, Secret(decided.nonce or b""))
    kept = store.keep_opening(decided, opening)
    assert kept.nonce is None
    assert kept.opening == opening
    verify_opening(ELECTION, kept.ballot, opening)
    store.close()
    assert entry.nonce is not None
    assert entry.nonce not in store.path.read_bytes()


def test_a_cast_ballot_is_never_opened(store: PendingStore) -> None:
    entry = store.find(add(store)[0])
    opening = open_ballot(ELECTION, entry.ballot, Secret(entry.nonce or b""))
    store.decide(entry, BallotState.CAST)
    with pytest.raises(RefusedError, match="is not challenged"):
        store.keep_opening(entry, opening)


def test_only_decided_ballots_wait_for_the_record_and_each_until_it_is_there(store: PendingStore) -> None:
    codes = add(store, count=3)
    store.decide(store.find(codes[2]), BallotState.CAST)
    store.decide(store.find(codes[0]), BallotState.CHALLENGED)
    waiting = list(store.waiting(chained=False))
    assert [entry.code for entry in waiting] == [codes[2], codes[0]]
    assert [entry.submitted().state for entry in waiting] == [BallotState.CAST, BallotState.CHALLENGED]
    assert [entry.submitted().context is None for entry in waiting] == [False, True]
    store.mark_recorded(waiting[0])
    assert [entry.code for entry in store.waiting(chained=False)] == [codes[0]]
    counts = store.counts()
    assert (counts.undecided, counts.cast, counts.challenged, counts.waiting) == (1, 1, 1, 1)
    assert store.recorded_codes("booth 1") == (bytes.fromhex(codes[2]),)
    with pytest.raises(RefusedError, match="is not decided"):
        store.find(codes[1]).submitted()


def test_in_a_chain_a_decided_ballot_waits_for_those_before_it(store: PendingStore) -> None:
    codes = add(store, count=3)
    (other,) = add(store, device="booth 2")

    def ready() -> list[str]:
        return [entry.code for entry in store.waiting(chained=True)]

    store.decide(store.find(codes[2]), BallotState.CAST)
    store.decide(store.find(other), BallotState.CAST)
    assert ready() == [other]
    store.decide(store.find(codes[1]), BallotState.CHALLENGED)
    assert ready() == [other]
    store.decide(store.find(codes[0]), BallotState.CAST)
    assert ready() == [*codes, other]
    for code in (*codes, other):
        store.mark_recorded(store.find(code))
    assert ready() == []
    assert [code.hex().upper() for code in store.recorded_codes("booth 1")] == codes


def test_codes_are_listed_in_the_order_of_the_record(store: PendingStore) -> None:
    codes = add(store, count=3)
    for code in reversed(codes):
        entry = store.decide(store.find(code), BallotState.CAST)
        store.mark_recorded(entry)
        store.mark_recorded(entry)
    assert [code.hex().upper() for code in store.recorded_codes("booth 1")] == codes[::-1]


def test_a_ballot_is_found_by_its_code_or_the_start_of_it(store: PendingStore) -> None:
    (code,) = add(store)
    assert store.find(code).code == code
    assert store.find(code[:8].lower()).code == code
    assert store.find(f"{code[:32]} {code[32:]}").code == code


@pytest.mark.parametrize("code", ["", "ABC", "Z" * 64, "0" * 65, "-" * 8])
def test_what_is_no_code_is_refused(store: PendingStore, code: str) -> None:
    with pytest.raises(ValueError, match="is no confirmation code"):
        store.find(code)


def test_a_code_that_no_ballot_has_is_refused(store: PendingStore) -> None:
    (code,) = add(store)
    changed = ("0" if code[0] != "0" else "1") + code[1:]
    with pytest.raises(ValueError, match="no ballot here has the confirmation code"):
        store.find(changed)


def _race(path: Path, code: str, state: BallotState, outcomes: multiprocessing.Queue[str]) -> None:
    with PendingStore(path, ELECTION.extended_hash, WIDTH) as store:
        entry = store.find(code)
        try:
            outcomes.put(str(store.decide(entry, state).decision))
        except RefusedError:
            outcomes.put("refused")


def test_of_two_programs_that_decide_at_once_one_wins(store: PendingStore) -> None:
    entry = store.find(add(store)[0])
    store.close()
    context = multiprocessing.get_context("fork")
    outcomes: multiprocessing.Queue[str] = context.Queue()
    programs = [
        context.Process(target=_race, args=(store.path, entry.code, state, outcomes)) for state in BallotState
    ]
    for program in programs:
        program.start()
    found = sorted(outcomes.get(timeout=60) for _ in programs)
    for program in programs:
        program.join()
    with opened(store.path) as again:
        assert found == sorted([str(again.find(entry.code).decision), "refused"])


def test_the_file_is_readable_by_its_owner_alone(store: PendingStore) -> None:
    assert store.path.stat().st_mode & 0o077 == 0


def test_a_store_of_another_election_is_refused(store: PendingStore) -> None:
    store.close()
    with pytest.raises(RefusedError, match="holds ballots of the election"):
        PendingStore(store.path, bytes(32), WIDTH)


def test_a_store_that_is_absent_is_not_made_by_accident(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is not there"):
        opened(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_a_program_that_stopped_while_making_the_store_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "pending").touch()
    with opened(tmp_path / "pending", make=True) as store:
        assert add(store)


@pytest.mark.parametrize("content", [b"no database at all, but text of some length" * 40, b"\x00" * 4096])
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pending"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"damaged|no store of ballots"):
        opened(path)
    assert path.read_bytes() == content


def test_a_damaged_ballot_is_named(store: PendingStore) -> None:
    (code,) = add(store)
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE ballots SET ballot = substr(ballot, 2)")
    connection.close()
    with opened(store.path) as again, pytest.raises(StorageError, match="ballot 1 is damaged"):
        again.find(code)


def test_a_full_disk_leaves_the_ballots_before_it(store: PendingStore) -> None:
    codes = add(store, count=2)
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="the disk is full"):
        add(store, count=20)
    store.close()
    with opened(store.path) as again:
        kept = [code.hex().upper() for code in again.codes("booth 1")]
    assert kept[:2] == codes
    assert len(kept) < 22
