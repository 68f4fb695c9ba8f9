"""What one guardian has decrypted, written down before its part leaves it (rules A46, A51).

One append-only file per guardian and election. An entry names the closing heads, the contest, cell and
option, and the ciphertext itself; entries are chained by hash. The rule of the ledger: the very same
ciphertext may be decrypted again, in another session; anything else that would overlap with an entry
is refused, because the difference of two sums is a sum over the few ballots in which they differ.

* A key decrypts from one closed record: another closing head has other ballots in the same cells. Behind it
  nothing provisional is decrypted any more.
* Where units are closed one by one, a unit has one head from the moment a cell of it is decrypted: a
  correction that comes later is never decrypted.
* One field of one cell, the contest data of one ballot and contest, and the nonce of one ballot each have
  one ciphertext. (Cells of one contest are disjoint by the manifest, which the key covers.)
* A ballot whose nonce was opened does not have its contest data decrypted, or the other way round.

The ledger is made when key generation begins and is needed ever after: a guardian that lost it cannot
know what it decrypted. How it stands on the disk, and what of it a crash may leave unfinished, is said in
:mod:`evote.guardian.ledgerfile`.
"""

from __future__ import annotations

from pathlib import Path

from evote.decryption import BallotData, BallotNonce, DecryptionRequest, FieldSum, Statement
from evote.errors import RefusedError
from evote.guardian.ledgerfile import LedgerEntry, LedgerField, LedgerFile, LedgerValue, create_files
from evote.tally import ClosingHead, UnitHead

_Key = tuple[str, ...] | tuple[bytes, str]


class Ledger:
    """The ledger at ``path``, read whole when it is opened; for one program at a time."""

    def __init__(self, path: Path, element_bytes: int) -> None:
        """Open the ledger.

        Raises :class:`~evote.errors.StorageError` if it or its anchor is absent, damaged or an old copy.
        """
        self._file = LedgerFile(path, element_bytes)
        self._extended_hash: bytes | None = None
        self._head: ClosingHead | None = None
        self._units: dict[str, ClosingHead] = {}
        self.log: ClosingHead | None = None
        """The largest head of the log of requests that an entry names."""
        self._done: dict[_Key, bytes] = {}
        self._cast: set[bytes] = set()
        self._opened: set[bytes] = set()
        self._requests: set[bytes] = set()
        for entry in self._file.read():
            self._take(entry)

    def __repr__(self) -> str:
        return f"<ledger {str(self._file.path)!r}, {len(self._requests)} sessions>"

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty ledger with its anchor, durably, or finish one whose making was interrupted.

        Raises :class:`RefusedError` if something was written down there,
        :class:`~evote.errors.StorageError`.
        """
        create_files(path)

    def check(self, request: DecryptionRequest) -> None:
        """Raises :class:`RefusedError` if the request overlaps with what was decrypted before."""
        if self._extended_hash not in (None, request.election.extended_hash):
            raise RefusedError("this guardian has decrypted from the record of another election")
        if self._head is not None and (request.provisional or self._head != request.head):
            raise RefusedError(
                f"this guardian has decrypted from the record that was closed at {self._head.size} ballots "
                f"with root {self._head.root.hex()[:16]}…, and decrypts from no other: the difference "
                "between two results would show the votes in which they differ"
            )
        for one in request.units:
            held_head = self._units.get(one.unit, one.head)
            if held_head != one.head:
                raise RefusedError(
                    f"{one.unit!r}: this guardian has decrypted the unit as it was closed at "
                    f"{held_head.size} leaves with root {held_head.root.hex()[:16]}…; a correction that "
                    "comes later is published as a discrepancy and is never decrypted"
                )
        for statement in request.statements:
            key, ciphertext = _entry_of(statement)
            held = self._done.get(key)
            if held is not None and held != ciphertext:
                raise RefusedError(
                    f"{statement.where}: another ciphertext was decrypted there before; only the identical "
                    "one may be decrypted again"
                )
            if isinstance(statement, BallotNonce) and statement.ballot.identifier in self._cast:
                raise RefusedError(
                    f"{statement.where}: contest data of this ballot was decrypted before, so it was cast"
                )
            if isinstance(statement, BallotData) and statement.identifier in self._opened:
                raise RefusedError(f"{statement.where}: this ballot was opened before, so it was challenged")

    def append(self, request: DecryptionRequest, log: ClosingHead | None = None) -> None:
        """Write the request down; it is on the disk, and the anchor names it, when this returns.

        ``log`` is the head of the log of requests on which it stands, where one is declared. A request
        that stands there already is not written again. Raises as :meth:`check`, and
        :class:`~evote.errors.StorageError`.
        """
        self.check(request)
        if request.digest in self._requests:
            return
        entry = self._entry(request, log)
        self._file.append(entry)
        self._take(entry)

    # --- inside ----------------------------------------------------------------------------------

    def _entry(self, request: DecryptionRequest, log: ClosingHead | None) -> LedgerEntry:
        fields, values = [], []
        for statement in request.statements:
            if isinstance(statement, FieldSum):
                fields.append(
                    LedgerField(
                        statement.contest.label,
                        statement.cell.label,
                        statement.option.label,
                        statement.alpha.encode(),
                        statement.beta.encode(),
                    )
                )
            elif isinstance(statement, BallotData):
                values.append(LedgerValue(statement.identifier, statement.contest.label, statement.digest))
            elif isinstance(statement, BallotNonce):
                values.append(LedgerValue(statement.ballot.identifier, None, statement.digest))
            else:
                raise TypeError(f"{statement!r} is no statement of a request")
        return LedgerEntry(
            self._file.anchor.last,
            request.election.extended_hash,
            None if request.provisional else request.head,
            _with_cells(request),
            log,
            request.session,
            request.guardians,
            request.digest,
            tuple(fields),
            tuple(values),
        )

    def _take(self, entry: LedgerEntry) -> None:
        self._extended_hash = entry.extended_hash
        self._head = self._head if entry.head is None else entry.head
        self._units.update((one.unit, one.head) for one in entry.units)
        if entry.log is not None and (self.log is None or entry.log.size >= self.log.size):
            self.log = entry.log
        self._requests.add(entry.request)
        for field in entry.fields:
            self._done[field.contest, field.cell, field.option] = field.alpha + field.beta
        for value in entry.values:
            self._done[value.identifier, value.contest or ""] = value.statement
            (self._opened if value.contest is None else self._cast).add(value.identifier)


def _with_cells(request: DecryptionRequest) -> tuple[UnitHead, ...]:
    """The units of a request that have a cell in it."""
    cells = (each.cell for each in request.statements if isinstance(each, FieldSum))
    units = {unit for cell in cells for unit in cell.units}
    return tuple(one for one in request.units if one.unit in units)


def _entry_of(statement: Statement) -> tuple[_Key, bytes]:
    """What a statement is in the ledger, and its ciphertext there."""
    if isinstance(statement, FieldSum):
        place = statement.contest.label, statement.cell.label, statement.option.label
        return place, statement.alpha.encode() + statement.beta.encode()
    if isinstance(statement, BallotData):
        return (statement.identifier, statement.contest.label), statement.digest
    if isinstance(statement, BallotNonce):
        return (statement.ballot.identifier, ""), statement.digest
    raise TypeError(f"{statement!r} is no statement of a request")
