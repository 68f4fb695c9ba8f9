"""What must hold after a replayed night; every claim is an assertion, and the figures come back.

The judge has what a centre has: the election's record, the collector's folder and the USB sticks. Only the
truth and the guardians' key come from elsewhere, to compare with and to decrypt with.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benches.night_collector import election_of
from benches.night_units import Offices, recomputed
from benches.night_world import Night, Scenario
from evote.ballots import Election
from evote.hashing import sha256
from evote.manifest import ReturnKind
from evote.returns import (
    Completeness,
    MergedReturns,
    UnitStatus,
    check_evidence,
    completeness,
    make_evidence,
    merge_returns,
)

Figures = dict[str, Any]
"""What one night came to, as JSON has it."""
TRIED = ("listening", "closed", "replayed")
"""Lines of the line's log that are no attempts of offices."""


def judge(offices: Offices, scenario: Scenario, night: Night) -> Figures:
    """Hold a night against the truth; raises ``AssertionError``."""
    election = election_of(night.record)
    files = night.arrived()
    merged, report = merge_returns(election, files.items())
    state = completeness(merged, report)
    _statuses(offices, scenario, state)
    _totals(offices, election, state)
    _once(offices, scenario, night, merged, files)
    shown = _evidence(election, scenario, merged)
    provisional = _provisional(offices, night, election, merged)
    assert state.exit_code == (1 if scenario.twice else 3 if scenario.absent or scenario.torn else 0)
    return {
        "units": state.expected,
        "reported": state.reported,
        "missing": list(state.units(UnitStatus.MISSING)),
        "partial": list(state.units(UnitStatus.PARTIAL)),
        "conflict": list(state.units(UnitStatus.CONFLICT)),
        "duplicate": len(state.units(UnitStatus.DUPLICATE)),
        "exit_code": state.exit_code,
        "merged_bytes": len(merged.encode()),
        "evidence_bytes": shown,
        "at_closing": provisional,
        "ballots": sum(map(len, offices.ballots.values())),
        "kills": night.kills,
        **traffic(scenario, night),
    }


def _statuses(offices: Offices, scenario: Scenario, state: Completeness) -> None:
    """Every unit is what it did, by name."""
    assert state.units(UnitStatus.MISSING) == tuple(scenario.absent)
    assert state.units(UnitStatus.PARTIAL) == tuple(scenario.torn)
    assert state.units(UnitStatus.CONFLICT) == tuple(scenario.twice)
    assert state.units(UnitStatus.UNKNOWN) == ()
    silent = {*scenario.absent, *scenario.torn, *scenario.twice}
    reported = state.units(UnitStatus.REPORTED, UnitStatus.DUPLICATE)
    assert sorted(reported) == sorted(path for path in offices.units if path not in silent)
    assert set(scenario.sticks) <= set(state.units(UnitStatus.DUPLICATE)), "two roads are seen as such"
    assert set(scenario.carried) <= set(reported), "what another office carried is there"


def _totals(offices: Offices, election: Election, state: Completeness) -> None:
    """Plain and decrypted totals are those of exactly the units that reported, at every level."""
    for node in state.nodes():
        below = [
            each.path
            for each in node.tree()
            if not each.children and each.status in (UnitStatus.REPORTED, UnitStatus.DUPLICATE)
        ]
        opened = [path for path in below if offices.units[path].kind is ReturnKind.OPEN]
        truth = offices.truth(opened)
        for contest, counts in node.totals.plain.items():
            labels = [option.label for option in election.manifest.contest_by_label(contest).options]
            assert dict(zip(labels, counts, strict=True)) == truth.get(contest, dict.fromkeys(labels, 0))
    reported = state.units(UnitStatus.REPORTED, UnitStatus.DUPLICATE)
    sealed = [path for path in reported if offices.units[path].kind is ReturnKind.BALLOTS]
    for path in sealed:
        contest = offices.units[path].contest
        again = recomputed(election, contest, offices.ballots[path])
        assert offices.returns[path].sealed == (again,), f"{path}: the total is that of the ballots"
    truth = offices.truth(sealed)
    assert set(state.totals.sealed) == set(truth)
    for contest, sums in state.totals.sealed.items():
        assert offices.decrypted(contest, sums) == truth[contest]


def _once(
    offices: Offices, scenario: Scenario, night: Night, merged: MergedReturns, files: Mapping[str, bytes]
) -> None:
    """No byte counts twice: not at the collector, not in the merge, in whatever order and number."""
    sent = {
        sha256(offices.files[path]).hex(): len(offices.files[path])
        for path in scenario.ready
        if path not in {*scenario.absent, *scenario.torn}
    }
    sent |= {sha256(data).hex(): len(data) for data in scenario.twice.values()}
    arrived = Counter(str(each["sha256"]) for each in night.arrivals())
    assert arrived == Counter(dict.fromkeys(sent, 1)), "each file arrived, once"
    assert sum(int(each["size"]) for each in night.arrivals()) == sum(sent.values())
    assert all(each["accepted"] for each in night.arrivals())
    assert set(merged.returns) == {bytes.fromhex(name) for name in sent}
    chance = random.Random(scenario.seed)
    for _ in range(3):
        again = [*files.items(), *chance.choices(list(files.items()), k=len(files))]
        chance.shuffle(again)
        assert merge_returns(merged.election, again)[0].encode() == merged.encode()
    assert MergedReturns.decode(merged.election, merged.encode()).encode() == merged.encode()


def _evidence(election: Election, scenario: Scenario, merged: MergedReturns) -> int:
    """Whoever has the record and the evidence, and nothing else, sees the conflict; its bytes."""
    size = 0
    for path in scenario.twice:
        data = make_evidence(merged, path)
        shown = check_evidence(election, data)
        assert {signed.unit for signed in shown.files} == {path}
        assert len({signed.returned.plain for signed in shown.files}) == 2
        size = len(data)
    return size


def _provisional(offices: Offices, night: Night, election: Election, merged: MergedReturns) -> int:
    """What was there when the line closed is a subset of what is there at the end, and true; how many."""
    closed = night.moment("closed")
    done = {str(each["sha256"]) for each in night.deliveries if each["at"] <= closed}
    names = [str(each["sha256"]) for each in night.arrivals() if each["sha256"] in done]
    files = [(name, (night.collected / "arrived" / f"{name}.return").read_bytes()) for name in names]
    early, report = merge_returns(election, files)
    assert set(early.returns) < set(merged.returns)
    assert early.merge(merged).encode() == merged.encode()
    state = completeness(early, report)
    assert state.exit_code in (1, 3), "nobody takes a part for the whole"
    reported = state.units(UnitStatus.REPORTED, UnitStatus.DUPLICATE)
    for contest, sums in state.totals.sealed.items():
        truth = offices.truth(path for path in reported if offices.units[path].kind is ReturnKind.BALLOTS)
        assert offices.decrypted(contest, sums) == truth[contest]
    return state.reported


# --- the line --------------------------------------------------------------------------------------


def traffic(scenario: Scenario, night: Night) -> Figures:
    """Attempts and arrivals over time, in seconds of the night."""
    tried = [float(each["at"]) for each in night.attempts if not str(each["fate"]).startswith(TRIED)]
    closed = night.moment("closed")
    back = closed + scenario.outage
    done = sorted(float(each["at"]) for each in night.deliveries if each["state"] == "delivered")
    assert len(tried) >= len(done)
    seconds = Counter(int(at) for at in tried)
    after = Counter(int(at - back) for at in tried if at >= back)
    returned = [at for at in done if at >= back]
    return {
        "closed": closed,
        "back": back,
        "waiting": len(returned),
        "last_after_return": (done[-1] - back) if returned else 0.0,
        "half_after_return": (returned[len(returned) // 2] - back) if returned else 0.0,
        "attempts": len(tried),
        "refused": sum(each["fate"] == "refused" for each in night.attempts),
        "peak": max(seconds.values()),
        "peak_after_return": max(after.values(), default=0),
        "bytes": sum(int(each["size"]) for each in night.arrivals()),
        "bytes_sent": sum(int(each["bytes"]) for each in night.attempts if each["fate"] != "replayed"),
        "fates": dict(Counter(str(each["fate"]).partition(",")[0] for each in night.attempts)),
        "tried": sorted(tried),
        "done": done,
    }


def shortened(figures: Figures) -> Figures:
    """The figures without their long lists, to be read by people."""
    return {name: value for name, value in figures.items() if name not in ("tried", "done")}


def without_herd(figures: Mapping[str, Figures], ways: Sequence[str]) -> None:
    """That the first way asks less at once than the others, and has everybody in within ten minutes."""
    own, others = figures[ways[0]], [figures[way] for way in ways[1:]]
    assert own["last_after_return"] <= 600
    for other in others:
        assert own["peak"] < other["peak"] and own["peak_after_return"] <= other["peak_after_return"]
