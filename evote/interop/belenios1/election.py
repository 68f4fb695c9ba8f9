"""The election: its texts, its group and key, and its questions ("Elections", "Questions").

Questions come in three kinds. Homomorphic ones are a plain object, or one of type ``Homomorphic``;
``NonHomomorphic`` and ``Lists`` have their object under ``value``, and a method of counting under
``extra`` that no check needs. An election of another protocol than 1, or with a question of an unknown
kind, is refused whole.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final

from evote.elgamal import PublicKey
from evote.errors import DecodeError
from evote.interop.belenios1 import texts
from evote.interop.belenios1.groups import NAMES, TextGroup
from evote.interop.belenios1.texts import MAX_ANSWERS
from evote.interop.belenios1.values import Reader, Shape
from evote.manifest.strict_json import Node

PROTOCOL: Final = 1

_UUID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{14,64}")


class Kind(enum.Enum):
    """The kinds of questions."""

    HOMOMORPHIC = "Homomorphic"
    NON_HOMOMORPHIC = "NonHomomorphic"
    LISTS = "Lists"


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    ``answers`` are the texts of the answers, list by list: one list, but for questions of lists.
    ``low`` and ``high`` bound the number of choices, and ``blank`` allows a blank vote, of homomorphic
    questions only.
    """

    kind: Kind
    text: str
    answers: tuple[tuple[str, ...], ...]
    low: int = 0
    high: int = 0
    blank: bool = False

    @property
    def shape(self) -> Shape:
        """How the ciphertexts of a homomorphic question, or one of lists, are nested."""
        if self.kind is Kind.LISTS:
            return tuple(len(each) for each in self.answers)
        return len(self.answers[0]) + self.blank


@dataclass(frozen=True, slots=True)
class Description:
    """An election as it was read; ``public_key`` is a text still, because its group may not be known.

    ``fingerprint`` is the hash in base 64 that every ballot and many proofs repeat (phi).
    """

    name: str
    uuid: str
    group: str
    public_key: Node
    questions: tuple[Question, ...]
    fingerprint: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Election:
    """An election whose group and key are known."""

    description: Description
    group: TextGroup
    reader: Reader
    key: PublicKey
    key_text: str

    @property
    def fingerprint(self) -> str:
        """phi."""
        return self.description.fingerprint

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in order."""
        return self.description.questions


def read_election(raw: bytes, digest: bytes) -> Description:
    """The election of these bytes, whose SHA-256 is ``digest``; raises :class:`DecodeError`."""
    fields = texts.read(raw).members(
        ("version", "description", "name", "group", "public_key", "questions", "uuid"),
        ("administrator", "credential_authority", "language"),
    )
    version = fields["version"].integer(0, 1000)
    if version != PROTOCOL:
        raise DecodeError(f"protocol {version} is not read; only protocol {PROTOCOL} is", "version")
    texts.free_text(fields["description"])
    for name in ("administrator", "credential_authority"):
        if name in fields:
            texts.free_text(fields[name])
    uuid = fields["uuid"].text(64)
    if not _UUID.fullmatch(uuid):
        raise DecodeError("the identifier of an election has 14 or more characters of base 58", "uuid")
    questions = tuple(_question(node) for node in fields["questions"].items(MAX_ANSWERS))
    if not questions:
        raise DecodeError("an election without a question", "questions")
    return Description(
        name=texts.free_text(fields["name"]),
        uuid=uuid,
        group=fields["group"].text(64),
        public_key=fields["public_key"],
        questions=questions,
        fingerprint=texts.b64(raw),
        digest=digest,
    )


def known_group(name: str) -> bool:
    """Whether the group is one of protocol 1."""
    return name in NAMES


def _question(node: Node) -> Question:
    entries = node.entries()
    if "type" not in entries:
        return _homomorphic(node)
    fields = node.members(("type", "value"), ("extra",))
    name = fields["type"].text(64)
    if name == Kind.HOMOMORPHIC.value:
        return _homomorphic(fields["value"])
    if name == Kind.NON_HOMOMORPHIC.value:
        inner = fields["value"].members(("answers", "question"))
        return Question(Kind.NON_HOMOMORPHIC, texts.free_text(inner["question"]), (_texts(inner["answers"]),))
    if name == Kind.LISTS.value:
        inner = fields["value"].members(("answers", "question"))
        lists = tuple(_texts(each) for each in inner["answers"].items(MAX_ANSWERS))
        if not lists:
            raise DecodeError("a question without a list", inner["answers"].where)
        return Question(Kind.LISTS, texts.free_text(inner["question"]), lists)
    raise DecodeError(f"questions of type {name!r} are not known", fields["type"].where)


def _homomorphic(node: Node) -> Question:
    fields = node.members(("answers", "min", "max", "question"), ("blank",))
    answers = _texts(fields["answers"])
    low, high = fields["min"].integer(0, MAX_ANSWERS), fields["max"].integer(0, MAX_ANSWERS)
    if low > high:
        raise DecodeError("min is more than max", node.where)
    blank = "blank" in fields and fields["blank"].boolean()
    return Question(Kind.HOMOMORPHIC, texts.free_text(fields["question"]), (answers,), low, high, blank)


def _texts(node: Node) -> tuple[str, ...]:
    found = tuple(texts.free_text(item) for item in node.items(MAX_ANSWERS))
    if not found:
        raise DecodeError("a list without an answer", node.where)
    return found
