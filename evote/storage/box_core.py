"""The box's one way to write: locked, compared with what it promised, durable, anchored.

Every change goes through :meth:`BoxCore.write`:

1. the log of the database is compared with the longest one that this process knows of; if it is
   shorter, or another, the box stops for good: it was restored from an older copy;
2. what was counted is booked, and minutes that are over enter the log;
3. the change is made and committed;
4. the anchor follows, durably; only then the caller goes on, and receipts and heads leave.

A connection that is lost is tried once more: changes find what an earlier try may have committed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from evote.board.checkpoint import Checkpoint
from evote.errors import RefusedError, StorageError
from evote.merkle import Tree, empty_root, leaf_hash
from evote.storage.box_anchor import Anchor, Mark
from evote.storage.box_counts import FAILURES, GAP_SECONDS, STARTS, Counts
from evote.storage.box_database import ConnectionLostError, Database, Session
from evote.storage.box_log import MINUTE, OpenLog, frontier_of
from evote.storage.box_schema import Identity

T = TypeVar("T")

_AT_ONCE = 4096

_ABSENT = (
    "this machine has no anchor for the box, which holds entries already. If it never served the box, open "
    "it once with a new anchor; if it did, bring its anchor back"
)
_BEHIND = (
    "{source} shows {promised} entries, and the database {name} {held}. It was restored from an older "
    "copy or has lost its end, so the box signs nothing more. Stop every front end, keep this database as "
    "it is, and bring back the newest one (disk, replica, archive of its write-ahead log). If it is lost, "
    "the log ends here: tell the election authority, and send voters to another road with the ballots on "
    "their devices"
)


class BoxCore:
    """Database, anchor and counts of one box. ``clock`` gives seconds since 1970."""

    def __init__(
        self, database: Database, identity: Identity, anchor: Anchor, clock: Callable[[], float]
    ) -> None:
        self.database = database
        self.identity = identity
        self.fault: str | None = None
        """Why the box signs nothing, or None."""
        self._anchor = anchor
        self._clock = clock
        self._counts = Counts(self.now())
        self._mark = Mark(0, empty_root())
        self._tree = Tree()
        self._lock = threading.Lock()
        self._tree_lock = threading.Lock()

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._clock())

    # --- opening ---------------------------------------------------------------------------------

    def compare(self, witnessed: Iterable[Checkpoint], *, new_anchor: bool) -> None:
        """Compare the database with itself, with the anchor, and with heads that others hold.

        What does not fit stops the box; a log that does not fit its own state is a
        :class:`StorageError`.
        """
        # The state first: other front ends may add entries until the tree is read, and none goes away.
        with self.reading() as session:
            ((size, frontier),) = session.rows("SELECT size, frontier FROM state WHERE id = 1")
            heads = [
                (Mark(each, bytes(root)), "a head that it signed")
                for each, root in session.rows("SELECT size, root FROM heads ORDER BY size")
            ]
        if self._anchor.mark is None:  # another front end of this machine may have begun it meanwhile
            self._anchor.read()
        tree = self.tree()
        if tree.size < size or frontier_of(size, bytes(frontier)).root() != tree.root(size):
            raise StorageError(
                f"{self.database.name} is damaged: its entries are not those of its state; "
                "keep it and go on with an intact copy"
            )
        if self._anchor.mark is None and (tree.size == 0 or new_anchor):
            self._anchor.keep(Mark(tree.size, tree.root()))
        if self._anchor.mark is None:
            self.fault = _ABSENT
            return
        for checkpoint in witnessed:
            if checkpoint.origin != self.identity.origin:
                raise ValueError(f"a head of {checkpoint.origin!r} is none of {self.identity.origin!r}")
            heads.append((Mark(checkpoint.size, checkpoint.root), "a head that others hold"))
        for mark, source in ((self._anchor.mark, f"the anchor {self._anchor.path}"), *heads):
            if mark.size > tree.size or tree.root(mark.size) != mark.root:
                self._stop(mark, source, tree.size)
                return
        self._mark = Mark(tree.size, tree.root())

    def started(self) -> None:
        """Count the start, and the time without service before it."""
        with self.reading() as session:
            ((seen,),) = session.rows("SELECT seen FROM state WHERE id = 1")
        now = self.now()
        self._counts.add(now, STARTS)
        if now > seen:
            self._counts.add(now, GAP_SECONDS, now - seen)

    def _stop(self, mark: Mark, source: str, held: int) -> None:
        found = f"holds {held}" if held < mark.size else "holds others"
        self.fault = _BEHIND.format(source=source, promised=mark.size, name=self.database.name, held=found)

    # --- use -------------------------------------------------------------------------------------

    def check_sound(self) -> None:
        """Raises :class:`RefusedError` with what to do if the box was stopped."""
        if self.fault is not None:
            raise RefusedError(self.fault)

    def write(self, change: Callable[[Session, OpenLog], T]) -> T:
        """The result of ``change``, durable and anchored.

        Raises what ``change`` raises, :class:`StorageError`, and :class:`RefusedError` if the box was
        stopped; then nothing was promised.
        """
        try:
            return self._write(change)
        except ConnectionLostError:
            try:
                return self._write(change)
            except ConnectionLostError as error:
                raise StorageError(
                    f"{self.database.name} cannot be reached ({error}); send the same again later"
                ) from error

    def _write(self, change: Callable[[Session, OpenLog], T]) -> T:
        with self._lock:
            self.check_sound()
            now = self.now()
            taken = self._counts.take(now)
            try:
                with self.database.writing() as session:
                    log = OpenLog(session, self.identity, now)
                    self._compare(log.mark())
                    log.count(taken)
                    log.log_minutes(now - now % MINUTE)
                    result = change(session, log)
                    log.finish()
                    mark = log.mark()
            except BaseException as error:
                self._counts.give_back(taken)
                if isinstance(error, StorageError | ConnectionLostError):
                    self._counts.add(now, FAILURES)
                raise
            if mark.size > self._mark.size:
                self._anchor.keep(mark)
                self._mark = mark
            return result

    def _compare(self, held: Mark) -> None:
        known = self._mark
        if held.size < known.size or (held.size == known.size and held.root != known.root):
            self._stop(known, "this program", held.size)
            self.check_sound()

    def count(self, what: str, count: int = 1) -> None:
        """Count something that happened now; written down with the next transaction, or now and then."""
        if self._counts.add(self.now(), what, count) and self.fault is None:
            self.write(lambda session, log: None)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A reading transaction. Raises :class:`StorageError`."""
        try:
            with self.database.reading() as session:
                yield session
        except ConnectionLostError as error:
            raise StorageError(
                f"{self.database.name} cannot be reached ({error}); try again later"
            ) from error

    def ask(self, question: Callable[[Session], T]) -> T:
        """The answer to a short question; a connection that is lost is tried once more."""
        try:
            with self.database.reading() as session:
                return question(session)
        except ConnectionLostError:
            with self.reading() as session:
                return question(session)

    def tree(self) -> Tree:
        """The tree of the log as it stands now. It only grows; other threads may be using it."""
        with self._tree_lock:
            with self.reading() as session:
                question = "SELECT position, leaf FROM entries WHERE position >= ? ORDER BY position"
                rows = session.stream(question, (self._tree.size,))
                while some := list(islice(rows, _AT_ONCE)):
                    size = self._tree.size
                    if [position for position, _ in some] != list(range(size, size + len(some))):
                        raise StorageError(
                            f"{self.database.name} is damaged: entries from {size} on are missing; "
                            "keep it and go on with an intact copy"
                        )
                    self._tree.extend(leaf_hash(bytes(leaf)) for _, leaf in some)
            return self._tree

    def close(self) -> None:
        """Write the last counts down and close everything."""
        try:
            if self.fault is None:
                self.write(lambda session, log: None)
        finally:
            self._anchor.close()
            self.database.close()
