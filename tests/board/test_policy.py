"""Trust policies: the document's example and rules, and which witnesses make a quorum."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.cosignature import Cosignature
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature
from evote.board.policy import MAX_ENTRIES, MAX_POLICY_BYTES, UNWITNESSED, Group, Policy
from evote.errors import DecodeError, VerificationError
from tests.board.logs import (
    LOG,
    NOW,
    WITNESSES,
    cosigned,
    flipped,
    head,
    line,
    policy_text,
    signed,
    signer,
    tree,
)
from tests.board.published import ARCHE_KEY, ARCHE_NOTE, ARCHE_TIME, ARCHE_WITNESSES

HEAD = head(tree(7))
A, B, C = WITNESSES
KEYS = [
    NoteKey(f"k{number}.example", KeyKind.COSIGNATURE, signer(f"k{number}").verify_key) for number in range(6)
]
X1, X2, X3, Y1, Y2, Y3 = KEYS
TWO_LEVELS = f"""\
log {LOG}

witness X1 {X1}
witness X2 {X2}
witness X3 {X3}
group X-witnesses 2 X1 X2 X3

witness Y1 {Y1}
witness Y2 {Y2}
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()
"""The example of C2SP tlog-policy with keys in the places of its elided ones."""
WITNESS_LINES = f"witness a {A}\nwitness b {B}\nwitness c {C}\n"


def test_the_example_of_the_document_wants_two_of_one_group_and_one_of_the_other() -> None:
    policy = Policy.parse(TWO_LEVELS)
    assert policy.logs == (LOG,)
    assert policy.keys == tuple(KEYS)
    assert policy.groups[0] == Group(b"X-witnesses", 2, (b"X1", b"X2", b"X3"))
    assert [group.threshold for group in policy.groups] == [2, 1, 2]
    for count in range(7):
        for held in combinations(KEYS, count):
            two_of_x = sum(key in held for key in (X1, X2, X3)) >= 2
            one_of_y = any(key in held for key in (Y1, Y2, Y3))
            assert policy.satisfied(held) is (two_of_x and one_of_y)


@settings(max_examples=25)
@given(st.integers(1, 5), st.data())
def test_k_of_n_is_reached_by_k_and_not_by_fewer(count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(1, count))
    names = " ".join(f"w{number}" for number in range(count))
    lines = "".join(f"witness w{number} {KEYS[number]}\n" for number in range(count))
    policy = Policy.parse(f"{lines}group g {threshold} {names}\nquorum g\n".encode())
    held = data.draw(st.sets(st.sampled_from(KEYS[:count])))
    assert policy.satisfied(held) is (len(held) >= threshold)


def test_no_quorum_is_a_choice_that_has_to_be_written() -> None:
    assert Policy.parse(b"quorum none\n") == UNWITNESSED
    assert not UNWITNESSED.witnessed
    assert UNWITNESSED.satisfied(())
    with pytest.raises(DecodeError, match="quorum line"):
        Policy.parse(b"")
    with pytest.raises(DecodeError, match="quorum line"):
        Policy.parse(WITNESS_LINES.encode())


def test_one_witness_may_be_the_quorum() -> None:
    policy = Policy.parse(f"{WITNESS_LINES}quorum b\n".encode())
    assert policy.satisfied([B])
    assert not policy.satisfied([A, C])


def test_white_space_comments_urls_and_octets_are_read_as_the_document_says() -> None:
    text = (
        f"# a comment\n\n \t \n\t# another \xe4\n log\t{LOG}  https://log.example/ \n"
        f"witness \xe4\xff {A} https://w.example/\nwitness none.of.them {B}\n"
        "group any any \xe4\xff none.of.them\nquorum any\n"
    ).encode("latin-1")
    policy = Policy.parse(text)
    assert [witness.name for witness in policy.witnesses] == [b"\xe4\xff", b"none.of.them"]
    assert policy.satisfied([A])
    assert policy.satisfied([B])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("witness a\nquorum none\n", "none of"),
        (f"witness a {A} url more\nquorum none\n", "none of"),
        ("log\nquorum none\n", "none of"),
        (f"log {LOG} url more\nquorum none\n", "none of"),
        ("quorum\n", "none of"),
        ("quorum none none\n", "none of"),
        ("Quorum none\n", "none of"),
        (f"{WITNESS_LINES}group g any\nquorum g\n", "none of"),
        (f"{WITNESS_LINES}group g\nquorum g\n", "none of"),
        ("quorum none\nquorum none\n", "one quorum line"),
        ("quorum a\n" + WITNESS_LINES, "'a' is not defined above"),
        (f"{WITNESS_LINES}quorum d\n", "'d' is not defined above"),
        (f"group g any a\n{WITNESS_LINES}quorum g\n", "'a' is not defined above"),
        (f"{WITNESS_LINES}group g any g\nquorum g\n", "'g' is not defined above"),
        (f"{WITNESS_LINES}group g any none\nquorum g\n", "'none' is not defined above"),
        (f"{WITNESS_LINES}group g any a h\ngroup h any b g\nquorum g\n", "'h' is not defined above"),
        (f"{WITNESS_LINES}group g 0 a b\nquorum g\n", "from 1 to 2"),
        (f"{WITNESS_LINES}group g 3 a b\nquorum g\n", "never be reached"),
        (f"{WITNESS_LINES}group g 01 a b\nquorum g\n", "from 1 to 2"),
        (f"{WITNESS_LINES}group g +1 a b\nquorum g\n", "from 1 to 2"),
        (f"{WITNESS_LINES}group g -1 a b\nquorum g\n", "from 1 to 2"),
        (f"{WITNESS_LINES}group g {'9' * 5000} a b\nquorum g\n", "from 1 to 2"),
        (f"{WITNESS_LINES}group g All a b\nquorum g\n", "from 1 to 2"),
        (f"{WITNESS_LINES}group g any a a\nquorum g\n", "member of a group already"),
        (f"{WITNESS_LINES}group g any a b\ngroup h any b c\nquorum g\n", "member of a group already"),
        (f"{WITNESS_LINES}witness a {X1}\nquorum a\n", "is taken"),
        (f"{WITNESS_LINES}group a any b\nquorum a\n", "is taken"),
        (f"{WITNESS_LINES}group none any b\nquorum none\n", "is taken"),
        (f"witness none {A}\nquorum none\n", "is taken"),
        (f"{WITNESS_LINES}witness d {A}\nquorum a\n", "stands in this policy already"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "stands in this policy already"),
        (f"log {NoteKey('other', KeyKind.ED25519, LOG.key)}\nlog {LOG}\nquorum none\n", "already"),
        (f"log {LOG}\nwitness a {NoteKey('w', KeyKind.COSIGNATURE, LOG.key)}\nquorum a\n", "already"),
        (f"witness a {NoteKey('w', KeyKind.COSIGNATURE, LOG.key)}\nlog {LOG}\nquorum a\n", "already"),
        (f"log {A}\nquorum none\n", "type 01 is wanted"),
        (f"witness a {LOG}\nquorum a\n", "type 04 is wanted"),
        (f"witness a {str(A)[:-1]}\nquorum a\n", "base 64"),
        ("witness a a+00000000+AA==\nquorum a\n", "types 01, 04"),
        ("quorum none", "newline"),
        ("quorum none\r\n", "control characters"),
        ("quorum none\x00\n", "control characters"),
        ("quorum none\x7f\n", "control characters"),
        ("quorum none\x0c\n", "control characters"),
        (" " * MAX_POLICY_BYTES + "\n", "at most"),
    ],
)
def test_what_is_no_policy_is_refused(text: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        Policy.parse(text.encode())


def test_an_error_names_its_line() -> None:
    with pytest.raises(DecodeError) as caught:
        Policy.parse(b"# comment\n\nquorum x\n")
    assert caught.value.where == "policy line 3"


def test_a_name_that_is_no_utf8_in_a_key_is_refused() -> None:
    with pytest.raises(DecodeError, match="UTF-8"):
        Policy.parse(b"log \xff+00000000+AAAA\nquorum none\n")


@pytest.mark.parametrize("count", [32, MAX_ENTRIES])
def test_many_groups_are_read_and_too_many_refused(count: int) -> None:
    lines = [f"witness a {A}", "group g0 any a"]
    lines += [f"group g{number} any g{number - 1}" for number in range(1, count)]
    policy = Policy.parse("\n".join((*lines, f"quorum g{count - 1}", "")).encode())
    assert policy.satisfied([A])
    assert not policy.satisfied([B])
    if count == MAX_ENTRIES:
        lines.append(f"group more any g{count - 1}")
        with pytest.raises(DecodeError, match="at most"):
            Policy.parse("\n".join((*lines, "quorum more", "")).encode())


# --- heads ------------------------------------------------------------------------------------------


def test_a_head_that_a_quorum_cosigned_is_believed() -> None:
    policy = Policy.parse(policy_text())
    found = policy.verify(cosigned(HEAD, A, C), LOG)
    assert found.checkpoint == HEAD
    assert found.cosignatures == (Cosignature(A, NOW), Cosignature(C, NOW))
    assert found.time == NOW


def test_too_few_cosignatures_are_refused_by_name() -> None:
    policy = Policy.parse(policy_text())
    with pytest.raises(VerificationError, match="too few witnesses") as caught:
        policy.verify(cosigned(HEAD, A), LOG)
    assert (caught.value.expected, caught.value.computed) == ("the quorum 'q'", A.name)
    with pytest.raises(VerificationError, match="too few witnesses") as caught:
        policy.verify(signed(HEAD), LOG)
    assert caught.value.computed == "none"


def test_one_witness_twice_is_one_witness() -> None:
    note = cosigned(HEAD, A).having(line(HEAD, A, NOW + 1))
    with pytest.raises(VerificationError, match="too few witnesses"):
        Policy.parse(policy_text()).verify(note, LOG)


def test_cosignatures_without_the_log_are_not_enough() -> None:
    note = cosigned(HEAD, A, B, C)
    with pytest.raises(VerificationError, match="not signed by"):
        Policy.parse(policy_text()).verify(Note(note.text, note.signatures[1:]), LOG)


def test_cosignatures_of_another_head_do_not_count() -> None:
    other = head(tree(7, start=1))
    lines = (line(other, A), line(other, B), line(other, C))
    with pytest.raises(VerificationError, match="not authentic"):
        Policy.parse(policy_text()).verify(signed(HEAD).having(*lines), LOG)


def test_a_false_line_of_a_known_witness_makes_the_note_false_although_a_quorum_is_there() -> None:
    false = NoteSignature(C.name, C.key_id, flipped(line(HEAD, C).signature))
    with pytest.raises(VerificationError, match="not authentic"):
        Policy.parse(policy_text()).verify(cosigned(HEAD, A, B).having(false), LOG)


def test_without_a_quorum_the_signature_of_the_log_is_still_needed() -> None:
    assert UNWITNESSED.verify(signed(HEAD), LOG).time is None
    with pytest.raises(VerificationError, match="not signed by"):
        UNWITNESSED.verify(signed(HEAD, signer("somebody")), LOG)


def test_where_a_policy_lists_logs_no_other_is_asked() -> None:
    policy = Policy.parse(TWO_LEVELS)
    other = NoteKey("other.example/log", KeyKind.ED25519, signer("other").verify_key)
    with pytest.raises(ValueError, match="no log of this policy"):
        policy.verify(signed(HEAD), other)
    assert policy.log_of(signed(HEAD)) == LOG
    for note in (signed(head(tree(7), origin=other.name), signer("other")), signed(HEAD, signer("other"))):
        with pytest.raises(VerificationError, match="no log of the policy"):
            policy.log_of(note)


def test_the_time_of_a_quorum_is_the_latest_that_a_quorum_says_had_come() -> None:
    policy = Policy.parse(policy_text())
    times = (Cosignature(A, 100), Cosignature(B, 300), Cosignature(C, 200))
    assert policy.quorum_time(times) == 200
    assert policy.quorum_time((Cosignature(A, 100), Cosignature(B, 10**18), Cosignature(C, 200))) == 200
    assert policy.quorum_time(times[:2]) == 100
    assert policy.quorum_time(times[:1]) is None
    assert policy.quorum_time(()) is None
    assert UNWITNESSED.quorum_time(times) is None


def test_a_published_head_satisfies_a_policy_of_its_public_witnesses() -> None:
    lines = [f"witness w{number} {key}" for number, key in enumerate(ARCHE_WITNESSES)]
    text = "\n".join((f"log {ARCHE_KEY}", *lines, "group g 3 w0 w1 w2 w3", "quorum g", "")).encode()
    policy, note = Policy.parse(text), Note.parse(ARCHE_NOTE)
    found = policy.verify(note, policy.log_of(note))
    assert (found.checkpoint.size, found.time, len(found.cosignatures)) == (1432088532, ARCHE_TIME, 4)
