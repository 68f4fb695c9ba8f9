"""Printable sheets with short codes: self-contained HTML, one page per ballot, with a tab to keep.

Beside every option stands its short code; codes of null votes are left out, as section 4.1.5 allows. The
confirmation code stands on the sheet and again on a tab that the voter tears off. Nothing is loaded from
anywhere. A file of sheets is as confidential as marked ballots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

_STYLE: Final = (
    "@page{margin:15mm}body{font-family:sans-serif;margin:0}section{page-break-after:always;padding:1em}"
    "td{padding:.35em .8em;border-bottom:1px solid #999}.box{display:inline-block;width:1em;height:1em;"
    "border:2px solid #000}.short{font:bold 1.2em monospace}.code{font:.8em monospace;word-break:break-all}"
    ".tab{border-top:2px dashed #000;margin-top:2em;padding-top:1em}"
)


def sheets_html(sheets: Sequence[Mapping[str, Any]]) -> str:
    """The pages of sheets as :func:`evote.office.sheetfile.print_data` describes them.

    Raises ``KeyError`` or ``TypeError`` for values that are no such descriptions.
    """
    pages = "".join(_page(sheet) for sheet in sheets)
    title = escape(str(sheets[0]["election"])) if sheets else "Sheets"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>{pages}</body></html>\n"
    )


def _page(sheet: Mapping[str, Any]) -> str:
    code = _grouped(str(sheet["code"]))
    place = escape(f"{sheet['unit']} · {sheet['style']}")
    contests = "".join(_contest(contest) for contest in sheet["contests"])
    return (
        f"<section><h1>{escape(str(sheet['election']))}</h1><p>{place}</p>{contests}"
        f'<p class="code">Confirmation code: {code}</p>'
        '<div class="tab"><p>Keep this part, and note the codes beside your choices. In the published '
        f'record, the ballot with this code shows them.</p><p class="code">{code}</p></div></section>'
    )


def _contest(contest: Mapping[str, Any]) -> str:
    limit = int(contest["limit"])
    rows = "".join(
        f'<tr><td><span class="box"></span></td><td>{escape(str(row["option"]))}</td>'
        f'<td class="short">{escape(str(row["short_code"]))}</td></tr>'
        for row in contest["rows"]
        if row["option"] is not None
    )
    most = "one choice" if limit == 1 else f"up to {limit} choices"
    return f"<h2>{escape(str(contest['contest']))} ({most})</h2><table>{rows}</table>"


def _grouped(code: str) -> str:
    return escape(" ".join(code[at : at + 8] for at in range(0, len(code), 8)))
