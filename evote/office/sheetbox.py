"""Pre-encrypted ballots where they are recorded: taken in, cast with their marks, or opened (section 4.3).

The tool that makes sheets hands over one file (:mod:`evote.office.sheetfile`); from then on a sheet is a
pending ballot like any other, its nonce sealed in the recorder's own vault. Rules: what a sheet becomes is
verified before the decision, the decision is one transaction with what it becomes, and the nonce of a cast
sheet is gone with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evote.ballots import BallotState, Election, OpenedBallot, SubmittedBallot, verify_cast, verify_challenged
from evote.ballots.preencrypted_opened import examine_uncast
from evote.ballots.preencrypted_record import Marks, marks_of_codes, overvoted, record_cast, record_uncast
from evote.errors import RefusedError
from evote.office.booth import NONCE
from evote.office.sheetfile import NONCE as SHEET_NONCE
from evote.office.sheetfile import KeptSheet
from evote.secret import Secret
from evote.storage.pending import Entry, PendingStore
from evote.storage.vault import Vault


def take_in(
    election: Election, store: PendingStore, vault: Vault, sheets: Sequence[KeptSheet], source: Vault
) -> int:
    """Keep the sheets of a tool, in its order; those that are here already stay. Returns how many are new.
    ``source`` opens the nonces in the file.

    Raises :class:`RefusedError` for sheets that do not continue those that are here, and for one whose
    nonce is not its own; those before it are kept then.
    """
    new = 0
    held: dict[str, tuple[bytes, ...]] = {}
    places: dict[str, int] = {}
    for sheet in sheets:
        device = sheet.ballot.device
        if not election.manifest.pre_encrypts(device):
            raise RefusedError(f"{device!r} is no tool that pre-encrypts ballots of this election")
        codes = held.setdefault(device, store.codes(device))
        if device not in places and sheet.place > len(codes):
            raise RefusedError(
                f"sheets that the tool {device!r} made before are not here; take its files in their order"
            )
        place = places.setdefault(device, sheet.place)
        if sheet.place != place:
            raise RefusedError("the sheets of the file are not in the order in which they were made")
        places[device] = place + 1
        if place < len(codes):
            if codes[place] != sheet.ballot.confirmation_code:
                raise RefusedError(f"another sheet of the tool {device!r} is here in its place")
            continue
        nonce = source.open(SHEET_NONCE, sheet.ballot.identifier, sheet.nonce)
        record_uncast(election, sheet.ballot, nonce)
        sealed = vault.seal(NONCE, sheet.ballot.identifier, nonce)
        store.add(place, sheet.ballot, sheet.context, sealed)
        new += 1
    return new


def cast_sheet(
    election: Election,
    store: PendingStore,
    vault: Vault,
    entry: Entry,
    marks: Marks | None,
    codes: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Entry, tuple[str, ...]]:
    """Cast a sheet with the marks on it, given by options or by short codes.

    Gives the entry and the contests that were overvoted. A sheet that is cast already stays as it is, with
    the marks of the first time. Raises ``ValueError`` for marks that the sheet does not have and
    :class:`RefusedError` for one that was opened.
    """
    if not election.manifest.pre_encrypts(entry.ballot.device):
        raise RefusedError(f"ballot {entry.code} was not encrypted before its voter chose: use 'evote cast'")
    if entry.decision is not None:
        return store.decide(entry, BallotState.CAST), ()
    nonce = _nonce(vault, entry)
    if codes is not None:
        marks = marks_of_codes(election, entry.ballot, nonce, codes)
    chosen: Marks = {} if marks is None else marks
    submitted = record_cast(election, entry.ballot, entry.context, nonce, chosen)
    verify_cast(election, submitted)
    over = overvoted(election, entry.ballot, chosen)
    return store.decide(entry, BallotState.CAST, submitted), over


def open_sheet(
    election: Election, store: PendingStore, vault: Vault, entry: Entry
) -> tuple[Entry, OpenedBallot | None]:
    """Open a sheet that is not cast; raises :class:`RefusedError` for one that is."""
    if entry.opening is not None:
        return store.decide(entry, BallotState.CHALLENGED), entry.opening
    if entry.decision is BallotState.CAST:
        store.decide(entry, BallotState.CHALLENGED)  # which refuses
    submitted, opening = record_uncast(election, entry.ballot, _nonce(vault, entry))
    _verify(election, submitted, opening)
    decided = store.keep_opening(store.decide(entry, BallotState.CHALLENGED, submitted), opening)
    return decided, decided.opening


def _verify(election: Election, submitted: SubmittedBallot, opening: OpenedBallot) -> None:
    verify_challenged(election, submitted)
    findings, _ = examine_uncast(election, submitted, opening)
    if findings:
        raise findings[0]


def _nonce(vault: Vault, entry: Entry) -> Secret[bytes]:
    if entry.nonce is None:
        raise RefusedError(f"ballot {entry.code} has neither its nonce nor its opening any more")
    return vault.open(NONCE, entry.ballot.identifier, entry.nonce)
