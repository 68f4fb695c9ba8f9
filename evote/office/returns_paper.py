"""Returns on paper: minutes with the short code, and the file as pictures of QR codes (R12, R13).

The minutes show what a person can compare: unit, voters, plain counts, and the 16 groups of the short code.
Of a return of kind BALLOTS they show no totals: those are ciphertexts. The pictures are PNG files, in order,
and joined in any order by ``evote returns join``.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.errors import DecodeError, RefusedError, VerificationError
from evote.manifest import Manifest, read_json
from evote.office.qr import png
from evote.record.files import write_atomic
from evote.record.folder import new_folder
from evote.returns import PartJoiner, SignedReturn, compare_code, short_code, split_file
from evote.returns.unitreturn import COUNTS

MAX_TYPED_BYTES: Final = 64 * 1024 * 1024

_WORDS: Final = {
    "registered": "registered voters",
    "signed_in": "voters who came",
    "counted": "voters with a counted ballot",
    "rejected_only": "voters with rejected ballots only",
    "challenged_only": "voters with challenged ballots only",
    "accepted": "ballots accepted",
    "rejected": "ballots rejected",
    "superseded": "ballots replaced by a later one",
    "challenged": "ballots challenged",
}

_STYLE: Final = (
    "body{font:11pt/1.4 serif;margin:2cm;max-width:17cm}"
    "table{border-collapse:collapse;margin:.6em 0;width:100%}"
    "td,th{border:1px solid #777;padding:.2em .5em;text-align:left}td.n{text-align:right;width:6em}"
    ".code{font:bold 16pt/1.6 monospace;border:2px solid #000;padding:.4em 1em;display:inline-block}"
    ".sign td{height:2.2em}@media print{section{break-inside:avoid}}"
)


def minutes(manifest: Manifest, signed: SignedReturn) -> bytes:
    """The page of one return, HTML in UTF-8 that needs nothing else."""
    made = signed.returned
    groups = short_code(signed.file.data)
    lines = "<br>".join(" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{_text(made.unit)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Minutes of {_text(made.unit)}</h1>",
        f"<p>{_text(manifest.label)}{' — a TEST' if manifest.test else ''}. ",
        f"Return of kind {made.kind.value}, ",
        f"version {made.version}, made {_text(made.made_at)}.",
        f" It corrects an earlier one: {_text(made.reason)}." if made.corrects else "",
        f'</p><section><h2>Code of the return</h2><p class="code">{lines}</p>',
        "<p>Whoever takes the file in asks for some of these groups.</p></section>",
    ]
    for count in made.counts:
        rows = [(_WORDS[name], getattr(count, name)) for name in COUNTS]
        parts.append(_table(f"Voters and ballots, {count.style}", rows))
    for row in made.plain:
        parts.append(
            _table(f"{row.contest}, {row.style}", [(field.label, field.count) for field in row.fields])
        )
    if made.log is not None:
        parts.append(
            f"<section><h2>Log</h2><p>{_text(made.log.origin)}: {made.log.size} entries, root "
            f"<code>{made.log.root.hex()}</code></p></section>"
        )
    parts.append(
        '<section><h2>Signed</h2><table class="sign"><tr><th>Name</th><th>Signature</th></tr>'
        + "<tr><td></td><td></td></tr>" * 3
        + "</table></section></body></html>\n"
    )
    return "".join(parts).encode("utf-8")


def write_pictures(data: bytes, folder: Path) -> int:
    """The file as QR codes in a new folder, ``0001.png`` and on; how many there are.

    Raises :class:`RefusedError` if the folder exists, :class:`StorageError` if what draws codes is not
    installed.
    """
    parts = split_file(data)
    with new_folder(folder) as made:
        for number, part in enumerate(parts, 1):
            write_atomic(made.path(f"{number:04}.png"), png(part))
    return len(parts)


def join_texts(texts: str) -> bytes:
    """The file of the parts in a text, one a line as a scanner types them, in any order and number.

    Raises :class:`DecodeError` for a line that is no part, :class:`RefusedError` while parts are missing.
    """
    joiner = PartJoiner()
    for line in texts.splitlines():
        if line.strip():
            joiner.add(line.strip().removeprefix("QR-Code:"))
    missing = joiner.missing()
    if missing:
        shown = ", ".join(map(str, missing[:20]))
        raise RefusedError(f"{len(missing)} parts are missing: {shown}{' …' if len(missing) > 20 else ''}")
    return joiner.file()


def read_typed(raw: bytes) -> dict[str, str]:
    """What people typed from paper: JSON, unit to whole code. Raises :class:`DecodeError`."""
    value = read_json(raw)
    if not isinstance(value, dict) or not all(isinstance(code, str) for code in value.values()):
        raise DecodeError('typed codes are JSON like {"North": "34E7 …", …}')
    return {unit: str(code) for unit, code in value.items()}


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """Which files were compared with paper: units whose code agrees, differs, or was not typed."""

    agreed: tuple[str, ...]
    differs: tuple[str, ...]
    absent: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 if paper and file differ, 3 if nobody typed a code, else 0."""
        return 1 if self.differs else 3 if self.absent else 0


def compare_typed(files: Mapping[str, bytes], typed: Mapping[str, str]) -> PaperCheck:
    """Compare files, by unit, with whole codes that were typed from the minutes."""
    agreed, differs, absent = [], [], []
    for unit, data in files.items():
        if unit not in typed:
            absent.append(unit)
            continue
        try:
            compare_code(data, typed[unit])
        except VerificationError:
            differs.append(unit)
        else:
            agreed.append(unit)
    return PaperCheck(tuple(agreed), tuple(differs), tuple(absent))


def _table(title: str, rows: list[tuple[str, int]]) -> str:
    cells = "".join(f'<tr><td>{_text(name)}</td><td class="n">{number}</td></tr>' for name, number in rows)
    return f"<section><h2>{_text(title)}</h2><table>{cells}</table></section>"


def _text(text: str) -> str:
    return html.escape(text)
