"""Printed codes: letters as a QR code, on a terminal or as a picture. Needs the extra ``qr``.

Rules: a code carries the very letters that it was given, so that any reader gives them back; errors
are corrected at level M (15 %), or L (7 %) where M has no room.
"""

from __future__ import annotations

import io
from typing import Any, Final

from evote.errors import StorageError

_QUIET: Final = 4
_PIXELS: Final = 4


def png(letters: str) -> bytes:
    """A PNG picture, with the quiet zone that readers need; errors as :func:`svg`."""
    return _saved(letters, "png")


def svg(letters: str) -> bytes:
    """An SVG picture.

    Raises ``ValueError`` for letters that are too many for one code or are not those of a receipt, and
    :class:`StorageError` where the extra is not installed.
    """
    return _saved(letters, "svg")


def terminal(letters: str) -> str:
    """Lines for a terminal, two rows of the code in each; errors as :func:`svg`."""
    out = io.StringIO()
    _code(letters).terminal(out, border=_QUIET, compact=True)
    return out.getvalue()


def _saved(letters: str, kind: str) -> bytes:
    out = io.BytesIO()
    _code(letters).save(out, kind=kind, scale=_PIXELS, border=_QUIET)
    return out.getvalue()


def _code(letters: str) -> Any:
    try:
        import segno
    except ImportError:
        raise StorageError("codes are drawn by segno, which is not here: pip install 'evote[qr]'") from None
    for level in ("m", "l"):
        try:
            return segno.make(letters, error=level, mode="alphanumeric", micro=False, boost_error=False)
        except segno.DataOverflowError:
            continue
    raise ValueError("the receipt is too long for one code; keep it as a file")
