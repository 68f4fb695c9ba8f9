"""An election with a board for people to try: set up in one process, voted in from elsewhere, and counted.

:func:`open_hosted` draws keys and codes, holds the guardians' ceremony, seals the record and opens the boxes;
a server then takes ballots for them. :meth:`Hosted.publish` puts the heads of the units into the election's
log and has the witnesses cosign; :meth:`Hosted.finish` ends voting, closes the board, decrypts and publishes.

Rules: as in :mod:`evote.demo.board`: codes and keys live and die in memory, beside the codes that whoever
shows the demonstration hands out. Voting ends when :meth:`Hosted.finish` says so: the clock jumps there.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from evote.ballots import Election, PlaintextBallot, PlaintextContest
from evote.demo.board import ORIGIN, WITNESSES, _codes, _declared_logs
from evote.demo.boxes import DemoBoard, open_board
from evote.demo.clock import DemoClock
from evote.demo.hold import counts_of, make_keys
from evote.demo.plan import CountKey, Plan, Voter
from evote.demo.trustees import decrypt
from evote.demo.witness import DemoWitness, policy_of
from evote.errors import RefusedError
from evote.groups import Group
from evote.manifest import Manifest, Parameters
from evote.manifest.moments import moment_of
from evote.office.boardclose import close_board
from evote.office.logkeys import BoardTerms
from evote.office.open import OpenElection
from evote.randomness import SYSTEM
from evote.record import RecordReader, RecordWriter, Stage, put_results
from evote.secret import Secret
from evote.signing import SigningKey

HOURS: Final = 24
"""For which people could vote, if nobody ended the demonstration."""
MERGE_DELAY: Final = 600
UNIT, STYLE = "Town", "ballot"

DRAFT: Final[Mapping[str, object]] = {
    "label": "Town meeting",
    "names": {"en": "Town meeting", "fr": "Assemblée communale"},
    "languages": ["en", "fr"],
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {
            "label": "Square",
            "names": {
                "en": "What should become of the market square?",
                "fr": "Que faire de la place du marché ?",
            },
            "options": [
                {"label": "Trees", "names": {"en": "Trees and benches", "fr": "Des arbres et des bancs"}},
                {"label": "Parking", "names": {"en": "Parking spaces", "fr": "Des places de parking"}},
                {"label": "Market hall", "names": {"en": "A market hall", "fr": "Une halle"}},
                {"label": "Blank", "names": {"en": "Blank vote", "fr": "Vote blanc"}},
            ],
        },
        {
            "label": "Council",
            "names": {"en": "Youth council: up to two", "fr": "Conseil des jeunes : deux au plus"},
            "limit": 2,
            "options": [
                {"label": name, "names": {"en": name, "fr": name}}
                for name in (
                    "Ada Lefèvre",
                    "Bo Martin",
                    "Chloé Diallo",
                    "Driss Petit",
                    "Emma Novak",
                    "Farid Roux",
                )
            ],
        },
    ],
    "styles": [
        {"label": STYLE, "names": {"en": "Ballot", "fr": "Bulletin"}, "contests": ["Square", "Council"]}
    ],
    "units": [
        {"label": UNIT, "names": {"en": "Town", "fr": "Ville"}, "styles": [STYLE]},
        {"label": "Abroad", "names": {"en": "Abroad", "fr": "Étranger"}, "styles": [STYLE]},
    ],
}


class HostedClock(DemoClock):
    """Runs right until voting is ended; from then on it is behind the declared end."""

    def __init__(self) -> None:
        super().__init__()
        self._late = 0
        self.closes += HOURS * 3600

    def end_voting(self) -> None:
        """Jump to the declared end, if that is still to come."""
        self._late = min(0, self.now() - self.closes)


@dataclass(frozen=True, slots=True)
class Hosted:
    """An election that takes ballots. ``sheets`` are the codes, as on paper, of the voters of ``UNIT``."""

    election: Election
    record: Path
    private: Path
    board: DemoBoard
    clock: HostedClock
    sheets: tuple[Secret[str], ...]
    _finish: Callable[[], dict[CountKey, Counter[str]]]
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def _paths(self) -> tuple[str, ...]:
        return tuple(unit.path for unit in self.election.manifest.ballot_units())

    def publish(self) -> None:
        """The newest heads into the election's log, cosigned; nothing without new entries, or at the end."""
        with self._turn:
            if not self._ended.is_set():
                self._publish()

    def _publish(self) -> None:
        sizes = {unit: self.board.box(unit).status().size for unit in self._paths}
        held = {unit: self.board.log.last(unit) for unit in sizes}
        if any(size > (0 if (last := held[unit]) is None else last.size) for unit, size in sizes.items()):
            self.board.publish_heads()

    def finish(self) -> dict[CountKey, Counter[str]]:
        """End voting, close, decrypt and publish; the counts by contest and unit."""
        with self._turn:
            self._ended.set()
            return self._finish()


def plan_of(group: Group, voters: int) -> Plan:
    """The demonstration's election with so many voters in its first unit and one in the other."""
    nothing = {"Square": PlaintextContest(), "Council": PlaintextContest()}
    everybody = [Voter(PlaintextBallot(UNIT, STYLE, nothing), False)] * voters
    everybody.append(Voter(PlaintextBallot("Abroad", STYLE, nothing), False))
    return Plan("Town meeting", Parameters(group, 3, 2), DRAFT, lambda: iter(everybody), (1, 3))


@contextmanager
def open_hosted(group: Group, voters: int, folder: Path, private: Path) -> Iterator[Hosted]:
    """Set up in ``folder`` (new or empty) and ``private`` (an empty folder), and take ballots.

    Raises as :func:`evote.demo.board.hold_board`; ``ValueError`` for less than one voter.
    """
    if voters < 1:
        raise ValueError("somebody votes in a demonstration")
    plan, clock = plan_of(group, voters), HostedClock()
    salt, authority = SYSTEM.token(32), SigningKey.generate()
    witnesses = tuple(DemoWitness(name) for name in WITNESSES)
    draft = dict(plan.draft)
    bare = Manifest.build(draft, salt=salt, authority_key=None)
    terms = BoardTerms(ORIGIN, moment_of(clock.closes), MERGE_DELAY, policy_of(witnesses))
    draft["board"], logs = _declared_logs(bare, terms, salt)
    draft["roll"], roll, sheets = _codes(bare, list(plan.voters()), lambda done, all_: None)
    manifest = Manifest.build(draft, salt=salt, authority_key=authority.verify_key.encoded)
    writer = RecordWriter.create(folder, manifest, plan.parameters)
    with writer.roll() as slots:
        for entry in roll:
            slots.append(entry)
    election, shares = make_keys(plan, manifest, writer)
    writer.seal(Stage.SETUP, clock.moment(), authority)
    with open_board(election, folder, private, logs, witnesses, clock) as board:

        def finish() -> dict[CountKey, Counter[str]]:
            clock.end_voting()
            units = board.close()
            opened = OpenElection(election, folder, writer, {group.name: group})
            closed = close_board(opened, board.log, units, ())
            tally = closed.tally
            if tally is None:
                raise RefusedError("units are still open: a hosted election closes all of them at once")
            writer.seal(Stage.VOTING, clock.moment(), authority, tally.head)
            deciding = [share for share in shares if share.index in plan.deciding]
            decryption = decrypt(RecordReader(folder, {group.name: group}), deciding, lambda *_: None)
            put_results(writer, tally, decryption, ())
            writer.seal(Stage.FINAL, clock.moment(), authority, tally.head)
            return counts_of(decryption)

        yield Hosted(election, folder, private, board, clock, tuple(sheets), finish)
