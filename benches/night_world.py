"""One replayed night with real processes: a collector, the line in front of it, and offices that are killed.

Everything runs on loopback, within a folder, and ends with the call: the only processes that are killed are
those that were started here.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benches import night_collector, night_line, night_office
from benches.night_units import Offices
from evote.record import Stage, write_atomic
from evote.web.spool import Spool, parcel_of
from evote.web.tokens import new_token, token_hash

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
"""Of the clock, for processes to get ready on a busy machine."""


@dataclass(frozen=True)
class Scenario:
    """What happens; moments in seconds of the night, which runs ``factor`` times faster than the clock."""

    factor: float
    ready: Mapping[str, float]
    """Unit -> when its office has the totals."""
    outage: float
    share: float
    seed: int
    end: float
    kills: Sequence[float] = ()
    """When the first process of offices, a building with few of them, is killed; it is started again at
    once."""
    processes: int = 4
    building: int = 3
    """Offices in the first process; the others share the rest."""
    piece: int = 512
    uploads: int = 8
    absent: Sequence[str] = ()
    """Units that never send anything."""
    twice: Mapping[str, bytes] = field(default_factory=dict)
    """Unit -> another file that it signed and sends too."""
    torn: Sequence[str] = ()
    """Units without a line, whose USB stick is pulled too early."""
    sticks: Sequence[str] = ()
    """Units that send, and whose file also comes on a USB stick."""
    carried: Mapping[str, str] = field(default_factory=dict)
    """Unit without a line -> unit whose office carries its file."""


@dataclass(frozen=True)
class Night:
    """What is left of a night."""

    record: Path
    collected: Path
    """The collector's folder."""
    sticks: Path
    attempts: list[dict[str, Any]]
    """Every line of the line's log."""
    deliveries: list[dict[str, Any]]
    """Every line of the offices' logs."""
    kills: int

    def arrived(self) -> dict[str, bytes]:
        """Name -> bytes of everything that the centre has: the collector's files and the USB sticks."""
        paths = [*sorted((self.collected / "arrived").iterdir()), *sorted(self.sticks.iterdir())]
        return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}

    def arrivals(self) -> list[dict[str, Any]]:
        """The collector's own list."""
        return _lines(self.collected / "arrivals.jsonl")

    def moment(self, fate: str) -> float:
        """When the line did something for the first time."""
        return next(float(each["at"]) for each in self.attempts if each["fate"] == fate)


def play(offices: Offices, scenario: Scenario, way: str, folder: Path) -> Night:
    """One night in which offices try again in a ``way`` (:data:`benches.night_office.WAYS`).

    Raises ``RuntimeError`` if a process does not do its part.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    record = offices.kit.write(offices.kit.publish(), folder / "record", stage=Stage.SETUP)
    senders = [
        path for path in scenario.ready if path not in {*scenario.absent, *scenario.torn, *scenario.carried}
    ]
    tokens = {path: new_token().reveal() for path in senders}
    spools = _spools(offices, scenario, senders, folder)
    sticks = _sticks(offices, scenario, folder / "sticks")
    up, front = _free_ports(2)
    collector = night_collector.CollectorConfig(
        up,
        str(folder / "collected"),
        str(record),
        {_name(path): token_hash(token).hex() for path, token in tokens.items()},
        scenario.uploads,
    )
    with _running(night_collector.configured(collector, folder / "collector.json"), folder) as server:
        _until(lambda: _answers(up), server, "the collector does not listen")
        go = folder / "go"
        line = night_line.LineConfig(
            front,
            up,
            scenario.seed,
            str(go),
            scenario.factor,
            len(senders),
            scenario.share,
            scenario.outage,
            str(folder / "line.jsonl"),
        )
        with _running(night_line.configured(line), folder) as proxy:
            _until(lambda: bool(_lines(folder / "line.jsonl")), proxy, "the line does not listen")
            configured = _processes(scenario, way, senders, tokens, spools, front, folder)
            kills = _run(configured, scenario, folder)
            _until(lambda: _replayed(folder / "line.jsonl"), proxy, "the line keeps something back")
    deliveries = [line for path in sorted(folder.glob("offices-*.jsonl")) for line in _lines(path)]
    attempts = _lines(folder / "line.jsonl")
    return Night(record, folder / "collected", sticks, attempts, deliveries, kills)


def _name(path: str) -> str:
    """The name of an office in the collector's list."""
    return path.replace("/", "-").replace(" ", "-").lower()


def _spools(offices: Offices, scenario: Scenario, senders: Sequence[str], folder: Path) -> dict[str, Path]:
    found = {}
    made = folder / "made"
    made.mkdir()
    for number, path in enumerate(senders):
        guests = [guest for guest, host in scenario.carried.items() if host == path]
        own = [offices.files[each] for each in (path, *guests)]
        own += [scenario.twice[path]] if path in scenario.twice else []
        found[path] = folder / "spools" / f"{number:03}"
        spool = Spool(found[path])
        for place, data in enumerate(own):
            file = made / f"{number:03}-{place}.return"
            file.write_bytes(data)
            spool.add(parcel_of(file))
    return found


def _sticks(offices: Offices, scenario: Scenario, folder: Path) -> Path:
    folder.mkdir()
    chance = random.Random(scenario.seed)
    for path in scenario.torn:
        data = offices.files[path]
        (folder / f"{_name(path)}.return").write_bytes(data[: chance.randrange(len(data) // 2, len(data))])
    for path in scenario.sticks:
        (folder / f"{_name(path)}.return").write_bytes(offices.files[path])
    return folder


def _processes(
    scenario: Scenario,
    way: str,
    senders: Sequence[str],
    tokens: Mapping[str, str],
    spools: Mapping[str, Path],
    port: int,
    folder: Path,
) -> list[list[str]]:
    """The commands of the processes of offices, which share them in turns."""
    commands = []
    for number in range(scenario.processes):
        own = [
            night_office.OfficeConfig(
                path,
                tokens[path],
                f"127.1.{place // 250}.{place % 250 + 1}",
                str(spools[path]),
                scenario.ready[path],
            )
            for place, path in enumerate(senders)
            if number == _process(scenario, place)
        ]
        name = str(folder / f"offices-{number}")
        config = night_office.NightConfig(
            way,
            port,
            str(folder / "go"),
            f"{name}.ready",
            scenario.factor,
            scenario.piece,
            scenario.end,
            f"{name}.jsonl",
            own,
        )
        commands.append(night_office.configured(config, Path(f"{name}.json")))
    return commands


def _process(scenario: Scenario, place: int) -> int:
    """In which process an office is: every so many-th one in the first, the others in turns."""
    every = max(1, len(scenario.ready) // (scenario.building + 1))
    chosen = place % every == every - 1 and place // every < scenario.building
    return 0 if chosen or scenario.processes == 1 else 1 + place % (scenario.processes - 1)


def _run(commands: Sequence[list[str]], scenario: Scenario, folder: Path) -> int:
    """Run the offices, killing and starting again; how many were killed while they were at work."""
    kills, due = 0, sorted(scenario.kills)
    with (folder / "errors.txt").open("ab") as errors:
        running = [subprocess.Popen(command, stderr=errors, cwd=ROOT) for command in commands]
        try:
            for number, child in enumerate(running):
                _until((folder / f"offices-{number}.ready").exists, child, "offices do not start")
            epoch = time.monotonic()
            write_atomic(folder / "go", repr(epoch).encode("ascii"))
            last = epoch + scenario.end / scenario.factor + START_SECONDS
            while any(each.poll() is None for each in running):
                now = time.monotonic()
                if now > last:
                    raise RuntimeError("offices are still at work long after the end of the night")
                if due and (now - epoch) * scenario.factor >= due[0]:
                    due.pop(0)
                    if running[0].poll() is None:
                        running[0].send_signal(signal.SIGKILL)
                        running[0].wait()
                        kills += 1
                        running[0] = subprocess.Popen(commands[0], stderr=errors, cwd=ROOT)
                time.sleep(0.02)
        finally:
            for each in running:
                if each.poll() is None:
                    each.kill()
                each.wait()
    for each in running:
        if each.returncode != 0:
            raise RuntimeError(f"a process of offices ended with {each.returncode}: {_errors(folder)}")
    return kills


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "errors.txt").open("ab") as errors:
        child = subprocess.Popen(command, stderr=errors, cwd=ROOT)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _until(found: Callable[[], bool], child: subprocess.Popen[bytes], trouble: str) -> None:
    end = time.monotonic() + START_SECONDS
    while not found():
        if child.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{trouble} (status {child.poll()})")
        time.sleep(0.02)


def _replayed(log: Path) -> bool:
    """Whether everything that the line kept for later was sent."""
    fates = [str(each["fate"]) for each in _lines(log)]
    asked = fates.count("again")
    return sum(fate.startswith("replay") for fate in fates) == asked


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    try:
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def _errors(folder: Path) -> str:
    return (folder / "errors.txt").read_text(encoding="utf-8", errors="replace")[-2000:]
