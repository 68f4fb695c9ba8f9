"""What is checked of a submission before it is admitted (rules A55 to A58; attacks A5, A6, A15, A22, A47).

Pure: the caller brings what it knows of the slot and of the identifier, and gets the log's entry or a
refusal with a name. The ballot box and the verifier of a record both ask here, so that they cannot differ.
In this order:

1. unit and style of the ballot: this log's unit; the style of the slot;
2. who signs: a credential of the roll that is in force, or an attended device where there is no roll;
3. id_B is the hash of the ballot's context with that credential's pseudonym;
4. form: shape (E.2), weight (E.3), every hash on it, no identity ciphertext (E.7);
5. the signature of every key, over id_B, ballot hash and ``previous`` (of a challenge the blinding bytes),
   for this election and log;
6. id_B is not that of another decided ballot; ``previous`` is the head of the slot.

What changes between two submissions is in 6 alone (:func:`check_order`); 1 to 5 (:func:`check_claim`)
may be done before, outside of any transaction, as long as no credential is issued again in between.

What it leaves out: proofs (:func:`evote.ballots.examine.examine`), ciphertexts that stand on another
ballot (E.6, the box knows them), time, and size before parsing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from evote.ballots import hashes
from evote.ballots.election import Election
from evote.ballots.examine import examine_form
from evote.ballots.values import BallotState
from evote.board.credential import BUILT_IN, ED25519, Schemes, pseudonym
from evote.board.entries import NO_PSEUDONYM, CastEntry, ChallengeEntry, blinded
from evote.board.reissue import Holding
from evote.board.submission import (
    CAST_TAG,
    CHALLENGE_TAG,
    Submission,
    ballot_hash,
    signed_message,
)
from evote.errors import VerificationError
from evote.manifest.declarations import DeclaredBoard


class Refusal(enum.Enum):
    """Why a submission is not admitted. The texts are stable: they name the counts in the log."""

    WRONG_UNIT = "wrong-unit"
    """The ballot, or the credential, is for another unit."""
    WRONG_STYLE = "wrong-style"
    """The credential is for another ballot style."""
    UNKNOWN_CREDENTIAL = "unknown-credential"
    """No slot of the roll has this pseudonym, or there is none."""
    REVOKED_CREDENTIAL = "revoked-credential"
    """The slot's credential was issued again; the voter has a newer one."""
    UNKNOWN_DEVICE = "unknown-device"
    """No attended device has this name, or a device signs where credentials do."""
    WRONG_CONTEXT = "wrong-context"
    """id_B is not the hash of unit, style, pseudonym and random bytes."""
    WRONG_FORM = "wrong-form"
    """Shape, weight, a hash or an identity ciphertext; the message has the number of the check."""
    WRONG_SIGNATURE = "wrong-signature"
    """A signature is missing, or is not one over this ballot for this log."""
    DUPLICATE_ID = "duplicate-id"
    """Another ballot with this identifier was decided before, or this one the other way."""
    STALE = "stale"
    """``previous`` is not the slot's head: the ballot is signed again, over the head."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal, and what is to be said of it; nothing was reserved."""

    refusal: Refusal
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What a log admits ballots for: the election, the reporting unit, the schemes of credentials.

    Raises ``ValueError`` for an election without a board and for a unit that does not report.
    """

    election: Election
    unit: str
    schemes: Schemes = field(default_factory=lambda: BUILT_IN)

    def __post_init__(self) -> None:
        board = self.election.manifest.board
        if board is None:
            raise ValueError("the election has no board")
        if self.unit not in board.units:
            raise ValueError(f"{self.unit!r} is no reporting unit of the election")

    @property
    def board(self) -> DeclaredBoard:
        """What the manifest declares of the board."""
        board = self.election.manifest.board
        if board is None:
            raise ValueError("the election has no board")
        return board

    @property
    def origin(self) -> str:
        """The origin of the unit's log."""
        return self.board.units[self.unit].origin


def check_submission(
    setting: Setting,
    holding: Holding | None,
    submission: Submission,
    *,
    head: bytes,
    decided: bytes | None,
) -> CastEntry | ChallengeEntry | Refused:
    """The entry with which a submission is admitted, or why it is not.

    ``holding`` is what :meth:`evote.board.reissue.Credentials.find` says of the pseudonym in the
    submission, and None for one that nobody has and where the election has no roll. ``head`` is the
    ballot hash of the last cast ballot admitted for the slot, or NO_PREVIOUS. ``decided`` is the hash
    of the ballot that was decided first under the submission's identifier, or None; the caller answers
    the same ballot sent again before it asks here.
    """
    ballot = ballot_hash(setting.election, submission)
    entry = check_claim(setting, holding, submission, ballot)
    if isinstance(entry, Refused):
        return entry
    return check_order(entry, head=head, decided=decided) or entry


def check_claim(
    setting: Setting, holding: Holding | None, submission: Submission, ballot: bytes
) -> CastEntry | ChallengeEntry | Refused:
    """Steps 1 to 5 for a submission with the ballot hash ``ballot``: its entry, or a refusal."""
    refused = (
        _place(setting, submission)
        or _signer(setting, holding, submission)
        or _context(setting, submission)
        or _form(setting, submission)
        or _signatures(setting, holding, submission, ballot)
    )
    return refused or _entry(submission, ballot)


def check_order(entry: CastEntry | ChallengeEntry, *, head: bytes, decided: bytes | None) -> Refused | None:
    """Step 6; the arguments are those of :func:`check_submission`."""
    if decided is not None:
        same = decided == entry.ballot
        return Refused(
            Refusal.DUPLICATE_ID,
            "this ballot is on the log already"
            if same
            else "another ballot, or the other decision, has this identifier already",
        )
    if isinstance(entry, CastEntry) and entry.previous != head:
        return Refused(
            Refusal.STALE, "the ballot does not follow the last ballot of its voter; sign it again"
        )
    return None


def _place(setting: Setting, submission: Submission) -> Refused | None:
    ballot = submission.ballot
    if ballot.unit != setting.unit:
        return Refused(Refusal.WRONG_UNIT, f"this is the log of {setting.unit!r}, and the ballot another's")
    if ballot.style not in setting.election.manifest.unit(setting.unit).styles:
        return Refused(Refusal.WRONG_STYLE, f"the unit has no ballot style {ballot.style!r}")
    return None


def _signer(setting: Setting, holding: Holding | None, submission: Submission) -> Refused | None:
    name = submission.context.pseudonym
    if setting.election.manifest.roll is None:
        if submission.device not in setting.board.devices:
            return Refused(Refusal.UNKNOWN_DEVICE, "no attended device of the election has this name")
        if name is not None:
            return Refused(Refusal.UNKNOWN_CREDENTIAL, "the election has no roll, and the ballot a pseudonym")
        return None
    if submission.device:
        return Refused(Refusal.UNKNOWN_DEVICE, "credentials sign in this election, and no device does")
    if name is None or holding is None or pseudonym(_salt(setting), holding.keys) != name:
        return Refused(Refusal.UNKNOWN_CREDENTIAL, "this credential is not on the roll")
    if holding.unit != setting.unit:
        return Refused(Refusal.WRONG_UNIT, "this credential votes in another unit")
    if holding.style != submission.ballot.style:
        return Refused(Refusal.WRONG_STYLE, "this credential votes on another ballot style")
    if holding.revoked:
        return Refused(Refusal.REVOKED_CREDENTIAL, "this credential was replaced by a newer one")
    return None


def _salt(setting: Setting) -> bytes:
    return setting.election.manifest.salt


def _context(setting: Setting, submission: Submission) -> Refused | None:
    ballot, context = submission.ballot, submission.context
    computed = hashes.context_identifier(
        setting.election.extended_hash, ballot.unit, ballot.style, context.pseudonym, context.randomness
    )
    if computed != ballot.identifier:
        return Refused(Refusal.WRONG_CONTEXT, "the identifier is not the hash of the ballot's context")
    return None


def _form(setting: Setting, submission: Submission) -> Refused | None:
    findings = examine_form(setting.election, submission.submitted)
    if findings:
        return Refused(Refusal.WRONG_FORM, f"{findings[0].check}: {findings[0].message}")
    return None


def _signatures(
    setting: Setting, holding: Holding | None, submission: Submission, ballot: bytes
) -> Refused | None:
    if holding is None or setting.election.manifest.roll is None:
        scheme = BUILT_IN[ED25519]
        keys: tuple[bytes, ...] = (setting.board.devices[submission.device].key,)
    elif holding.scheme in setting.schemes:
        scheme, keys = setting.schemes[holding.scheme], holding.keys
    else:
        return Refused(Refusal.UNKNOWN_CREDENTIAL, f"nothing here checks credentials of {holding.scheme!r}")
    try:
        scheme.verify(
            keys,
            submission.signatures,
            tag=CAST_TAG if submission.decision is BallotState.CAST else CHALLENGE_TAG,
            election=setting.election.extended_hash,
            origin=setting.origin,
            message=signed_message(submission.ballot.identifier, ballot, submission.bound),
        )
    except VerificationError as error:
        return Refused(Refusal.WRONG_SIGNATURE, error.message)
    return None


def _entry(submission: Submission, ballot: bytes) -> CastEntry | ChallengeEntry:
    style, name = submission.ballot.style, submission.context.pseudonym or NO_PSEUDONYM
    if submission.blind is not None:
        return ChallengeEntry(style, blinded(name, submission.blind), ballot)
    return CastEntry(style, name, ballot, submission.previous, submission.device, submission.signatures)
