"""Signed notes and verifier keys (C2SP signed-note v1.0.0).

A note is a text that ends in a newline, an empty line, and signature lines::

    — <key name> base64(key ID (4 bytes) || signature)

The text is ignored until a signature of a known key has been verified. What is left out: signature
types other than Ed25519 (01) and timestamped Ed25519 cosignatures (04), whose keys are refused.

Rules:

* One note has one byte string: base 64 is canonical, and nothing stands before or after.
* A key ID is always recomputed from name, type and key; a verifier key with another one is refused.
* Signatures of unknown keys are ignored; one of a known key that does not verify makes the whole
  note false.
* A text that starts like a cosigned message is never signed, or taken for signed, as a plain note.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from evote.board.lines import decode64, encode64
from evote.errors import DecodeError, VerificationError
from evote.hashing import sha256
from evote.signing import VerifyKey

if TYPE_CHECKING:  # at run time only its methods are used: those who verify do not load it
    from evote.signing import SigningKey

MAX_NOTE_BYTES: Final = 1024 * 1024
MAX_SIGNATURES: Final = 128
MAX_NAME_BYTES: Final = 256
KEY_ID_BYTES: Final = 4
COSIGNED_HEADER: Final = b"cosignature/v1\n"
"""First line of a cosigned message; see :mod:`evote.board.cosignature`."""

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_DASH = "\u2014 "
_SPACES = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters with the Unicode property White_Space, written down so that no Unicode table decides."""


class KeyKind(enum.IntEnum):
    """Signature types of notes that are supported, by their identifier byte."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes: its name, type and public key. Equal values have equal key IDs.

    Raises ``ValueError`` for a name that is no key name (:func:`check_name`).
    """

    name: str
    kind: KeyKind
    key: VerifyKey
    key_id: bytes = field(init=False, repr=False)
    """SHA-256(name || 0A || type || public key)[:4]"""

    def __post_init__(self) -> None:
        check_name(self.name)
        object.__setattr__(self, "key_id", _key_id(self.name, self.kind, self.key.encoded))

    def __str__(self) -> str:
        """The verifier key in its text form (vkey)."""
        packed = bytes((self.kind,)) + self.key.encoded
        return f"{self.name}+{self.key_id.hex()}+{encode64(packed)}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """The key of a vkey; :class:`DecodeError` for any other text, type of key, or key ID."""
        if text.count("+") < 2:
            raise DecodeError("a verifier key is NAME+KEYID+BASE64", "verifier key")
        name, key_id, packed_text = text.split("+", 2)
        _check_name_read(name, "key name")
        packed = decode64(packed_text, "verifier key")
        if not packed or packed[0] not in list(KeyKind):
            supported = ", ".join(f"{kind:02x}" for kind in KeyKind)
            found = packed[:1].hex() or "none"
            raise DecodeError(f"keys of the types {supported} are supported, not {found}", "verifier key")
        key = cls(name, KeyKind(packed[0]), VerifyKey(packed[1:]))
        if key.key_id.hex() != key_id:
            raise DecodeError(f"the key ID of this key is {key.key_id.hex()}, not {key_id[:20]!r}", "key ID")
        return key


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line. Nothing is known of it until a key verified it.

    Raises ``ValueError`` for a name that is no key name, another key ID than one of 4 bytes, and an
    empty signature.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise ValueError("a signature line has a key ID of 4 bytes and a signature")

    def __str__(self) -> str:
        """The line without its newline."""
        return f"{_DASH}{self.name} {encode64(self.key_id + self.signature)}"

    @classmethod
    def parse(cls, line: str, where: str = "signature") -> NoteSignature:
        """A line without its newline; raises :class:`DecodeError`."""
        if not line.startswith(_DASH):
            raise DecodeError("a signature line starts with a dash (U+2014) and a space", where)
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        _check_name_read(name, where)
        packed = decode64(encoded, where)
        if len(packed) <= KEY_ID_BYTES:
            raise DecodeError("a signature follows its key ID of 4 bytes", where)
        return cls(name, packed[:KEY_ID_BYTES], packed[KEY_ID_BYTES:])

    def is_of(self, key: NoteKey) -> bool:
        """Whether the line says that it is by ``key``: name and key ID agree."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signature lines, none of them verified.

    Raises ``ValueError`` for a text that does not end in a newline or holds other control characters,
    no signature, more than 128 of them, and more than 1 MiB in all.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        _check_text(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise ValueError(f"a note has 1 to {MAX_SIGNATURES} signatures")
        if len(self.encode()) > MAX_NOTE_BYTES:
            raise ValueError(f"a note has at most {MAX_NOTE_BYTES} bytes")

    @property
    def message(self) -> bytes:
        """The text as bytes, its last newline included: what is signed."""
        return self.text.encode("utf-8")

    def encode(self) -> bytes:
        """The note as it is stored and sent."""
        lines = "".join(f"{signature}\n" for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """The note of these bytes; :class:`DecodeError` if they are none."""
        if len(data) > MAX_NOTE_BYTES:
            raise DecodeError(f"{len(data)} bytes are more than a note has", "note")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError:
            raise DecodeError("a note is UTF-8 text", "note") from None
        text, separator, rest = whole.rpartition("\n\n")
        if not separator:
            raise DecodeError("no empty line parts the text from its signatures", "note")
        if not rest.endswith("\n"):
            raise DecodeError("a note ends with a signature line and its newline", "note")
        lines = rest[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise DecodeError(f"{len(lines)} signatures are more than {MAX_SIGNATURES}", "note")
        signatures = tuple(
            NoteSignature.parse(line, f"signatures[{number}]") for number, line in enumerate(lines)
        )
        try:
            return cls(f"{text}\n", signatures)
        except ValueError as error:
            raise DecodeError(str(error), "note") from None

    def having(self, *signatures: NoteSignature) -> Note:
        """The note with further signatures behind its own; one that stands there already is left out."""
        fresh = tuple(line for line in dict.fromkeys(signatures) if line not in self.signatures)
        return Note(self.text, (*self.signatures, *fresh))

    def of_key(self, key: NoteKey) -> Note:
        """The note with one signature line, the first of ``key``, unverified.

        Raises :class:`VerificationError` if it has none.
        """
        for line in self.signatures:
            if line.is_of(key):
                return Note(self.text, (line,))
        raise VerificationError(f"the note is not signed by {key}", where="signatures")

    def verify(self, key: NoteKey) -> None:
        """That ``key``, of type 01, signed the text.

        Raises :class:`VerificationError` if there is no line of the key or one that does not verify,
        ``ValueError`` for a key of another type.
        """
        if key.kind is not KeyKind.ED25519:
            raise ValueError(f"{key.name} is no key for plain notes")
        lines = [line for line in self.signatures if line.is_of(key)]
        if not lines:
            raise VerificationError(f"the note is not signed by {key}", where="signatures")
        if self.message.startswith(COSIGNED_HEADER):
            raise VerificationError("a cosigned message is no note", where="text")
        for line in lines:
            try:
                key.key.verify_note(self.message, line.signature)
            except VerificationError as error:
                raise VerificationError(
                    f"the signature of {key.name} does not verify: {error.message}",
                    where="signatures",
                    expected=error.expected,
                    computed=error.computed,
                ) from error


def sign_note(text: str, name: str, key: SigningKey) -> NoteSignature:
    """The line of ``key``, called ``name``, under a plain note with this text (type 01).

    Raises ``ValueError`` for a text that no note has or that starts like a cosigned message.
    """
    _check_text(text)
    message = text.encode("utf-8")
    if message.startswith(COSIGNED_HEADER):
        raise ValueError("a text that starts like a cosigned message is not signed as a note")
    public = NoteKey(name, KeyKind.ED25519, key.verify_key)
    return NoteSignature(name, public.key_id, key.sign_note(message))


def check_name(name: str) -> None:
    """Raises ``ValueError`` unless ``name`` is a key name.

    That is 1 to 256 bytes of UTF-8 without "+", Unicode spaces and control characters.
    """
    if not 1 <= len(name.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES:
        raise ValueError(f"a key name has 1 to {MAX_NAME_BYTES} bytes")
    if any(letter == "+" or letter < " " or letter in _SPACES for letter in name):
        raise ValueError(f"the key name {name!r} has a plus sign, a space or a control character")
    _check_unicode(name)


def _check_name_read(name: str, where: str) -> None:
    try:
        check_name(name)
    except ValueError as error:
        raise DecodeError(str(error), where) from None


def _check_text(text: str) -> None:
    _check_unicode(text)
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends with a newline")
    if _CONTROL.search(text):
        raise ValueError("a note has no control characters but newlines")


def _check_unicode(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a note is UTF-8 text, which has no surrogates") from None


def _key_id(name: str, kind: KeyKind, key: bytes) -> bytes:
    return sha256(name.encode("utf-8"), b"\n", bytes((kind,)), key)[:KEY_ID_BYTES]
