"""A guardian on its own machine: one private folder, one election (specification sections 3.2.2, 3.6).

::

    ceremony.sealed      what the guardian remembers of key generation, at its end its share
    ledger.log           what it has decrypted (evote.guardian.ledger)
    requests.seen        what it has seen of the log of requests (evote.guardian.requests)
    ledger.anchor        how far the ledger goes (evote.guardian.ledgerfile)
    sessions/…           one folder per decryption session (evote.guardian.session)

Everything secret is sealed under one passphrase. The folder is never shared and never restored from
an old copy: a copy brings spent secrets back. One program at a time works in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evote.board.note import Note
from evote.ceremony import GuardianShare, Setting
from evote.decryption import DecryptionRequest, RequestLog, ShownRequests
from evote.errors import RefusedError, StorageError
from evote.guardian.closed import ClosedRecord
from evote.guardian.coordinator import read_plan
from evote.guardian.exchange import Exchange
from evote.guardian.keygen import KeyGeneration, Progress
from evote.guardian.ledger import Ledger
from evote.guardian.plan import SessionPlan, request_of
from evote.guardian.requests import SeenRequests
from evote.guardian.session import DecryptionSession
from evote.record.files import Lock, sentences, sync_folder
from evote.secret import Secret
from evote.storage.keep import Keep
from evote.storage.sealed import Cost, Sealer
from evote.tally import ClosingHead

CEREMONY = "ceremony.sealed"
LEDGER = "ledger.log"
SESSIONS = "sessions"


class Guardian:
    """Guardian ``index`` of the election of ``setting``, with its private ``folder``.

    ``cost`` is how much work a passphrase takes when something new is sealed. Raises ``ValueError`` for an
    index that no guardian has, and for an empty passphrase.
    """

    def __init__(
        self,
        folder: Path,
        passphrase: Secret[str],
        setting: Setting,
        index: int,
        *,
        cost: Cost | None = None,
    ) -> None:
        setting.require_index(index)
        self._folder = folder
        self._setting = setting
        self.index = index
        self._sealer = Sealer(passphrase, cost)
        self._keep = Keep(folder / CEREMONY, self._sealer, kind=CEREMONY)

    def __repr__(self) -> str:
        return f"<guardian {self.index} in {str(self._folder)!r}>"

    # --- key generation --------------------------------------------------------------------------

    def begin(self) -> None:
        """Make the private folder, the ledger, and all secrets (round 0 of key generation).

        Raises :class:`RefusedError` if the guardian has begun here before.
        """
        with sentences(self._folder, "written"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
        with self._alone():
            if self._keep.exists():
                raise RefusedError(
                    f"{self._folder} holds a guardian already; a new ceremony needs a new private folder"
                )
            Ledger.create(self._folder / LEDGER)
            KeyGeneration(self._setting, self.index, self._keep, self._exchange(self._folder)).begin()

    def generate(self, exchange: Path) -> Progress:
        """Do every round of key generation whose messages are there; see :meth:`KeyGeneration.advance`."""
        with self._alone():
            return KeyGeneration(self._setting, self.index, self._keep, self._exchange(exchange)).advance()

    def share(self) -> GuardianShare:
        """The share for decryption; raises :class:`RefusedError` before the end of the ceremony."""
        return KeyGeneration(self._setting, self.index, self._keep, self._exchange(self._folder)).share()

    # --- decryption ------------------------------------------------------------------------------

    def decrypt(self, record: ClosedRecord, exchange: Path, number: int | None = None) -> Progress:
        """Do every round of a decryption session whose messages are there.

        ``record`` was verified on this machine (:func:`~evote.guardian.closed.closed_record`, or
        :func:`~evote.guardian.closed.open_record` for a session that is held while units are open). Where the
        manifest declares a log of requests, it is read first, each time. ``number`` is
        the session, the latest one that this guardian takes part in unless given. Raises as
        :meth:`DecryptionSession.advance`, and :class:`RefusedError` for a plan that is not about this
        very record, for the record of another election, or if there is no session for this guardian.
        """
        with self._alone():
            share = self.share()
            if record.election.extended_hash != share.extended_hash:
                raise RefusedError("the record belongs to another election than this guardian's share")
            messages = self._exchange(exchange)
            plan = self.plan(exchange, number)
            if self.index not in plan.guardians:
                raise RefusedError(f"guardian {self.index} does not take part in session {plan.session}")
            request = request_of(record, plan)
            ledger = Ledger(self._folder / LEDGER, self._setting.group.element_bytes)
            log = self._require_request(request, ledger, messages)
            session = DecryptionSession(
                share,
                request,
                self._folder / SESSIONS / request.digest.hex(),
                self._sealer,
                ledger,
                messages.session(plan.session),
                log,
            )
            return session.advance()

    def _require_request(
        self, request: DecryptionRequest, ledger: Ledger, messages: Exchange
    ) -> ClosingHead | None:
        """The head of the log of requests on which the request stands; None where none is declared."""
        declared = request.election.manifest.requests
        if declared is None:
            return None
        name = messages.requests()
        if not name:
            raise RefusedError(
                f"{messages.root} does not show the log of requests, which the manifest declares; "
                "'evote requests show' puts it there"
            )
        shown = messages.get(ShownRequests, name)
        log = RequestLog.read(declared, request.election.extended_hash, shown.entries)
        return SeenRequests(self._folder, ledger.log).require(log, Note.parse(shown.note), request)

    def plan(self, exchange: Path, number: int | None = None) -> SessionPlan:
        """What a session of this guardian is about, the latest unless ``number`` is given.

        Raises :class:`RefusedError` if there is none, and as :func:`~evote.guardian.coordinator.read_plan`.
        """
        messages = self._exchange(exchange)
        return read_plan(messages, self._latest(messages) if number is None else number)

    def _latest(self, exchange: Exchange) -> int:
        for number in reversed(exchange.sessions()):
            if self.index in read_plan(exchange, number).guardians:
                return number
        raise RefusedError(
            f"{exchange.root} has no decryption session in which guardian {self.index} takes part"
        )

    # --- inside ----------------------------------------------------------------------------------

    def _exchange(self, root: Path) -> Exchange:
        return Exchange(root, self._setting.group.element_bytes)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other program out of the private folder."""
        if not self._folder.is_dir():
            raise StorageError(f"{self._folder} is no folder; begin the ceremony first, or check the path")
        with Lock(self._folder):
            yield


def guardian_of(
    record: ClosedRecord, folder: Path, passphrase: Secret[str], index: int, *, cost: Cost | None = None
) -> Guardian:
    """The guardian of a verified record's election that works in ``folder``."""
    return Guardian(folder, passphrase, record.election.setting, index, cost=cost)
