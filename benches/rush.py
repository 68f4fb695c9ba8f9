"""The rush on a ballot box: ``python -m benches.rush`` from the top of the repository.

Many clients at once send every ballot one to five times in random order, in process, to one box that
answers when a ballot is durable and leaves proofs to later. Ballots have the size, form, hashes and
signatures of real ones; what an admission does not look at (the proofs) is random, so that making
them takes no longer than the measurement. Every receipt is compared and the log counted afterwards.

``--processes`` says how many front ends share the clients. Each ballot has its front end, by its hash,
as a proxy in front of them would send it (``--spread sticky``), or every client has one and a ballot comes
to all of them (``--spread random``). Where the time of one core goes is measured first, step by step. Of
``--rounds`` rounds, each on a new box, the one with most ballots a second is shown: whatever else runs on
the machine only takes away. Processor time is that of the front ends with their clients, from the first
submission to the last answer, without the database's server. ``--markdown`` gives the tables of
``specs/ballot-box.md``, with the load of the machine before each measurement.
"""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
import random
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import click

from evote.ballots import Election, hashes
from evote.ballots.chain import chaining_field
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt as encrypt_ballot
from evote.ballots.examiner import contest_hash_of
from evote.ballots.plaintext import PlaintextBallot, PlaintextContest
from evote.ballots.values import BallotState, ContextOpening
from evote.bench.machine import machine
from evote.board.admission import AdmissionReceipt
from evote.board.credential import ED25519, pseudonym
from evote.board.holder import signed
from evote.board.roll import Roll, RollEntry, roll_root, sorted_entries
from evote.board.submission import NO_PREVIOUS, Submission
from evote.codec import decode, decode_fields, encode
from evote.groups import Group, standard_group
from evote.hashing import sha256
from evote.manifest import ChainingMode
from evote.manifest.moments import seconds_of
from evote.pool import settled_memory
from evote.randomness import SYSTEM
from evote.signing import SigningKey, VerifyKey, openssl
from evote.storage.box import BallotBox
from evote.storage.box_checker import BoardRules
from evote.storage.box_elements import element_digests
from evote.storage.box_setting import BoxSetting
from evote.testing.boards import CLOSES, BoardKeys
from evote.testing.elections import Kit
from evote.testing.groups import toy

UNIT = "North"
DRAFT = {
    "label": "Rush",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Assembly", "options": [f"list {number}" for number in range(1, 11)]}],
    "units": [UNIT],
}
OPEN = seconds_of(CLOSES) - 3600
STEP_ROUNDS = 7


@dataclass(frozen=True)
class Rush:
    """An election, its roll, and the encoded submissions of all its voters."""

    election: Election
    roll: Roll
    log_key: SigningKey
    ballots: Sequence[bytes]

    def box(self, location: str | Path, anchor: Path, *, make: bool) -> BallotBox:
        return BallotBox(
            location,
            BoxSetting.of(self.election, UNIT),
            self.log_key,
            BoardRules.of(self.election, UNIT, self.roll),
            make=make,
            anchor=anchor,
            examiner=None,
            clock=lambda: OPEN,
        )


def prepare(group: Group, ballots: int, *, real: bool = False) -> Rush:
    """As many voters with a ballot each; with ``real`` their proofs hold, and hints come with them."""
    voters = [SigningKey.generate() for _ in range(ballots)]
    by_key = {voter.verify_key.encoded: voter for voter in voters}
    listed = sorted_entries(RollEntry(UNIT, "all", ED25519, (key,)) for key in by_key)
    boards = BoardKeys.drawn("rush", [UNIT])
    frames: list[bytes] = []

    def described(salt: bytes) -> dict[str, object]:
        frames[:] = [encode(entry) for entry in listed]
        slots, root = roll_root(salt, frames)
        return {**DRAFT, "board": boards.board(salt), "roll": boards.roll(salt, slots=slots, root=root)}

    kit = Kit(described, guardians=1, quorum=1, group=group)
    election = kit.election
    style = election.manifest.unit(UNIT).styles[0]
    if style != "all":
        raise ValueError("the roll names the one style of the election")
    template = kit.vote(UNIT, {"Assembly": {"list 1": 1}})
    roll = Roll.read(election.manifest, frames)
    device, made = Device(election, "device 1"), []
    for entry in listed:
        name = pseudonym(election.manifest.salt, entry.keys)
        voter = by_key[entry.keys[0]]
        one = _real(device, name, voter) if real else _ballot(election, template.ballot, name, voter)
        made.append(encode(one))
    return Rush(election, roll, boards.units[UNIT], made)


def _real(device: Device, name: bytes, voter: SigningKey) -> Submission:
    plain = PlaintextBallot(UNIT, "all", {"Assembly": PlaintextContest({"list 1": 1})})
    prepared = encrypt_ballot(device, plain, pseudonym=name)
    ballot, context, _ = prepared.pending()
    unsigned = Submission(BallotState.CAST, ballot, context, NO_PREVIOUS, None, "", ())
    hint = prepared.hint().fitting(unsigned.submitted, device.election.group.element_bytes)
    return signed(device.election, replace(unsigned, hint=hint.encode()), [voter])


def _ballot(election: Election, template: Any, name: bytes, voter: SigningKey) -> Submission:
    token, width, style = SYSTEM.token, election.group.element_bytes, template.style
    context = ContextOpening(name, token(32))
    identifier = hashes.context_identifier(election.extended_hash, UNIT, style, name, context.randomness)
    key = hashes.identifier_hash(election.extended_hash, identifier)
    contests = []
    for contest in template.contests:
        selections = tuple(
            replace(each, alpha=b"\x7f" + token(width - 1), beta=b"\x7f" + token(width - 1))
            for each in contest.selections
        )
        changed = replace(contest, selections=selections)
        contests.append(replace(changed, contest_hash=contest_hash_of(key, changed)))
    field = chaining_field(ChainingMode.NONE, hashes.device_hash(election.extended_hash, template.device))
    ballot = replace(
        template,
        identifier=identifier,
        identifier_hash=key,
        contests=tuple(contests),
        nonce=replace(template.nonce, c0=b"\x7f" + token(width - 1)),
        chaining_field=field,
        confirmation_code=hashes.confirmation_code(
            key, [contest.contest_hash for contest in contests], field
        ),
    )
    unsigned = Submission(BallotState.CAST, ballot, context, NO_PREVIOUS, None, "", ())
    return signed(election, unsigned, [voter])


# --- one core, step by step ------------------------------------------------------------------------


def steps(rush: Rush, some: int = 200) -> dict[str, float]:
    """Milliseconds of processor time per ballot of each step of an admission."""
    width = rush.election.group.element_bytes
    rules = BoardRules.of(rush.election, UNIT, rush.roll)
    data = rush.ballots[:some]
    keys = [decode(Submission, each, element_bytes=width).context.pseudonym for each in data]
    slots = [rush.roll.slot_of_pseudonym(name) for name in keys if name is not None]
    voters = [rush.roll.keys(slot)[0] for slot in slots if slot is not None]
    read = [decode(Submission, each, element_bytes=width) for each in data]
    hashed = [hashes.submitted_hash(rush.election.extended_hash, encode(each.submitted)) for each in read]
    fingerprint = rush.election.extended_hash
    parts: dict[str, Callable[[int], object]] = {
        "decode": lambda i: decode_fields(Submission, data[i], element_bytes=width),
        "hash": lambda i: hashes.submitted_hash(fingerprint, data[i]),
        "rules (form, roll, key, signature)": lambda i: rules.check(read[i], hashed[i]),
        "  of them loading the voter's key": lambda i: VerifyKey(voters[i]),
        "ciphertexts": lambda i: element_digests(read[i].submitted),
        "sign receipt": lambda i: rush.log_key.sign("receipt", fingerprint, "log", hashed[i]),
        "same bytes again": lambda i: sha256(data[i]),
    }
    found = {}
    for name, part in parts.items():
        taken = []
        for _ in range(STEP_ROUNDS):
            started = time.process_time()
            for index in range(len(data)):
                part(index)
            taken.append((time.process_time() - started) / len(data) * 1000)
        found[name] = min(taken)
    return found


# --- the rush --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """One submission: which ballot, when it was answered, how long it took, digest of the receipt."""

    ballot: int
    at: float
    seconds: float
    receipt: bytes


@dataclass(frozen=True)
class Served:
    """What one front end did: from when on, its processor time in seconds, changes of thread, its answers."""

    began: float
    processor: float
    changes: int
    answers: list[Answer]


def _front_end(
    rush: Rush, location: str | Path, anchor: Path, share: list[list[int]], start: Barrier, out: Any
) -> None:
    found: list[tuple[int, float, float, AdmissionReceipt]] = []

    def client(numbers: list[int]) -> None:
        mine = []
        for number in numbers:
            started = time.monotonic()
            receipt = box.admit(rush.ballots[number])
            mine.append((number, started, time.monotonic(), receipt))
        found.extend(mine)

    with rush.box(location, anchor, make=False) as box:
        threads = [threading.Thread(target=client, args=(numbers,)) for numbers in share]
        with settled_memory():
            start.wait()
            began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    changes = after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw
    answers = [
        Answer(number, ended, ended - started, sha256(encode(receipt)))
        for number, started, ended, receipt in found
    ]
    out.put(Served(began, used, changes, answers))


def shares(
    rush: Rush, sent: Sequence[int], clients: int, processes: int, spread: str
) -> list[list[list[int]]]:
    """For every front end what each of its clients sends, in order."""
    if spread == "random":
        every = [list(sent[number::clients]) for number in range(clients)]
        return [every[number::processes] for number in range(processes)]
    home = [int.from_bytes(sha256(ballot)[:8], "big") % processes for ballot in rush.ballots]
    found = []
    for number in range(processes):
        here, own = [each for each in sent if home[each] == number], len(range(number, clients, processes))
        found.append([here[client::own] for client in range(own)])
    return found


@dataclass(frozen=True)
class Figures:
    """What one rush came to."""

    ballots: int
    submissions: int
    seconds: float
    processor: float
    """Seconds of processor time of all front ends and clients."""
    changes: float
    """Changes of thread for every ballot."""
    load: float
    """Of the machine, over the minute before."""
    p50: float
    p99: float
    first_p50: float
    """Median of those that were the first to bring their ballot."""

    @property
    def rate(self) -> float:
        return self.ballots / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.rate:7.0f} ballots/s {self.submissions / self.seconds:7.0f} submissions/s   "
            f"p50 {self.p50 * 1e3:6.1f} ms (first {self.first_p50 * 1e3:.1f})  p99 {self.p99 * 1e3:6.1f} ms  "
            f"{self.processor / self.ballots * 1e3:.2f} ms of processor per ballot, "
            f"{self.changes:.1f} changes of thread, load {self.load:.1f} "
            f"({self.ballots} ballots, {self.submissions} submissions, {self.seconds:.1f} s)"
        )

    def row(self, name: str) -> str:
        """A row of the table of the page."""
        return (
            f"| {name} | {self.load:.1f} | {self.rate:,.0f} | {self.submissions / self.seconds:,.0f} |"
            f" {self.p50 * 1e3:.1f} ms | {self.first_p50 * 1e3:.0f} ms | {self.p99 * 1e3:.0f} ms |"
            f" {self.processor / self.ballots * 1e3:.2f} | {self.changes:.1f} |"
        )


HEAD = (
    "| | load before | ballots/s | submissions/s | p50 | p50 of first ones | p99 |"
    " ms of processor per ballot | changes of thread per ballot |\n|---|---|---|---|---|---|---|---|---|"
)


def measure(
    rush: Rush, location: str | Path, anchor: Path, *, clients: int, processes: int, spread: str = "sticky"
) -> Figures:
    """One rush."""
    rng = random.Random(len(rush.ballots))
    sent = [number for number in range(len(rush.ballots)) for _ in range(rng.randint(1, 5))]
    rng.shuffle(sent)
    share = shares(rush, sent, clients, processes, spread)
    rush.box(location, anchor, make=True).close()
    load = os.getloadavg()[0]
    fork = multiprocessing.get_context("fork")
    start, out = fork.Barrier(processes), fork.Queue()
    children = [
        fork.Process(target=_front_end, args=(rush, location, anchor, some, start, out)) for some in share
    ]
    for child in children:
        child.start()
    served: list[Served] = [out.get() for _ in children]
    for child in children:
        child.join()
    answers = sorted((each for one in served for each in one.answers), key=lambda answer: answer.at)
    assert len(answers) == len(sent)
    seconds = answers[-1].at - min(one.began for one in served)
    receipts: dict[int, set[bytes]] = {}
    for each in answers:
        receipts.setdefault(each.ballot, set()).add(each.receipt)
    assert len(receipts) == len(rush.ballots) and all(len(each) == 1 for each in receipts.values())
    with rush.box(location, anchor, make=False) as box:
        assert box.status().cast == len(rush.ballots)
    latency = sorted(each.seconds for each in answers)
    p50, p99 = (latency[len(latency) * part // 100] for part in (50, 99))
    first: dict[int, float] = {}
    for each in answers:
        first.setdefault(each.ballot, each.seconds)
    middle = sorted(first.values())[len(first) // 2]
    processor = sum(one.processor for one in served)
    changes = sum(one.changes for one in served) / len(rush.ballots)
    return Figures(len(rush.ballots), len(sent), seconds, processor, changes, load, p50, p99, middle)


def quietest(rounds: int, run: Callable[[Path], Figures]) -> Figures:
    """The round with most ballots a second, each in a folder of its own."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            found.append(run(Path(folder)))
    return max(found, key=lambda figures: figures.rate)


@click.command()
@click.option("--ballots", type=click.IntRange(min=64), default=2000, show_default=True)
@click.option("--clients", type=click.IntRange(min=1), default=64, show_default=True)
@click.option("--processes", "front_ends", type=click.IntRange(min=1), multiple=True, default=(1, 2))
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--group", type=click.Choice(["standard", "toy"]), default="standard", show_default=True)
@click.option("--spread", type=click.Choice(["sticky", "random"]), default="sticky", show_default=True)
@click.option("--postgres", metavar="ADDRESS", help="Also on this database (an empty one).")
@click.option("--markdown", is_flag=True, help="The tables of specs/ballot-box.md.")
def main(
    ballots: int,
    clients: int,
    front_ends: tuple[int, ...],
    rounds: int,
    group: str,
    spread: str,
    postgres: str | None,
    markdown: bool,
) -> None:
    """Measure the rush on SQLite and, if an address is given, on PostgreSQL."""
    rush = prepare(standard_group() if group == "standard" else toy(), ballots)
    here = machine()
    about = (
        f"{here.cpu}, {here.usable_cores} cores, {here.versions['python']}, {openssl.used()};"
        f" {group} group, {len(rush.ballots[0])} bytes a ballot, {ballots} ballots, {clients} clients,"
        f" best of {rounds} rounds"
    )
    click.echo(f"{about}\n" if markdown else f"{here}\n{about}")
    click.echo("| step | ms of processor per ballot |\n|---|---|" if markdown else f"load {here.load:.1f}")
    for name, cost in steps(rush).items():
        click.echo(f"| {name.strip()} | {cost:.3f} |" if markdown else f"  {name:36} {cost:6.3f} ms")
    click.echo(f"\n{HEAD}" if markdown else "")

    def on_sqlite(folder: Path, processes: int) -> Figures:
        path = folder / "north.box"
        return measure(rush, path, folder / "anchor", clients=clients, processes=processes, spread=spread)

    def on_postgres(folder: Path, processes: int) -> Figures:
        _clear(str(postgres))
        anchor = folder / "anchor"
        return measure(rush, str(postgres), anchor, clients=clients, processes=processes, spread=spread)

    databases = {"SQLite": on_sqlite} | ({"PostgreSQL": on_postgres} if postgres is not None else {})
    for (kind, run), processes in itertools.product(databases.items(), front_ends):
        name = f"{kind}, {processes} front end{'s' if processes > 1 else ''}"
        figures = quietest(rounds, functools.partial(run, processes=processes))
        click.echo(figures.row(name) if markdown else f"{name:26} {figures}")


def _clear(address: str) -> None:
    """Remove the boxes of earlier runs."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'evote\\_%'"
        ).fetchall()
        for (name,) in rows:
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')


if __name__ == "__main__":
    main()
