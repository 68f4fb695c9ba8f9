"""Unit and ballot style of a ballot that may leave them out, where there is only one."""

from __future__ import annotations

from evote.errors import DecodeError
from evote.manifest import Manifest


def unit_or_only(manifest: Manifest, unit: str | None) -> str:
    """The unit, or the only one of the election; raises :class:`DecodeError` where there are more."""
    if unit is not None:
        return unit
    units = manifest.ballot_units()
    if len(units) != 1:
        raise DecodeError(f"the unit is absent; the election has {len(units)} that take ballots")
    return units[0].path


def style_or_only(manifest: Manifest, unit: str, style: str | None) -> str:
    """The ballot style, or the only one of the unit.

    Raises :class:`DecodeError` where there are more, ``ValueError`` for an unknown unit.
    """
    if style is not None:
        return style
    # A unit with others below has none; what is wrong then is the unit.
    styles = manifest.unit(unit).styles or ("",)
    if len(styles) != 1:
        raise DecodeError(f"the style is absent; unit {unit!r} has {', '.join(map(repr, styles))}")
    return styles[0]
