"""Cast vote records as a CSV table: one row per ballot, one column per contest.

The first line has the labels of contests, and where they are needed ``unit``, ``style`` and ``id``: where
the ballot was cast, its ballot style, and an identifier that no other ballot has. In an election with a
contest of such a name the column is called ``@unit``, ``@style`` or ``@id``. Cells are read by
:mod:`evote.office.cells`; cells of contests that the ballot's style does not have are empty.

CSV is that of RFC 4180, in UTF-8 with or without a byte order mark, with another separator if told so. What
is not well-formed (a quote that does not end) makes the whole file unusable, because nobody knows then
where rows end; what is wrong inside a row makes that row refused. A line of nothing is a refused row,
except at the end of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from evote.ballots import PlaintextBallot
from evote.errors import DecodeError
from evote.hashing import sha256_stream
from evote.manifest import Manifest
from evote.office.cells import read_cell
from evote.office.places import style_or_only, unit_or_only
from evote.office.rows import Row, row_of

MAX_LINE_BYTES = 1024 * 1024
"""Most bytes of one line."""

RESERVED = ("unit", "style", "id")

_BOM = b"\xef\xbb\xbf"


class Table:
    """The table at ``path``, whose cells are between ``separator``, one character."""

    def __init__(self, manifest: Manifest, path: Path, separator: str = ",") -> None:
        if len(separator) != 1 or separator in '"\\|' or not (separator.isprintable() or separator == "\t"):
            raise ValueError(f"{separator!r} does not separate cells; use one character such as , or ;")
        self._manifest = manifest
        self._separator = separator
        self._digest = b""
        self.path = path

    @property
    def digest(self) -> bytes:
        """As :class:`~evote.office.rows.RowSource` says."""
        return self._digest

    def rows(self) -> Iterator[Row]:
        """As :class:`~evote.office.rows.RowSource` says."""
        self._digest = b""
        with self.path.open("rb") as stream:
            lines = _Lines(stream)
            reader = csv.reader(lines, delimiter=self._separator, strict=True)
            try:
                header = next(reader, None)
                if not header:
                    raise DecodeError("the file has no header; its first line names the contests")
                columns = self._columns(header)
                number = empty = 0
                for cells in reader:
                    if not cells:
                        empty += 1
                        continue
                    for _ in range(empty):
                        number += 1
                        yield Row(number, "", None, None, 'the line is empty; a ballot without marks is ""')
                    empty = 0
                    number += 1
                    yield self._row(number, f"line {reader.line_num}", columns, cells)
            except csv.Error as error:
                raise DecodeError(f"not CSV: {error}", f"line {reader.line_num}") from None
            self._digest = lines.digest()

    def _columns(self, header: list[str]) -> list[str]:
        """What each column has: ``@unit``, ``@style``, ``@id``, or the label of a contest."""
        known = {contest.label for contest in self._manifest.contests}
        reserved = {f"@{name}" for name in RESERVED}
        columns: list[str] = []
        for title in map(str.strip, header):
            column = f"@{title}" if title in RESERVED and title not in known else title
            if column not in known and column not in reserved:
                hint = ""
                if len(header) == 1 and any(mark in title for mark in ";\t"):
                    hint = "; if the cells are not separated by commas, say --separator"
                raise DecodeError(f"the election has no contest {title[:80]!r}{hint}", "header")
            if column in columns:
                raise DecodeError(f"the column {title!r} stands there twice", "header")
            columns.append(column)
        for style in self._manifest.styles:
            if all(contest.label in columns for contest in self._manifest.contests_of(style.label)):
                return columns
        missing = ", ".join(repr(label) for label in sorted(known - set(columns))[:10])
        raise DecodeError(f"no ballot style has all its contests here; missing: {missing}", "header")

    def _row(self, number: int, place: str, columns: list[str], cells: list[str]) -> Row:
        if len(cells) != len(columns):
            return Row(
                number, place, None, None, f"the row has {len(cells)} cells, and the header {len(columns)}"
            )
        found = dict(zip(columns, cells, strict=True))
        name = found.pop("@id").strip() if "@id" in found else None

        def read() -> PlaintextBallot:
            unit = unit_or_only(self._manifest, found.pop("@unit", "").strip() or None)
            style = style_or_only(self._manifest, unit, found.pop("@style", "").strip() or None)
            wanted = {contest.label: contest for contest in self._manifest.contests_of(style)}
            for label, cell in found.items():
                if label not in wanted and cell.strip():
                    raise ValueError(f"ballot style {style!r} has no contest {label!r}, so its cell is empty")
            contests = {
                label: read_cell(contest, found[label]) for label, contest in wanted.items() if label in found
            }
            return PlaintextBallot(unit, style, contests)

        return row_of(self._manifest, number, place, name, read)


class _Lines:
    """The lines of a file as text; remembers the digest of its bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = sha256_stream()
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            raise StopIteration
        self._number += 1
        where = f"line {self._number}"
        if len(line) > MAX_LINE_BYTES:
            raise DecodeError(f"the line has more than {MAX_LINE_BYTES} bytes", where)
        self._digest.update(line)
        if self._number == 1:
            line = line.removeprefix(_BOM)
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DecodeError(f"not UTF-8 ({error.reason}); save it as CSV in UTF-8", where) from None

    def digest(self) -> bytes:
        """SHA-256 of all lines so far."""
        return self._digest.digest()
