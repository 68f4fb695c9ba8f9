"""Encryption of cast vote records over any executor: plaintext ballots in, cast ballots out, in order.

These ballots were cast before (on paper, in another system): nobody challenges them, so they are cast at
once and their nonces die in the worker that drew them. Specification sections 3.3 and 3.4.

- Every worker draws its nonces from its own system and builds the tables of the keys once.
- In chaining mode 0 all ballots are those of one device. In mode 1 a chain has an order, so that the
  work is shared among *lanes*, devices called ``<device>/1``, ``<device>/2`` and so on, each with a chain
  of its own; a lane's next ballots are begun when the code of its last one is known.
- What comes back is looked at (:func:`_finished`): form, unit, style, device, identifiers, hashes and the
  chain are computed again. Proofs are checked where ballots are counted, with all others.
- Tasks print without the votes in them, because executors log tasks.

A task that is done twice, because a worker was lost, gives other ballots the second time; only one answer
is taken, and nothing of the other exists in the record.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import islice

from evote.ballots import BallotState, Election, PlaintextBallot, PlaintextContest, SubmittedBallot, hashes
from evote.ballots.chain import chaining_field, initial_of
from evote.ballots.device import MAX_DEVICE_BYTES, Device
from evote.ballots.encrypt import encrypt
from evote.ballots.examiner import contest_hash_of
from evote.ballots.hints import BallotHint
from evote.ballots.plaintext import interpret
from evote.bulk.setting import ElectionSetting
from evote.codec import decode, encode
from evote.errors import DecodeError, WorkerError
from evote.manifest import ChainingMode, Manifest
from evote.pool import capacity, ordered

CHUNK = 16
"""Ballots per task: a quarter of a second of work for ten selections in the standard group."""

WINDOW = 10
"""Bits per row of the workers' tables; 13 MiB and 0.1 s per key in the standard group."""


Answer = tuple[tuple[bytes, bytes], ...]
"""Frame and hint of each ballot of a task."""


@dataclass(frozen=True, slots=True)
class EncryptTask:
    """Ballots that one worker encrypts one after the other; only the votes in it are not public."""

    setting: ElectionSetting = field(repr=False)
    device: str
    previous: bytes | None
    """The last confirmation code of the device, None before its first."""
    ballots: tuple[PlaintextBallot, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FinishedBallot:
    """A cast ballot, its bytes as they go into a record, and the hint that goes beside it."""

    submitted: SubmittedBallot
    frame: bytes = field(repr=False)
    hint: BallotHint = field(repr=False)

    @property
    def code(self) -> str:
        """The confirmation code as 64 hexadecimal digits."""
        return self.submitted.ballot.confirmation_code.hex().upper()


def encrypt_ballots(
    election: Election,
    device: str,
    ballots: Iterable[PlaintextBallot],
    *,
    executor: Executor | None = None,
    lanes: int | None = None,
    codes: Mapping[str, bytes] | None = None,
    chunk: int = CHUNK,
) -> Generator[FinishedBallot, None, None]:
    """The ballots encrypted and cast, in their order.

    ``lanes`` is the number of devices in chaining mode 1, by default two for each worker, so that none waits;
    ``codes`` has the last confirmation code of every device that goes on with its chain. ``chunk`` is
    the number of ballots per task. At most two chunks per worker are in memory.

    Raises ``ValueError`` for a device name that cannot be or a ballot that the manifest does not know (those
    before it come first), and :class:`~evote.errors.WorkerError` where a worker was lost or gave a
    wrong answer; what was yielded before stands.
    """
    if chunk < 1:
        raise ValueError("a task has at least one ballot")
    workers = capacity(executor)
    chained = election.manifest.chaining is not ChainingMode.NONE
    count = (lanes if lanes is not None else 1 if executor is None else 2 * workers) if chained else 1
    if count < 1:
        raise ValueError("there is at least one lane")
    names = lane_names(election, device, count)
    last = {name: (codes or {}).get(name) for name in names}
    order: list[tuple[str, tuple[PlaintextBallot, ...]]] = []
    setting = ElectionSetting.of(election, window=WINDOW)

    def tasks() -> Iterator[EncryptTask]:
        source = iter(ballots)
        number = 0
        while portion := _portion(election, source, chunk):
            name = names[number % count]
            order.append((name, portion.ballots))
            yield EncryptTask(setting, name, last[name], portion.ballots)
            if portion.fault is not None:
                raise portion.fault
            number += 1

    def accept(answer: Answer) -> None:
        name, plaintexts = order[0]
        finished.extend(_finished(election, name, last[name], plaintexts, answer))
        last[name] = finished[-1].submitted.ballot.confirmation_code
        del order[0]

    finished: list[FinishedBallot] = []
    ahead = count if chained else None
    for _ in ordered(executor, encrypt_chunk, tasks(), ahead=ahead, accept=accept):
        yield from finished
        finished.clear()


def lane_names(election: Election, device: str, lanes: int) -> tuple[str, ...]:
    """The devices that share the work under one name: the device itself, or with chains its lanes.

    Raises ``ValueError`` for a name that is empty or too long.
    """
    chained = election.manifest.chaining is not ChainingMode.NONE
    names = tuple(f"{device}/{number}" for number in range(1, lanes + 1)) if chained else (device,)
    if not device or max(len(name.encode("utf-8")) for name in names) > MAX_DEVICE_BYTES:
        raise ValueError(f"the device information has 1 to {MAX_DEVICE_BYTES} bytes")
    return names


def require_encryptable(manifest: Manifest, ballot: PlaintextBallot) -> None:
    """Raises ``ValueError`` that says why for a ballot that cannot be encrypted in this election."""
    for vote in interpret(manifest, ballot):
        if vote.contest.data is not None:
            vote.record.encode(vote.contest)


def encrypt_chunk(task: EncryptTask) -> Answer:
    """What a worker does: the frames of the ballots of a task, and the contents of their hints."""
    codes = () if task.previous is None else (task.previous,)
    device = Device(task.setting.election(), task.device, codes=codes)
    answer = []
    for ballot in task.ballots:
        prepared = encrypt(device, ballot)
        answer.append((encode(prepared.cast()), prepared.hint().encode()))
    return tuple(answer)


@dataclass(frozen=True, slots=True)
class _Portion:
    """The next ballots, and what the source or the manifest had against the one behind them."""

    ballots: tuple[PlaintextBallot, ...]
    fault: Exception | None

    def __bool__(self) -> bool:
        return bool(self.ballots)


def _portion(election: Election, source: Iterator[PlaintextBallot], size: int) -> _Portion:
    """Up to ``size`` ballots; raises what is wrong with the first one."""
    taken: list[PlaintextBallot] = []
    try:
        for ballot in islice(source, size):
            require_encryptable(election.manifest, ballot)
            taken.append(_plain(ballot))
    except Exception as error:
        if not taken:
            raise
        return _Portion(tuple(taken), error)
    return _Portion(tuple(taken), None)


def _plain(ballot: PlaintextBallot) -> PlaintextBallot:
    """The ballot in dictionaries, whatever mappings the caller had: those can be sent."""
    contests = {
        label: PlaintextContest(dict(marked.marks), tuple(marked.write_ins))
        for label, marked in ballot.contests.items()
    }
    return PlaintextBallot(ballot.unit, ballot.style, contests)


def _finished(
    election: Election,
    device: str,
    previous: bytes | None,
    plaintexts: tuple[PlaintextBallot, ...],
    answer: object,
) -> Iterator[FinishedBallot]:
    """The answer of a worker, looked at without its proofs; raises :class:`WorkerError`."""
    if not isinstance(answer, tuple) or len(answer) != len(plaintexts):
        raise WorkerError(f"a worker did not answer with {len(plaintexts)} ballots; none of them is taken")
    hashed = hashes.device_hash(election.extended_hash, device)
    if election.manifest.chaining is ChainingMode.NONE:
        expected = chaining_field(ChainingMode.NONE, hashed)
    else:
        code = initial_of(election, hashed)[1] if previous is None else previous
        expected = chaining_field(ChainingMode.SIMPLE, code)
    for plaintext, pair in zip(plaintexts, answer, strict=True):
        frame, submitted, hint = _decoded(election, pair)
        ballot = submitted.ballot
        if fault := _fault(election, device, expected, plaintext, submitted):
            raise WorkerError(f"a worker answered with a ballot whose {fault}; it is not taken")
        if election.manifest.chaining is not ChainingMode.NONE:
            expected = chaining_field(ChainingMode.SIMPLE, ballot.confirmation_code)
        yield FinishedBallot(submitted, frame, hint)


def _decoded(election: Election, pair: object) -> tuple[bytes, SubmittedBallot, BallotHint]:
    width = election.group.element_bytes
    try:
        if not isinstance(pair, tuple) or [type(part) for part in pair] != [bytes, bytes]:
            raise DecodeError("not a ballot and its hint")
        frame, content = pair
        submitted = decode(SubmittedBallot, frame, element_bytes=width)
        hint = BallotHint.decode(content, width)
        if hint is None or hint.fitting(submitted, width) != hint:
            raise DecodeError("the hint is not that of the ballot")
    except (DecodeError, ValueError) as error:
        raise WorkerError(f"a worker answered with what is no ballot ({error}); it is not taken") from error
    return frame, submitted, hint


def _fault(
    election: Election, device: str, field: bytes, plaintext: PlaintextBallot, submitted: SubmittedBallot
) -> str:
    """What on a ballot is not as it was asked for; empty if nothing is."""
    ballot, context = submitted.ballot, submitted.context
    if submitted.state is not BallotState.CAST or context is None:
        return "state is not that of a cast ballot"
    if (ballot.unit, ballot.style, ballot.device) != (plaintext.unit, plaintext.style, device):
        return "unit, style or device is another"
    style = election.manifest.style(plaintext.style)
    if ballot.weight != style.weight or tuple(part.contest for part in ballot.contests) != style.contests:
        return "contests or weight are not those of its style"
    identifier = hashes.context_identifier(
        election.extended_hash, ballot.unit, ballot.style, context.pseudonym, context.randomness
    )
    key = hashes.identifier_hash(election.extended_hash, identifier)
    if context.pseudonym is not None or (ballot.identifier, ballot.identifier_hash) != (identifier, key):
        return "identifier is not that of its context"
    computed = [contest_hash_of(key, contest) for contest in ballot.contests]
    if [contest.contest_hash for contest in ballot.contests] != computed:
        return "contest hashes are not the computed ones"
    if ballot.chaining_field != field:
        return "chaining field does not continue its device's chain"
    if ballot.confirmation_code != hashes.confirmation_code(key, computed, field):
        return "confirmation code is not the computed one"
    return ""
