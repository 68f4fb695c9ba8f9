"""Signed notes and verifier keys: the published examples, one form, and every malformed one refused."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.board.note import (
    COSIGNED_HEADER,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    KeyKind,
    Note,
    NoteKey,
    NoteSignature,
    sign_note,
)
from evote.errors import DecodeError, VerificationError
from evote.signing import SigningKey
from tests.board.logs import LOG, LOG_SIGNER, WITNESSES, flipped, signer
from tests.board.published import EXAMPLE_KEY, EXAMPLE_NOTE, SUM_KEY, SUM_NOTE

TEXT = "This is an example message.\n"
EXAMPLE = EXAMPLE_NOTE.decode()
LINE = EXAMPLE.splitlines()[-1]
ENCODED = LINE.split(" ")[-1]


def named(name: str) -> bytes:
    """The example with another name in its signature line."""
    return EXAMPLE_NOTE.replace("— example.com/foo".encode(), f"— {name}".encode())


def own(text: str = TEXT, name: str = "n", key: SigningKey = LOG_SIGNER) -> tuple[Note, NoteKey]:
    return Note(text, (sign_note(text, name, key),)), NoteKey(name, KeyKind.ED25519, key.verify_key)


@pytest.mark.parametrize(("vkey", "note"), [(EXAMPLE_KEY, EXAMPLE_NOTE), (SUM_KEY, SUM_NOTE)])
def test_published_notes_verify_and_are_written_again_byte_for_byte(vkey: str, note: bytes) -> None:
    parsed, key = Note.parse(note), NoteKey.parse(vkey)
    parsed.verify(key)
    assert parsed.encode() == note
    assert str(key) == vkey
    assert key.kind is KeyKind.ED25519


def test_the_parts_of_the_published_example() -> None:
    note, key = Note.parse(EXAMPLE_NOTE), NoteKey.parse(EXAMPLE_KEY)
    assert note.text == TEXT
    assert (key.name, key.key_id.hex()) == ("example.com/foo", "530d903a")
    assert [(line.name, line.key_id, len(line.signature)) for line in note.signatures] == [
        (key.name, key.key_id, 64)
    ]


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = "first\n\nsecond\n\n\n— looks like a signature\n"
    note, key = own(text)
    assert Note.parse(note.encode()) == note
    Note.parse(note.encode()).verify(key)


@settings(max_examples=25)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30), st.integers(0, 3))
def test_what_is_signed_is_read_back_and_verifies(line: str, empty: int) -> None:
    note, key = own(line + "\n" * (empty + 1), "schlüssel.example")
    again = Note.parse(note.encode())
    assert again == note
    again.verify(key)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        TEXT.encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}{LINE}\n".encode(),
        f"{TEXT}\n{LINE}".encode(),
        f"{TEXT}\n{LINE}\n\n".encode(),
        f"{TEXT}\n{LINE}\nmore\n".encode(),
        f"{TEXT}\n {LINE}\n".encode(),
        f"{TEXT}\n{LINE} \n".encode(),
        f"{TEXT}\n{LINE}\r\n".encode(),
        f"{TEXT}\n{LINE.replace('— ', '- ')}\n".encode(),
        f"{TEXT}\n{LINE.replace('— ', '—')}\n".encode(),
        f"{TEXT}\n{LINE.replace('example.com/foo ', 'example.com/foo  ')}\n".encode(),
        f"{TEXT}\n{LINE.replace('example.com/foo ', '')}\n".encode(),
        f"{TEXT}\n— example.com/foo\n".encode(),
        f"{TEXT}\n— example.com/foo \n".encode(),
        named("a+b"),
        named("a\u00a0b"),
        named("a\u2028b"),
        named("a\u0085b"),
        named("x" * 257),
        f"{TEXT}\n— n Uw2QOg==\n".encode(),
        f"{TEXT}\n— n {ENCODED.rstrip('=')}\n".encode(),
        f"{TEXT}\n— n {ENCODED[:-2]}N=\n".encode(),
        f"{TEXT}\n— n {ENCODED[:8]} {ENCODED[8:]}\n".encode(),
        f"{TEXT}\n— n {ENCODED[:8]}-{ENCODED[9:]}\n".encode(),
        f"{TEXT}\n— n ü\n".encode(),
        EXAMPLE_NOTE.replace(b"This", b"T\x00is"),
        EXAMPLE_NOTE.replace(b"This", b"T\tis"),
        EXAMPLE_NOTE.replace(b"This", b"T\ris"),
        EXAMPLE_NOTE.replace(b"This", b"T\xffis"),
        EXAMPLE_NOTE.replace(b"This", b"T\xed\xa0\x80is"),
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        Note.parse(data)


def test_a_note_has_at_most_so_many_signatures_and_bytes() -> None:
    line = sign_note(TEXT, "n", LOG_SIGNER)
    many = [NoteSignature(f"n{number}", line.key_id, line.signature) for number in range(MAX_SIGNATURES + 1)]
    assert Note.parse(Note(TEXT, tuple(many[1:])).encode()).signatures == tuple(many[1:])
    with pytest.raises(ValueError, match="signatures"):
        Note(TEXT, tuple(many))
    data = Note(TEXT, tuple(many[1:])).encode() + f"{many[0]}\n".encode()
    with pytest.raises(DecodeError, match="signatures"):
        Note.parse(data)
    with pytest.raises(DecodeError, match="more than a note has"):
        Note.parse(bytes(MAX_NOTE_BYTES + 1))
    with pytest.raises(ValueError, match="at most"):
        Note("x" * MAX_NOTE_BYTES + "\n", (line,))


def test_sixteen_long_signatures_of_strangers_are_no_hindrance() -> None:
    note, key = own()
    strangers = tuple(NoteSignature(f"pq{number}.example", b"abcd", bytes(5000)) for number in range(16))
    again = Note.parse(note.having(*strangers).encode())
    again.verify(key)
    assert len(again.signatures) == 17


def test_a_changed_text_or_signature_does_not_verify() -> None:
    note, key = own()
    line = note.signatures[0]
    for wrong in (
        Note("This is another message.\n", note.signatures),
        Note(TEXT, (NoteSignature("n", line.key_id, flipped(line.signature)),)),
        Note(TEXT, (NoteSignature("n", line.key_id, line.signature + b"\x00"),)),
    ):
        with pytest.raises(VerificationError, match="signature of n does not verify"):
            wrong.verify(key)


def test_signatures_of_unknown_keys_are_ignored_even_with_a_known_name_or_key_id() -> None:
    note, key = own()
    line = note.signatures[0]
    same_name = NoteSignature("n", b"\x00\x00\x00\x00", bytes(64))
    same_id = NoteSignature("other", line.key_id, bytes(64))
    Note(TEXT, (same_name, same_id, line)).verify(key)
    with pytest.raises(VerificationError, match="not signed by"):
        Note(TEXT, (same_name, same_id)).verify(key)


def test_one_wrong_line_of_a_known_key_makes_the_note_wrong() -> None:
    note, key = own()
    line = note.signatures[0]
    wrong = NoteSignature("n", line.key_id, bytes(64))
    for lines in ((line, wrong), (wrong, line)):
        with pytest.raises(VerificationError, match="does not verify"):
            Note(TEXT, lines).verify(key)


def test_a_signature_under_another_name_is_of_another_key() -> None:
    note, _ = own(name="n")
    with pytest.raises(VerificationError, match="not signed by"):
        note.verify(NoteKey("m", KeyKind.ED25519, LOG_SIGNER.verify_key))


def test_a_line_is_added_once() -> None:
    note, _ = own()
    more = sign_note(TEXT, "m", signer("m"))
    assert note.having(more, more).having(more, *note.signatures).signatures == (*note.signatures, more)


def test_the_note_of_one_key_keeps_one_line() -> None:
    note, key = own()
    more = note.having(sign_note(TEXT, "m", signer("m")))
    assert more.of_key(key) == note
    with pytest.raises(VerificationError, match="not signed by"):
        more.of_key(LOG)


@pytest.mark.parametrize(
    "text", ["", "no newline", "a\tb\n", "a\x00\n", "a\x1fb\n", "a\r\n", "a\ud800\n", "\x00\x00\x00\x12x\n"]
)
def test_what_is_no_text_of_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="note"):
        sign_note(text, "n", LOG_SIGNER)


def test_a_cosigned_message_is_neither_signed_nor_accepted_as_a_plain_note() -> None:
    text = COSIGNED_HEADER.decode() + "time 1\nx\n"
    with pytest.raises(ValueError, match="cosigned message"):
        sign_note(text, "n", LOG_SIGNER)
    key = NoteKey("n", KeyKind.ED25519, LOG_SIGNER.verify_key)
    forced = Note(text, (NoteSignature("n", key.key_id, LOG_SIGNER.sign_note(text.encode())),))
    with pytest.raises(VerificationError, match="cosigned message"):
        forced.verify(key)


def test_a_statement_in_a_role_is_never_a_note_and_a_note_never_a_statement() -> None:
    note, _ = own()
    for tag in ("receipt", "index", "possession"):
        with pytest.raises(VerificationError):
            LOG_SIGNER.verify_key.verify(
                note.signatures[0].signature, tag=tag, election=bytes(32), origin="n", message=note.message
            )
    with pytest.raises(ValueError, match="zero byte"):
        LOG_SIGNER.sign_note(b"\x00\x00\x00\x12evote/v1/signature")
    with pytest.raises(ValueError, match="zero byte"):
        LOG_SIGNER.verify_key.verify_note(b"\x00", bytes(64))
    with pytest.raises(ValueError, match="zero byte"):
        LOG_SIGNER.sign_note(b"")


def test_a_key_of_small_order_is_no_verifier_key() -> None:
    identity = b"\x01" + bytes(31)
    text = vkey_of("n", 1, identity)
    with pytest.raises(DecodeError, match="identity"):
        NoteKey.parse(text)


def vkey_of(name: str, kind: int, key: bytes, key_id: str | None = None) -> str:
    packed = bytes((kind,)) + key
    made = hashlib.sha256(name.encode() + b"\n" + packed).hexdigest()[:8]
    return f"{name}+{made if key_id is None else key_id}+{base64.b64encode(packed).decode()}"


def test_one_key_has_another_key_id_for_every_name_and_type() -> None:
    public = LOG_SIGNER.verify_key
    ids = {NoteKey(name, kind, public).key_id for name in ("a", "b") for kind in KeyKind}
    assert len(ids) == 4
    for kind in KeyKind:
        assert NoteKey.parse(vkey_of("a", kind, public.encoded)) == NoteKey("a", kind, public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "n",
        "n+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "other+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("530d903a", "0530d903a"),
        EXAMPLE_KEY.replace("+Aeky", "+Beky"),
        EXAMPLE_KEY.replace("+Aeky", "+Aekz"),
        EXAMPLE_KEY + "=",
        EXAMPLE_KEY + "\n",
        " " + EXAMPLE_KEY,
        EXAMPLE_KEY.replace("foo", "f oo"),
        EXAMPLE_KEY.replace("foo", "f\u3000oo"),
        vkey_of("n", 1, LOG_SIGNER.verify_key.encoded[:-1]),
        vkey_of("n", 1, LOG_SIGNER.verify_key.encoded + b"\x00"),
        vkey_of("n", 2, LOG_SIGNER.verify_key.encoded),
        vkey_of("n", 6, bytes(1312)),
        vkey_of("n", 255, LOG_SIGNER.verify_key.encoded),
    ],
)
def test_what_is_no_verifier_key_of_a_supported_type_is_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        NoteKey.parse(text)


def test_a_key_for_cosignatures_verifies_no_plain_note() -> None:
    note, _ = own()
    with pytest.raises(ValueError, match="no key for plain notes"):
        note.verify(WITNESSES[0])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "x" * 257, "a\x00", "\ud800"])
def test_what_is_no_key_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="key name|surrogates"):
        NoteKey(name, KeyKind.ED25519, LOG_SIGNER.verify_key)
    with pytest.raises(ValueError, match="key name|surrogates"):
        NoteSignature(name, bytes(4), b"x")


def test_a_signature_line_without_a_key_id_or_signature_is_refused() -> None:
    for key_id, signature in ((bytes(3), b"x"), (bytes(5), b"x"), (bytes(4), b"")):
        with pytest.raises(ValueError, match="key ID of 4 bytes"):
            NoteSignature("n", key_id, signature)
