"""``evote web demo``: an election to try in a browser, with codes for its voters, on this machine alone."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import click

from evote.cli.ending import UnusableError
from evote.cli.world import World
from evote.demo.hosted import STYLE, UNIT, Hosted, open_hosted
from evote.errors import StorageError
from evote.groups import NAMES, Group, named
from evote.storage.box_setting import BoxSetting

if TYPE_CHECKING:
    from evote.web.application import Application

PUBLISH_SECONDS = 3.0
"""Between two looks for entries that the election's log does not cover."""


@click.command("demo")
@click.option("--listen", default="127.0.0.1:8080", show_default=True, help="HOST:PORT; port 0 is any.")
@click.option("--voters", type=click.IntRange(1, 1000), default=5, show_default=True, help="Codes to draw.")
@click.option("--group", "group_name", type=click.Choice(NAMES), default=NAMES[0], show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Keep the published record in this folder, which must be new or empty.",
)
@click.pass_obj
def demo(world: World, listen: str, voters: int, group_name: str, out: Path | None) -> None:
    """Hold an election that people vote in with a browser, on this machine.

    Prints the address of the page, the election's fingerprint and a code for each voter. Everything that an
    election has is there: guardians, roll, ballot boxes, log, witnesses. Ctrl-C, or SIGTERM, ends voting; the
    votes are then counted, and with --out the record is kept for 'evote verify'.

    \b
    Example:  evote web demo --voters 3 --out record
    """
    try:
        from evote.web.serve import Runner, listening
    except ImportError as error:
        if (error.name or "").split(".")[0] == "evote":
            raise
        raise StorageError(
            f"the server needs {error.name}, which is not here: pip install 'evote[web]'"
        ) from None
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UnusableError("--listen is HOST:PORT, such as 127.0.0.1:8080")
    group = (world.groups or {}).get(group_name) or named(group_name)
    with tempfile.TemporaryDirectory() as private, hosted_in(group, voters, out, Path(private)) as hosted:
        try:
            listener = listening(host, int(port))
        except OSError as error:
            raise UnusableError(f"{listen} cannot be listened at: {error.strerror}") from error
        with listener, served_board(hosted) as application:
            base = f"http://{host}:{listener.getsockname()[1]}"
            click.echo(f"Fingerprint of the election: {hosted.election.fingerprint}")
            for number, sheet in enumerate(hosted.sheets[:-1], 1):
                click.echo(f"Code of voter {number}: {sheet.reveal()}")
            click.echo(f"The page: {page_address(base, hosted)}", nl=True)
            sys.stdout.flush()
            Runner(application, host, 0).run([listener])
        click.echo("Voting has ended; counting.")
        for (contest, unit), counts in hosted.finish().items():
            shown = ", ".join(f"{option} {count}" for option, count in counts.items())
            click.echo(f"{contest}, {unit}: {shown}")
    if out is not None:
        click.echo(f"The record is in {out}.")


def page_address(base: str, hosted: Hosted) -> str:
    """The address for a voter of the first unit, with what stands on the letter behind the sign #."""
    letter = {"election": hosted.election.fingerprint, "unit": UNIT, "style": STYLE}
    return f"{base}/static/demo/index.html#{urlencode(letter, quote_via=quote)}"


@contextmanager
def hosted_in(group: Group, voters: int, out: Path | None, private: Path) -> Iterator[Hosted]:
    """The election, in ``out`` or in a folder below ``private``."""
    boxes = private / "boxes"
    boxes.mkdir()
    with open_hosted(group, voters, out or private / "record", boxes) as hosted:
        yield hosted


@contextmanager
def served_board(hosted: Hosted, publish_seconds: float = PUBLISH_SECONDS) -> Iterator[Application]:
    """The application over the election's boxes; heads are published behind it."""
    from evote.web.application import Application
    from evote.web.board import Board
    from evote.web.desk import Desk
    from evote.web.limits import Limits

    limits, election, stop = Limits(), hosted.election, threading.Event()
    with ExitStack() as stack:
        work = stack.enter_context(ThreadPoolExecutor(4, "evote-box"))
        desks = [
            Desk(
                number,
                BoxSetting.of(election, unit.path),
                hosted.board.box(unit.path),
                work,
                queue=limits.queue,
                later=True,
                head_seconds=publish_seconds,
            )
            for number, unit in enumerate(election.manifest.ballot_units(), 1)
        ]

        def keep() -> None:
            while not stop.wait(publish_seconds):
                hosted.publish()

        keeper = threading.Thread(target=keep, name="publisher", daemon=True)
        board = Board(
            election, hosted.record, desks, limits, log_folder=hosted.private / "election-log",
            clock=hosted.clock.now,
        )  # fmt: skip
        keeper.start()
        try:
            yield Application(limits, board=board)
        finally:
            stop.set()
            keeper.join()
