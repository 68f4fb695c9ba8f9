"""Texts of a ballot definition: labels that keep the rules of a manifest, and names per language.

White space is made single blanks and letters are composed (NFC), because definitions are often
indented inside a text; how many texts were changed is on the account. Other faults of a label are not
mended: the manifest's rules name them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from evote.codec import MAX_LABEL_BYTES, MAX_LANGUAGES
from evote.errors import DecodeError
from evote.manifest.strict_json import Node
from evote.manifest.texts import LANGUAGE, quoted
from evote.office.official.bd_reading import MAX_ITEMS, Losses

JOINED = " / "
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Shown:
    """A label, and names by language."""

    label: str
    names: dict[str, str]


class Texts:
    """Reads texts; ``language`` is that of the labels, by default the first one that is met."""

    def __init__(self, losses: Losses, language: str | None) -> None:
        self._losses = losses
        self._language = language
        self._languages: dict[str, None] = {}
        self._tidied = self._lacking = 0

    def plain(self, text: str) -> str:
        """A text without a language, made a label."""
        return self._label(self._tidy(text))

    def read(self, node: Node, otherwise: str) -> Shown:
        """An InternationalizedText; ``otherwise`` is the label of one that is empty."""
        names: dict[str, str] = {}
        fields = self._losses.open(node, "InternationalizedText")
        for item in fields.need("Text").items(MAX_ITEMS):
            string = self._losses.open(item, "LanguageString")
            language, text = string.text("Language"), self._tidy(string.text("Content"))
            if not LANGUAGE.fullmatch(language):
                self._losses.state(item.where, f"{quoted(language)} is no language tag; its text is left out")
            elif language in names:
                self._losses.state(item.where, f"a second text in {language} is left out")
            elif text:
                names[language] = text
                self._languages.setdefault(language)
                if len(self._languages) > MAX_LANGUAGES:
                    raise DecodeError(f"there are more than {MAX_LANGUAGES} languages", item.where)
        if self._language is None and names:
            self._language = next(iter(names))
        chosen = names.get(self._language or "") or next(iter(names.values()), "")
        if not chosen:
            self._losses.state(node.where, f"the text is empty; {quoted(otherwise)} stands for it")
        return Shown(self._label(chosen or otherwise), names)

    def joined(self, parts: Iterable[Shown]) -> Shown:
        """Several texts as one, in every language that all of them have."""
        members = list(parts)
        if len(members) == 1:
            return members[0]
        names = {
            language: JOINED.join(part.names[language] for part in members)
            for language in (members[0].names if members else ())
            if all(language in part.names for part in members)
        }
        return Shown(self._label(JOINED.join(part.label for part in members)), names)

    def unique(self, shown: list[Shown], identifiers: list[str], what: str) -> list[str]:
        """The labels, with the identifier behind those that several have."""
        labels = [each.label for each in shown]
        times = Counter(labels)
        found = []
        for label, identifier in zip(labels, identifiers, strict=True):
            if times[label] > 1:
                self._losses.state(identifier, f"another {what} is called {quoted(label)} too")
                label = self._label(f"{label} ({self._tidy(identifier)})")
            found.append(label)
        return found

    # --- at the end ----------------------------------------------------------------------------------

    @property
    def languages(self) -> list[str]:
        """All languages that were met; those of the labels first."""
        first = [self._language] if self._language in self._languages and self._language else []
        return [*first, *(each for each in self._languages if each not in first)]

    def names(self, shown: Shown) -> dict[str, str]:
        """Names in every language of the election, or none at all: the label stands in for one that lacks."""
        if not shown.names:
            return {}
        self._lacking += sum(language not in shown.names for language in self.languages)
        return {language: shown.names.get(language, shown.label) for language in self.languages}

    def account(self) -> None:
        """Put what was done to the texts on the account."""
        if self._tidied:
            self._losses.state(
                "", f"white space or composition of letters was tidied in {self._tidied} texts"
            )
        if self._lacking:
            self._losses.state("", f"{self._lacking} names are missing in one language; the labels stand in")

    # --- inside --------------------------------------------------------------------------------------

    def _tidy(self, text: str) -> str:
        tidy = unicodedata.normalize("NFC", re.sub(r"\s+", " ", text).strip())
        self._tidied += tidy != text
        return tidy

    def _label(self, text: str) -> str:
        raw = text.encode("utf-8")
        if len(raw) <= MAX_LABEL_BYTES:
            return text
        self._losses.state("", f"the label {quoted(text)} is longer than {MAX_LABEL_BYTES} bytes and was cut")
        room = MAX_LABEL_BYTES - len(_ELLIPSIS.encode("utf-8"))
        return raw[:room].decode("utf-8", "ignore").rstrip() + _ELLIPSIS
