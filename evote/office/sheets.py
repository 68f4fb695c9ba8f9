"""Sheets on which voters get their codes: self-contained HTML, one page per voter.

A page has the election, the voter's name if the list has one, the code in groups, what is known of the
pseudonym (a second device needs it), and a QR code of the code where ``segno`` is installed (extra
``qr``). Sentences are in the languages of the election for which there are some here, else in English.
Nothing is loaded from anywhere.

A file of sheets is as secret as the codes on it.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from evote.board.codes import FIRST, SECOND, WHOLE, Code
from evote.manifest import Manifest

PER_FILE: Final = 200
"""Sheets in one file."""

_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "en": (
        "Your code. Keep it secret; whoever has it can vote for you.",
        "part {part} of 2; you need both letters",
        "Pseudonym, for checking with a second device",
    ),
    "fr": (
        "Votre code. Gardez-le secret : qui l’a peut voter à votre place.",
        "partie {part} sur 2 ; il vous faut les deux lettres",
        "Pseudonyme, pour vérifier avec un second appareil",
    ),
    "de": (
        "Ihr Code. Halten Sie ihn geheim: Wer ihn hat, kann für Sie wählen.",
        "Teil {part} von 2; Sie brauchen beide Briefe",
        "Pseudonym, zum Prüfen mit einem zweiten Gerät",
    ),
    "nl": (
        "Uw code. Houd hem geheim: wie hem heeft, kan voor u stemmen.",
        "deel {part} van 2; u hebt beide brieven nodig",
        "Pseudoniem, om met een tweede toestel te controleren",
    ),
}
_STYLE: Final = (
    "@page{margin:20mm}body{font-family:sans-serif;margin:0}section{page-break-after:always;padding:1em}"
    ".code{font:bold 1.6em monospace;letter-spacing:.08em;margin:1em 0;word-break:keep-all}"
    ".small{font:.8em monospace;word-break:break-all}svg{width:40mm;height:40mm}"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one voter gets."""

    name: str
    unit: str
    style: str
    code: Code
    pseudonym: bytes | None
    """None where the other authority's key is not known here."""


def html_sheets(manifest: Manifest, sheets: Iterable[Sheet]) -> bytes:
    """One document with a page per sheet, in UTF-8."""
    languages = [language for language in manifest.languages if language.split("-")[0] in _TEXTS] or ["en"]
    title = escape(manifest.label)
    pages = "".join(_page(manifest, languages, sheet) for sheet in sheets)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(languages[0])}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>{pages}</body></html>\n"
    ).encode()


def _page(manifest: Manifest, languages: list[str], sheet: Sheet) -> str:
    code = sheet.code.text().reveal()
    parts = [f"<h1>{escape(manifest.name(languages[0]))}</h1>"]
    if manifest.test:
        parts.append("<p><b>TEST</b></p>")
    if sheet.name:
        parts.append(f"<p>{escape(sheet.name)}</p>")
    parts.append(f"<p>{escape(_place(manifest, languages[0], sheet))}</p>")
    for language in languages:
        secret, half, _ = _TEXTS[language.split("-")[0]]
        extra = "" if sheet.code.part == WHOLE else f" ({half.format(part=_PARTS[sheet.code.part])})"
        parts.append(f'<p lang="{escape(language)}">{escape(secret + extra)}</p>')
    parts.append(f'<p class="code">{escape(code)}</p>{_qr(code)}')
    if sheet.pseudonym is not None:
        label = escape(_TEXTS[languages[0].split("-")[0]][2])
        parts.append(f'<p class="small">{label}:<br>{sheet.pseudonym.hex()}</p>')
    return f"<section>{''.join(parts)}</section>"


_PARTS: Final = {FIRST: 1, SECOND: 2}


def _place(manifest: Manifest, language: str, sheet: Sheet) -> str:
    unit, style = manifest.unit(sheet.unit), manifest.style(sheet.style)
    return unit.name(language) if len(unit.styles) == 1 else f"{unit.name(language)} · {style.name(language)}"


def _qr(code: str) -> str:
    """The code without hyphens as inline SVG, or nothing where ``segno`` is not installed."""
    try:
        segno: Any = importlib.import_module("segno")
    except ImportError:
        return ""
    buffer = io.BytesIO()
    drawn = segno.make_qr(code.replace("-", ""), error="q")
    drawn.save(buffer, kind="svg", xmldecl=False, svgns=True, nl=False)
    return buffer.getvalue().decode("utf-8")
