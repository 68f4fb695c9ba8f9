"""The private folder of an office: what must never be published, apart from the record.

=====================  =============================================================================
file                   content
=====================  =============================================================================
``authority.sealed``   the seed of the key that seals the record's indexes
``ballots.sealed``     the key under which the nonces of pending ballots are sealed
``ballots.sqlite``     the pending ballots
``rows.sqlite``        which row of which file is which ballot, where cast vote records were encrypted
=====================  =============================================================================

Rules: the folder is readable by its owner alone; it lies neither in a record nor around one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evote.ballots import Election
from evote.errors import RefusedError, StorageError
from evote.secret import Secret
from evote.signing import SigningKey
from evote.storage.journal import Journal
from evote.storage.keep import Keep
from evote.storage.pending import PendingStore
from evote.storage.vault import Vault

AUTHORITY = "authority.sealed"
BALLOT_KEY = "ballots.sealed"
BALLOTS = "ballots.sqlite"
JOURNAL = "rows.sqlite"


class PrivateFolder:
    """The private folder at ``root``; ``passphrase`` seals and opens what is in it."""

    def __init__(self, root: Path, passphrase: Secret[str]) -> None:
        self.root = root
        self._passphrase = passphrase

    @staticmethod
    def make(root: Path, record: Path) -> None:
        """Make the folder if it is not there, apart from the record.

        Raises :class:`RefusedError` if one of the two is inside the other.
        """
        private, public = root.resolve(), record.resolve()
        if private == public or public in private.parents or private in public.parents:
            raise RefusedError(
                f"{root} and {record} lie in each other; keep the private folder apart from the record"
            )
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{root}: {error.strerror}; choose another folder") from error

    # --- the authority's key -----------------------------------------------------------------------

    def new_authority(self) -> SigningKey:
        """Draw the key of the election's authority and seal it.

        Raises :class:`RefusedError` if there is one: the record sealed with it would be orphaned.
        """
        keep = self._keep(AUTHORITY)
        if keep.exists():
            raise RefusedError(
                f"{self.root} holds the key of an election already; every election has its own folder"
            )
        key = SigningKey.generate()
        keep.save(key.seed())
        return key

    def forget_authority(self) -> None:
        """Destroy the key of an election that could not be made."""
        self._keep(AUTHORITY).destroy()

    def authority(self) -> SigningKey:
        """The key; raises :class:`StorageError` if it is absent or the passphrase is wrong."""
        return SigningKey.from_seed(self._keep(AUTHORITY).load())

    # --- pending ballots ---------------------------------------------------------------------------

    def vault(self, *, make: bool = False) -> Vault:
        """The vault of ballot nonces; ``make`` draws its key if there is none."""
        keep = self._keep(BALLOT_KEY)
        if make and not keep.exists():
            keep.save(Vault.new_key())
        return Vault(keep.load())

    def _keep(self, name: str) -> Keep:
        return Keep(self.root / name, self._passphrase)


def pending_store(root: Path, election: Election, *, make: bool = False) -> PendingStore:
    """The store of pending ballots in the private folder ``root``; no passphrase is needed for it."""
    return PendingStore(root / BALLOTS, election.extended_hash, election.group.element_bytes, make=make)


@contextmanager
def journal_of(root: Path, election: Election) -> Iterator[Journal | None]:
    """The journal in the private folder ``root`` for the length of a block, None if there is none."""
    if not (root / JOURNAL).exists():
        yield None
        return
    with Journal(root / JOURNAL, election.extended_hash) as journal:
        yield journal
