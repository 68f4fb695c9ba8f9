"""Cases of verifications 13 and 14."""

from __future__ import annotations

from dataclasses import replace

from evote.ballots.values import (
    OpenedContest,
    OpenedSelection,
)
from evote.testing.elections import Kit, Published
from evote.testing.forge import Cheat
from tests.verifier.cases.tools import (
    case,
    cheating,
    edited_opened_contest,
    edited_opening,
    other,
    replaced,
)


@case("13.A")
def other_contest_data_on_a_challenged_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, contest: OpenedContest) -> OpenedContest:
        assert contest.data is not None
        return replace(contest, data=replace(contest.data, plaintext=other(contest.data.plaintext)))

    return edited_opened_contest(edit, 1)


@case("13.B")
def another_vote_on_a_challenged_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, contest: OpenedContest) -> OpenedContest:
        values = [0, 1, 0]
        selections = tuple(
            replace(selection, value=value)
            for selection, value in zip(contest.selections, values, strict=True)
        )
        return replace(contest, selections=selections)

    return edited_opened_contest(edit)


@case("13.B")
def another_nonce_on_a_challenged_ballot() -> tuple[Kit, Published]:
    def edit(made: Kit, contest: OpenedContest) -> OpenedContest:
        first = replace(contest.selections[0], nonce=bytes(32))
        return replace(contest, selections=replaced(contest.selections, 0, first))

    return edited_opened_contest(edit)


@case("14.A")
def an_opened_contest_that_is_not_on_the_ballot() -> tuple[Kit, Published]:
    return edited_opening(
        lambda made, opened: replace(
            opened, contests=(*opened.contests, replace(opened.contests[0], contest="Judge"))
        )
    )


@case("14.B")
def a_contest_that_is_not_opened() -> tuple[Kit, Published]:
    return edited_opening(lambda made, opened: replace(opened, contests=opened.contests[:1]))


@case("14.C")
def an_opened_option_that_does_not_exist() -> tuple[Kit, Published]:
    return edited_opened_contest(
        lambda made, contest: replace(
            contest, selections=(*contest.selections, OpenedSelection("Marie", 0, bytes(32)))
        )
    )


@case("14.D")
def an_option_that_is_not_opened() -> tuple[Kit, Published]:
    return edited_opened_contest(lambda made, contest: replace(contest, selections=contest.selections[1:]))


@case("14.E")
def a_challenged_ballot_with_a_vote_above_the_option_limit() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (2, 0, 0)}), challenge=True)


@case("14.F")
def a_challenged_ballot_with_more_votes_than_the_contest_allows() -> tuple[Kit, Published]:
    return cheating(Cheat(values={"Council": (1, 1, 2)}), challenge=True)
