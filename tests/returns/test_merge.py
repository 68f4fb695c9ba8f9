"""Merging is a join: the same files in any number, order and grouping give the same bytes."""

from __future__ import annotations

import functools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.errors import DecodeError
from evote.returns import MergedReturns, Merger, Resolution, ReturnError, ReturnVerdict, sign_resolution
from evote.returns.envelope import open_file
from evote.testing.returns import CORRECT_UNTIL
from tests.returns.kit import digest, kit, merged, state, verdicts
from tests.returns.rosters import change_of, roster_of


@functools.cache
def files() -> tuple[bytes, ...]:
    """Returns, a correction, a conflict with its resolution, a later roster and a return under it."""
    k = kit()
    first, other = k.signed("A/2", votes=5), k.signed("A/2", votes=6)
    decided = Resolution(
        k.election.extended_hash, "A/2", digest(first), (digest(other),), "recounted", "2026-07-02T08:00:00Z"
    )
    new, change = change_of("A/3")
    name, roster = roster_of(change)
    b = k.signed("B")
    return (
        k.signed("A/1"),
        first,
        other,
        sign_resolution(decided, k.keys.authority),
        roster,
        k.signed("A/3", key=new, roster=name),
        k.signed("A/3", votes=3),
        b,
        k.correction("B", digest(b), votes=9),
        k.correction("B", digest(b), votes=8),
    )


@functools.cache
def whole() -> bytes:
    return merged(*files())[0].encode()


def test_a_merged_file_is_an_input_and_gives_itself() -> None:
    assert merged(whole())[0].encode() == whole()
    assert MergedReturns.decode(kit().election, whole()).encode() == whole()
    assert merged(whole(), *files(), whole())[0].encode() == whole()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=25))
def test_any_multiset_in_any_order_gives_the_bytes_of_the_set(places: list[int]) -> None:
    offered = [files()[place] for place in places]
    wanted = [files()[place] for place in sorted(set(places))]
    assert merged(*offered)[0].encode() == merged(*wanted)[0].encode()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sets(st.integers(0, 9)), min_size=3, max_size=3))
def test_merging_is_associative_commutative_and_idempotent(sets: list[set[int]]) -> None:
    a, b, c = (merged(*(files()[place] for place in sorted(each)))[0] for each in sets)
    assert a.merge(b).encode() == b.merge(a).encode()
    assert a.merge(b).merge(c).encode() == a.merge(b.merge(c)).encode()
    assert a.merge(a).encode() == a.encode()
    empty = MergedReturns.empty(kit().election)
    assert a.merge(empty).encode() == a.encode() == empty.merge(a).encode()


def run(seed: int) -> bytes:
    """One night of a centre: files are lost, doubled, cut, changed and late, and the machine crashes.

    What is lost is sent again in the end; a crash loses everything since the merged file was stored.
    """
    rng = random.Random(seed)
    election = kit().election
    stored = MergedReturns.empty(election).encode()
    current = MergedReturns.empty(election)
    waiting = [data for data in files() for _ in range(rng.randint(1, 3))]
    rng.shuffle(waiting)
    lost: list[bytes] = []
    while waiting:
        merger = Merger(current)
        for data in waiting[: rng.randint(1, 6)]:
            waiting.pop(0)
            fate = rng.random()
            if fate < 0.2:
                lost.append(data)
            elif fate < 0.35:
                merger.offer("cut", data[: rng.randrange(len(data))])
                lost.append(data)
            elif fate < 0.4:
                place = rng.randrange(len(data))
                merger.offer("changed", data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :])
                lost.append(data)
            else:
                merger.offer("whole", data)
                lost.append(data)  # until it is stored, a crash may take it
        current, _ = merger.finish()
        if rng.random() < 0.3:
            stored = current.encode()
        if rng.random() < 0.2:
            current = MergedReturns.decode(election, stored)
    final = Merger(current)
    rng.shuffle(lost)
    final.offer_all(("again", data) for data in lost)
    return final.finish()[0].encode()


def test_random_schedules_of_loss_doubling_order_and_crash_end_with_the_same_bytes() -> None:
    for seed in range(100):
        assert run(seed) == whole(), seed


@pytest.mark.long
def test_thousands_of_random_schedules_end_with_the_same_bytes() -> None:
    for seed in range(100, 10_000):
        assert run(seed) == whole(), seed


def test_how_often_and_under_which_name_a_file_came_is_reported_and_not_written() -> None:
    data = kit().signed("B")
    assert verdicts(data, data, data[:100]) == ["good", "duplicate", "partial"]
    value, report = merged(data, data, data[:100])
    assert value.encode() == merged(data)[0].encode()
    assert [arrival.name for arrival in report.arrivals] == ["0", "1", "2"]
    assert report.exit_code == 3
    assert merged(data, data)[1].exit_code == 0


def test_files_inside_a_merged_one_are_reported_one_by_one() -> None:
    inner = merged(kit().signed("A/2"), kit().signed("B"))[0].encode()
    _, report = merged(kit().signed("B"), inner)
    assert [(arrival.name, arrival.verdict.value) for arrival in report.arrivals] == [
        ("0", "good"),
        ("1[return 1]", "good"),
        ("1[return 2]", "duplicate"),
    ]


def test_a_torn_merged_file_is_partial_and_nothing_of_it_is_taken() -> None:
    inner = merged(kit().signed("A/2"), kit().signed("B"))[0].encode()
    value, report = merged(inner[:-1])
    assert [arrival.verdict for arrival in report.arrivals] == [ReturnVerdict.PARTIAL]
    assert not value.returns


def test_a_merged_file_that_is_not_in_its_one_order_is_an_input_and_not_a_stored_state() -> None:
    from evote.codec import decode, encode
    from evote.returns import FileKind
    from evote.returns.envelope import seal
    from evote.returns.merge import MergedFile

    data = merged(kit().signed("A/2"), kit().signed("B"))[0].encode()
    content = decode(MergedFile, open_file(data).body, element_bytes=0)
    turned = MergedFile(content.election, (), content.returns[::-1], ())
    other = seal(FileKind.MERGED, "", encode(turned))
    assert merged(other)[0].encode() == data
    with pytest.raises(ReturnError, match="one order"):
        MergedReturns.decode(kit().election, other)


def test_a_stored_state_with_a_forged_file_does_not_load() -> None:
    from evote.codec import encode
    from evote.returns import FileKind
    from evote.returns.envelope import seal
    from evote.returns.merge import MergedFile

    forged = kit().signed("B", key=kit().keys.units["A/2"])
    content = MergedFile(kit().election.extended_hash, (), (forged,), ())
    with pytest.raises(ReturnError) as caught:
        MergedReturns.decode(kit().election, seal(FileKind.MERGED, "", encode(content)))
    assert caught.value.verdict is ReturnVerdict.NEIGHBOURS_KEY


def test_a_return_waits_for_its_roster_and_counts_once_it_is_there() -> None:
    new, change = change_of("A/3")
    name, roster = roster_of(change)
    early = kit().signed("A/3", key=new, roster=name)
    forged = kit().signed("A/3", votes=1000, roster=name)
    assert verdicts(early, forged) == ["unknown-roster", "unknown-roster"]
    assert state(early, forged).units() == ()
    before = state(early, forged).roots[0].children[2]
    assert (before.status.value, before.totals.plain) == ("UNKNOWN", {})
    assert verdicts(early, forged, roster) == ["good", "forged", "good"]
    after = state(merged(early, forged)[0].encode(), roster).roots[0].children[2]
    assert after.status.value == "REPORTED"


def test_the_keys_of_the_kit_end_when_the_manifest_says() -> None:
    returns = kit().election.manifest.returns
    assert returns is not None and returns.correct_until == CORRECT_UNTIL


def test_what_is_merged_cannot_be_made_by_hand() -> None:
    value = merged(kit().signed("B"))[0]
    with pytest.raises(TypeError, match="out of a Merger"):
        MergedReturns(object(), value.election, value.rosters, {}, {}, {}, {})
    with pytest.raises((DecodeError, ReturnError)):
        MergedReturns.decode(value.election, kit().signed("B"))
