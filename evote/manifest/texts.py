"""Rules for labels and display names (specification 3.1.3 and its serialization draft).

Labels identify, and people compare them by eye; what nobody can see, or what turns the direction of
writing, is refused, and two labels that differ only in what does not show are one label. What it
leaves out: letters of two scripts that look alike, and upper and lower case.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from evote.codec import MAX_LABEL_BYTES
from evote.manifest.model import BrokenRule

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", re.ASCII)
"""A language tag of the usual shape (BCP 47): ``fr``, ``de-CH``, ``sr-Latn-RS``."""

_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_SHOWN = 60
_HARD_SPACES = "\u00a0\u202f"
# Marks that turn the writing direction of what follows, also beyond the text they stand in.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Some scripts need them inside a word, so they are allowed; two labels may not differ in them alone.
_JOINERS = frozenset("\u200c\u200d")
# Letters and signs that are blank, and the few format characters that are not.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SHOWN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)


def label_faults(label: str) -> Iterator[str]:
    """What a label does against the rules, each as the end of a sentence that starts with "the label"."""
    yield from _common_faults(label)
    if len(label.encode("utf-8")) > MAX_LABEL_BYTES:
        yield f"is longer than {MAX_LABEL_BYTES} bytes"
    if any(space in label for space in _HARD_SPACES):
        yield "holds a no-break space"
    if any(left.isspace() and right.isspace() for left, right in pairwise(label)):
        yield "holds several white-space characters in a row"
    if not unicodedata.is_normalized("NFC", label):
        yield "is not in Unicode normal form C, so another label could look the same"


def name_faults(name: str) -> Iterator[str]:
    """What a display name does against the rules, each as the end of a sentence."""
    yield from _common_faults(name)


def _common_faults(text: str) -> Iterator[str]:
    if not text:
        yield "is empty"
        return
    if any(unicodedata.category(letter) in _CONTROLS for letter in text):
        yield "holds a line break, tab or other control character"
    if any(letter in _TURNS for letter in text):
        yield "holds a mark that turns the writing direction"
    if any(_is_invisible(letter) for letter in text):
        yield "holds a character that nobody can see"
    if text != text.strip():
        yield "starts or ends with white space"


def _is_invisible(letter: str) -> bool:
    if letter in _BLANKS:
        return True
    known = letter in _JOINERS or letter in _TURNS or letter in _SHOWN_FORMATS
    return unicodedata.category(letter) == "Cf" and not known


def _as_seen(label: str) -> str:
    """The label without what does not show: joiners and variation selectors."""
    return "".join(
        letter
        for letter in label
        if letter not in _JOINERS
        and not "\ufe00" <= letter <= "\ufe0f"
        and not "\U000e0100" <= letter <= "\U000e01ef"
    )


# --- the same as broken rules ------------------------------------------------------------------------


def quoted(label: str) -> str:
    """A label as it stands in messages: quoted, escaped, and cut if it is long."""
    return repr(label if len(label) <= _SHOWN else label[:_SHOWN] + "…")


def well_labelled(where: str, label: str) -> Iterator[BrokenRule]:
    """The rules that one label breaks."""
    for fault in label_faults(label):
        yield BrokenRule(where, f"the label {fault}")


def unique(where: str, kind: str, labels: Iterable[str]) -> Iterator[BrokenRule]:
    """One broken rule for each label that several things of one ``kind`` have, as far as anybody can see."""
    first: dict[str, str] = {}
    times: Counter[str] = Counter()
    for label in labels:
        seen = _as_seen(label)
        first.setdefault(seen, label)
        times[seen] += 1
    for seen, number in times.items():
        if number > 1:
            label = quoted(first[seen])
            yield BrokenRule(where, f"{number} {kind}s have the label {label}; labels are unique")
