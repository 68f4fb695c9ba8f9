"""``evote web``: the server of collectors and boards."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.passphrase import passphrase_options, read_passphrase
from evote.cli.webdemo import demo
from evote.cli.world import World
from evote.errors import StorageError
from evote.office.open import open_election
from evote.pool import settled_memory
from evote.secret import Secret
from evote.web.config import CollectorConfig, UnitConfig, read_config
from evote.web.inspection import Inspect, looked_at
from evote.web.limits import Limits
from evote.web.tokens import Office, new_token, token_hash

if TYPE_CHECKING:
    from evote.web.application import Application

EXAMPLE = """\
listen = "127.0.0.1:8080"            # behind a proxy that does TLS

[collector]                          # unit returns
folder = "returns"
record = "record"                    # inspects them; without it they are only carried
[[collector.office]]                 # one for each office; 'evote web token canton-12' prints it
name = "canton-12"
token = "HASH"

[board]                              # ballots, receipts, proofs
record = "record"
election_log = "office/election-log" # if the election's log is kept on this machine
[[board.unit]]                       # one for each box that is kept here
path = "Town/North"
box = "north.box"
private = "north"
passphrase_file = "north.pass"

# origins = ["https://vote.example"] # pages of other origins that may use it
# [limits]                           # see 'evote web limits'
"""


@click.group("web")
def command() -> None:
    """Take returns and ballots over HTTP, and show what was taken.

    \b
      evote web example > server.toml        a configuration to begin with
      evote web token canton-12              a token for an office
      evote web limits                       what can be limited, and how far
      evote web serve server.toml            until SIGTERM; behind a proxy that does TLS
      evote web demo                         an election to try in a browser
    """


command.add_command(demo)


@command.command("serve")
@click.argument("config_file", metavar="CONFIG", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--listen", help="HOST:PORT in the place of that of the configuration; port 0 is any.")
@click.option(
    "--log",
    "level",
    type=click.Choice(("error", "info")),
    default="error",
    show_default=True,
    help="What is said on stderr: faults, or a line for every request too. Never what was sent.",
)
@passphrase_options
@click.pass_obj
def serve(
    world: World,
    config_file: Path,
    listen: str | None,
    level: str,
    passphrase_file: Path | None,
    passphrase_fd: int | None,
) -> None:
    """Serve what CONFIG describes: a collector of unit returns, a board, or both.

    SIGTERM ends it in order: nothing new is taken, what is at work is finished, and the boxes are closed.
    After any other end nothing is lost that was answered. The passphrase of log keys comes from
    'passphrase_file' of each unit, or else from the options here.

    Put a proxy in front of it: TLS, rates per address and caching are not done here; specs/http.md says what
    the proxy must do. The address /ready says whether everything works, /openapi.json what can be asked.

    \b
    Example:  evote web serve server.toml
    """
    try:
        from evote.web.serve import Runner, application_of, listening
    except ImportError as error:
        if (error.name or "").split(".")[0] == "evote":
            raise
        raise StorageError(
            f"the server needs {error.name}, which is not here: pip install 'evote[web]'"
        ) from None
    with reading(config_file):
        config = read_config(config_file)
    host, port = (config.host, config.port) if listen is None else _listen(listen)
    opened = None
    if config.board is not None:
        with reading(config.board.record):
            opened = open_election(config.board.record, world.groups)

    inspect = _inspection(config.collector, world)

    def passphrase(unit: UnitConfig) -> Secret[str]:
        file = unit.passphrase_file or passphrase_file
        descriptor = None if unit.passphrase_file is not None else passphrase_fd
        return read_passphrase(file, descriptor, f"the log key of {unit.path}", new=False)

    _log_to_stderr(level)
    with application_of(config, opened, passphrase, inspect) as application:
        try:
            listener = listening(host, port)
        except OSError as error:
            raise UnusableError(f"{host}:{port} cannot be listened at: {error.strerror}") from error
        with listener:
            bound = listener.getsockname()
            click.echo(f"Listening at http://{_shown(bound[0])}:{bound[1]} ({_served(application)})")
            sys.stdout.flush()
            with settled_memory():
                Runner(application, host, port).run([listener])
    click.echo("Stopped; everything that was answered is on the disk.")


@command.command("example")
def example() -> None:
    """Print a configuration to begin with.

    \b
    Example:  evote web example > server.toml
    """
    click.echo(EXAMPLE, nl=False)


@command.command("limits")
def limits() -> None:
    """Print every limit with its value, for the table [limits] of a configuration.

    \b
    Example:  evote web limits
    """
    from evote.web.limits import BOUNDS

    values = Limits()
    click.echo("[limits]")
    for name, (least, most) in BOUNDS.items():
        click.echo(f"{name} = {getattr(values, name)}  # {least} to {most}")


@command.command("token")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A new file for the token.")
def token(name: str, out: Path | None) -> None:
    """Draw a token for the office NAME, and print what the configuration needs of it.

    The token is shown here and nowhere else: the server knows its hash only. With --out it goes into a file
    that only its owner can read.

    \b
    Example:  evote web token canton-12 --out canton-12.token
    """
    drawn = new_token()
    with reading("NAME"):
        office = Office(name, token_hash(drawn.reveal()))
    if out is None:
        click.echo(f"The token, for the office alone:\n\n  {drawn.reveal()}\n\nFor the configuration:\n")
    else:
        if out.exists():
            raise UnusableError(f"{out} exists; choose a new file")
        _write_private(out, drawn)
    click.echo(
        f"[[collector.office]]\nname = {json.dumps(office.name)}\ntoken = {json.dumps(office.token.hex())}"
    )


def _inspection(config: CollectorConfig | None, world: World) -> Inspect:
    """What looks at files that arrive."""
    if config is None or config.record is None:
        return looked_at
    from evote.codec import MAX_RETURN_BYTES
    from evote.record import read_limited
    from evote.web.returns import ReturnInspection

    with reading(config.record):
        election = open_election(config.record, world.groups).election
        rosters = [(str(path), read_limited(path, MAX_RETURN_BYTES)) for path in config.rosters]
        return ReturnInspection(election, rosters)


def _write_private(out: Path, drawn: Secret[str]) -> None:
    from evote.record import write_atomic

    write_atomic(out, drawn.reveal().encode("ascii") + b"\n", mode=0o600)


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UnusableError("--listen is HOST:PORT, such as 127.0.0.1:8080")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _served(application: Application) -> str:
    parts = []
    if application.collector is not None:
        parts.append(f"returns of {len(application.collector.offices)} offices")
    if application.board is not None:
        parts.append(f"boxes of {len(application.board.desks)} units")
    return ", ".join(parts)


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for name in ("evote.web", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO if level == "info" and name == "evote.web" else logging.ERROR)
