"""Unit returns: signed totals of units, merged once each by any road (``specs/unit-returns.md``).

* :mod:`evote.returns.unitreturn`: what a unit reports; :mod:`evote.returns.signed`: its file.
* :mod:`evote.returns.roster`: whose key signs for which unit; :mod:`evote.returns.schemes`: how.
* :mod:`evote.returns.merge`: the join; :mod:`evote.returns.standing`: which version counts;
  :mod:`evote.returns.resolution`: what the authority decides; :mod:`evote.returns.evidence`.
* :mod:`evote.returns.completeness`: who is missing, and sums; :mod:`evote.returns.reconciliation`: whether
  figures agree.
* :mod:`evote.returns.shortcode`, :mod:`evote.returns.parts`: paper and QR.
* :mod:`evote.returns.verdicts`: every verdict by name.

Nothing here reads files, clocks or the network: bytes come in and go out.
"""

from __future__ import annotations

from evote.returns.completeness import Completeness, UnitNode, completeness
from evote.returns.content import check_content, check_moments
from evote.returns.envelope import FileKind, OpenedFile, open_file
from evote.returns.evidence import check_evidence, make_evidence
from evote.returns.merge import Arrival, IntakeReport, MergedReturns, Merger, merge_returns
from evote.returns.parts import PartJoiner, split_file
from evote.returns.reconciliation import Finding, Rule, reconcile
from evote.returns.resolution import Resolution, read_resolution, sign_resolution
from evote.returns.roster import (
    KeyChange,
    Roster,
    RosterKey,
    Rosters,
    RosterStatement,
    prove_unit_key,
    sign_roster,
)
from evote.returns.schemes import SignatureScheme, Signer, signature_schemes
from evote.returns.shortcode import choose_withheld, compare_code, compare_withheld, short_code, withhold
from evote.returns.signed import (
    Cosignature,
    SignedReturn,
    check_return,
    check_signatures,
    correct_return,
    cosign,
    read_return,
    read_uncosigned,
    seal_correction,
    sign_correction,
    sign_return,
    uncosigned_file,
)
from evote.returns.standing import Conflict, Standing, UnitStatus, standings
from evote.returns.totals import Counted, Totals
from evote.returns.unitreturn import (
    ClosedLog,
    PlainField,
    PlainTotal,
    RosterName,
    SealedField,
    SealedTotal,
    StyleCount,
    UnitReturn,
)
from evote.returns.verdicts import ReturnError, ReturnVerdict

__all__ = [
    "Arrival",
    "ClosedLog",
    "Completeness",
    "Conflict",
    "Cosignature",
    "Counted",
    "FileKind",
    "Finding",
    "IntakeReport",
    "KeyChange",
    "MergedReturns",
    "Merger",
    "OpenedFile",
    "PartJoiner",
    "PlainField",
    "PlainTotal",
    "Resolution",
    "ReturnError",
    "ReturnVerdict",
    "Roster",
    "RosterKey",
    "RosterName",
    "RosterStatement",
    "Rosters",
    "Rule",
    "SealedField",
    "SealedTotal",
    "SignatureScheme",
    "SignedReturn",
    "Signer",
    "Standing",
    "StyleCount",
    "Totals",
    "UnitNode",
    "UnitReturn",
    "UnitStatus",
    "check_content",
    "check_evidence",
    "check_moments",
    "check_return",
    "check_signatures",
    "choose_withheld",
    "compare_code",
    "compare_withheld",
    "completeness",
    "correct_return",
    "cosign",
    "make_evidence",
    "merge_returns",
    "open_file",
    "prove_unit_key",
    "read_resolution",
    "read_return",
    "read_uncosigned",
    "reconcile",
    "seal_correction",
    "short_code",
    "sign_correction",
    "sign_resolution",
    "sign_return",
    "sign_roster",
    "signature_schemes",
    "split_file",
    "standings",
    "uncosigned_file",
    "withhold",
]
