"""Rules for labels and display names (specification 3.1.3 and its serialization draft).

Labels identify, and people compare them by eye; whatever lets two different ones look the same,
or one look like something else, is refused.
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
    if text != text.strip():
        yield "starts or ends with white space"


# --- the same as broken rules ------------------------------------------------------------------------


def quoted(label: str) -> str:
    """A label as it stands in messages: quoted, escaped, and cut if it is long."""
    return repr(label if len(label) <= _SHOWN else label[:_SHOWN] + "…")


def well_labelled(where: str, label: str) -> Iterator[BrokenRule]:
    """The rules that one label breaks."""
    for fault in label_faults(label):
        yield BrokenRule(where, f"the label {fault}")


def unique(where: str, kind: str, labels: Iterable[str]) -> Iterator[BrokenRule]:
    """One broken rule for each label that several things of one ``kind`` have."""
    for label, times in Counter(labels).items():
        if times > 1:
            yield BrokenRule(where, f"{times} {kind}s have the label {quoted(label)}; labels are unique")
