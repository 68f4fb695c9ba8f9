"""One message from each member of a round, or the names of those to blame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from evote.errors import BlameError, CeremonyError, DecryptionError
from evote.rounds.inbox import Blame, by_sender, one_from_each

MEMBERS = (1, 2, 4)


@dataclass(frozen=True)
class Note:
    sender: int
    text: str = "yes"


def refused(note: Note) -> str | None:
    return None if note.text == "yes" else f"the note of guardian {note.sender} says {note.text}"


def read(me: int | None, notes: Sequence[Note], own: Note | None = None) -> dict[int, Note]:
    blame = Blame(CeremonyError)
    return one_from_each(MEMBERS, me, notes, own, "note", blame, outsider="is a stranger", fault=refused)


@pytest.mark.parametrize("error", [CeremonyError, DecryptionError])
def test_blame_raises_the_error_of_its_protocol_with_all_reasons_and_culprits(
    error: type[BlameError],
) -> None:
    blame = Blame(error)
    blame.settle()
    blame.add("one", 3)
    blame.add("two", 1, 3)
    blame.add("nobody's")
    assert 1 in blame and 3 in blame and 2 not in blame
    with pytest.raises(error) as caught:
        blame.settle()
    assert type(caught.value) is error
    assert (caught.value.message, caught.value.culprits) == ("one; two; nobody's", (1, 3))


def test_a_fault_that_is_nobodys_stops_the_round_too() -> None:
    blame = Blame(DecryptionError)
    blame.add("the keys cancel")
    with pytest.raises(DecryptionError, match="the keys cancel") as caught:
        blame.settle()
    assert caught.value.culprits == ()


def test_one_message_from_each_is_found_by_its_sender_in_any_order() -> None:
    notes = [Note(4), Note(1), Note(2)]
    assert read(None, notes) == {1: Note(1), 2: Note(2), 4: Note(4)}


def test_the_own_message_is_included_whether_or_not_it_came_back() -> None:
    whole = {1: Note(1), 2: Note(2), 4: Note(4)}
    assert read(2, [Note(1), Note(4)], Note(2)) == whole
    assert read(2, [Note(1), Note(2), Note(4)], Note(2)) == whole


def test_a_reader_without_a_message_of_its_own_needs_none() -> None:
    assert read(2, [Note(1), Note(4)]) == {1: Note(1), 4: Note(4)}


@pytest.mark.parametrize(
    ("notes", "message", "culprits"),
    [
        ([Note(1)], "no note came from guardian 4", (4,)),
        ([], "no note came from guardian 1; no note came from guardian 4", (1, 4)),
        ([Note(1), Note(4), Note(4)], "guardian 4 sent more than one note", (4,)),
        ([Note(1), Note(4), Note(3)], "a note comes from 3, who is a stranger", (3,)),
        ([Note(1), Note(4, "no")], "the note of guardian 4 says no", (4,)),
        (
            [Note(1), Note(4, "no"), Note(4)],
            "the note of guardian 4 says no; guardian 4 sent more than one note",
            (4,),
        ),
        (
            [Note(1), Note(2, "forged"), Note(4)],
            "a note in the name of guardian 2 is not the one that it sent",
            (),
        ),
        (
            [Note(9), Note(4), Note(4)],
            "a note comes from 9, who is a stranger; guardian 4 sent more than one note; "
            "no note came from guardian 1",
            (1, 4, 9),
        ),
    ],
)
def test_all_faults_of_a_round_are_told_together(
    notes: list[Note], message: str, culprits: tuple[int, ...]
) -> None:
    with pytest.raises(CeremonyError) as caught:
        read(2, notes, Note(2))
    assert (caught.value.message, caught.value.culprits) == (message, culprits)


def test_a_message_in_the_name_of_a_reader_that_sent_none_is_a_fault() -> None:
    with pytest.raises(CeremonyError, match="in the name of guardian 2") as caught:
        read(2, [Note(1), Note(2), Note(4)])
    assert caught.value.culprits == ()


def test_messages_that_are_missing_are_nobodys_fault_where_they_are_only_sorted() -> None:
    blame = Blame(DecryptionError)
    notes = [Note(4), Note(2, "no")]
    found = by_sender(MEMBERS, None, notes, None, "note", blame, outsider="is a stranger", fault=refused)
    assert found == {4: Note(4)}
    assert 2 in blame and 1 not in blame and 4 not in blame


def test_without_a_test_of_their_own_all_messages_of_members_count() -> None:
    blame = Blame(DecryptionError)
    found = by_sender((1,), None, [Note(1, "no")], None, "note", blame, outsider="is a stranger")
    assert found == {1: Note(1, "no")}
    blame.settle()
