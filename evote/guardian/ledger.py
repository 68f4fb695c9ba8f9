"""What one guardian has decrypted, written down before its part leaves it (rules A46, A51).

One append-only file per guardian and election. An entry names the closing head, the contest, cell and
option, and the ciphertext itself; entries are chained by hash. The rule of the ledger: the very same
ciphertext may be decrypted again, in another session; anything else that would overlap with an entry
is refused, because the difference of two sums is a sum over the few ballots in which they differ.

* A key decrypts from one closing head: another head has other ballots in the same cells.
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
from evote.tally import ClosingHead

_Key = tuple[str, ...] | tuple[bytes, str]


class Ledger:
    """The ledger at ``path``, read whole when it is opened; for one program at a time."""

    def __init__(self, path: Path, element_bytes: int) -> None:
        """Open the ledger.

        Raises :class:`~evote.errors.StorageError` if it or its anchor is absent, damaged or an old copy.
        """
        self._file = LedgerFile(path, element_bytes)
        self._head: tuple[bytes, ClosingHead] | None = None
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
        if self._head is not None and self._head != (request.election.extended_hash, request.head):
            size = self._head[1].size
            raise RefusedError(
                f"this guardian has decrypted from the record that was closed at {size} ballots with root "
                f"{self._head[1].root.hex()[:16]}…, and decrypts from no other: the difference between two "
                "results would show the votes in which they differ"
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

    def append(self, request: DecryptionRequest) -> None:
        """Write the request down; it is on the disk, and the anchor names it, when this returns.

        A request that stands there already is not written again. Raises as :meth:`check`, and
        :class:`~evote.errors.StorageError`.
        """
        self.check(request)
        if request.digest in self._requests:
            return
        entry = self._entry(request)
        self._file.append(entry)
        self._take(entry)

    # --- inside ----------------------------------------------------------------------------------

    def _entry(self, request: DecryptionRequest) -> LedgerEntry:
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
            request.head,
            request.session,
            request.guardians,
            request.digest,
            tuple(fields),
            tuple(values),
        )

    def _take(self, entry: LedgerEntry) -> None:
        self._head = entry.extended_hash, entry.head
        self._requests.add(entry.request)
        for field in entry.fields:
            self._done[field.contest, field.cell, field.option] = field.alpha + field.beta
        for value in entry.values:
            self._done[value.identifier, value.contest or ""] = value.statement
            (self._opened if value.contest is None else self._cast).add(value.identifier)


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
