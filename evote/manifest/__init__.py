"""The election manifest: contests, ballot styles, units, cells, and the first base hashes.

Specification sections 3.1.3 and 3.1.4, contest data of 3.3.10. A :class:`Manifest` comes out of
:meth:`Manifest.parse` (a file) or :meth:`Manifest.build` (a draft); either way it keeps every rule
of ``specs/manifest.md``, or :class:`ManifestError` lists those that it breaks.
"""

from __future__ import annotations

from evote.manifest.contest_data import (
    MAX_MARK,
    ContestRecord,
    ContestStatus,
    contest_data_blocks,
    contest_data_bytes,
)
from evote.manifest.declarations import (
    DeclaredBoard,
    DeclaredKey,
    DeclaredLog,
    DeclaredPreEncryption,
    DeclaredRequests,
    DeclaredReturns,
    DeclaredRoll,
    DeclaredUnit,
    ReturnKind,
    device_origin,
    unit_key_origin,
)
from evote.manifest.manifest import Manifest
from evote.manifest.model import (
    BallotStyle,
    BrokenRule,
    Cell,
    ChainingMode,
    Contest,
    ContestData,
    Extension,
    FieldKind,
    ManifestError,
    Option,
    Unit,
)
from evote.manifest.moments import moment_of, seconds_of
from evote.manifest.params import VERSION, Parameters, base_hash, parameter_base_hash
from evote.manifest.rules import MINIMUM_CELL
from evote.manifest.strict_json import read_json
from evote.manifest.trimming import Trimming

__all__ = [
    "MAX_MARK",
    "MINIMUM_CELL",
    "VERSION",
    "BallotStyle",
    "BrokenRule",
    "Cell",
    "ChainingMode",
    "Contest",
    "ContestData",
    "ContestRecord",
    "ContestStatus",
    "DeclaredBoard",
    "DeclaredKey",
    "DeclaredLog",
    "DeclaredPreEncryption",
    "DeclaredRequests",
    "DeclaredReturns",
    "DeclaredRoll",
    "DeclaredUnit",
    "Extension",
    "FieldKind",
    "Manifest",
    "ManifestError",
    "Option",
    "Parameters",
    "ReturnKind",
    "Trimming",
    "Unit",
    "base_hash",
    "contest_data_blocks",
    "contest_data_bytes",
    "device_origin",
    "moment_of",
    "parameter_base_hash",
    "read_json",
    "seconds_of",
    "unit_key_origin",
]
