"""``evote returns send``: unit returns on their way to collectors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from evote.cli.ending import Exit, UnusableError, reading, say
from evote.cli.output import print_json
from evote.cli.progress import Report, progress
from evote.record import read_limited
from evote.secret import Secret
from evote.web.sender import Delivery, Parcel, Sender, State, Stopped
from evote.web.spool import Spool, parcel_of
from evote.web.tokens import MAX_TOKEN_BYTES

_path = click.Path(path_type=Path, dir_okay=False)


@click.command("send")
@click.argument("files", type=_path, nargs=-1)
@click.option(
    "--to", "collectors", required=True, multiple=True, metavar="URL", help="A collector; may be repeated."
)
@click.option(
    "--token-file",
    "token_files",
    required=True,
    multiple=True,
    type=_path,
    help="The file with this office's token: one for all collectors, or one for each, in their order.",
)
@click.option(
    "--spool",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the files in this folder until every collector has them, and send what waits there too.",
)
@click.option(
    "--any", "any_one", is_flag=True, help="One collector is enough for each file; the exit code says so."
)
@click.option(
    "--give-up",
    default=3600,
    show_default=True,
    type=click.IntRange(1, 7 * 24 * 3600),
    metavar="SECONDS",
    help="Stop trying after so long; what a collector holds is not sent again.",
)
@click.option("--ca", "authorities", type=_path, help="Certificates to trust in the place of the system's.")
@click.option("--proxy", help="A proxy on the way, as http://proxy.example:3128.")
@click.option("--plain-http", is_flag=True, help="Allow http:// to another machine; tokens can then be read.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def send(
    files: tuple[Path, ...],
    collectors: tuple[str, ...],
    token_files: tuple[Path, ...],
    spool: Path | None,
    any_one: bool,
    give_up: int,
    authorities: Path | None,
    proxy: str | None,
    plain_http: bool,
    as_json: bool,
) -> int:
    """Send FILES, the returns of this office or of others, to one collector or several.

    A line that breaks is taken up again at the byte where it broke; a collector that is busy says when to
    come again, and is believed. Sending a file twice does no harm. With --spool, files of another office that
    were put into the same folder go along, and FILES may be left out.

    Exit codes: 0 every collector has every file, 1 a collector refused one by name, 2 unusable arguments or a
    token that is not known, 3 time ran out before all were delivered.

    \b
    Example:  evote returns send north.return --to https://returns.example --token-file office.token
    No line:  evote returns send north.return --spool spool --to … --token-file …     and later, again:
              evote returns send --spool spool --to … --token-file …
    """
    from evote.web.client import HttpLine  # needs the extra

    tokens = _tokens(token_files, len(collectors))
    store = None if spool is None else Spool(spool)
    parcels = _parcels(files, store)
    stop = threading.Event()
    with reading("--to"):
        lines = [
            HttpLine(url, token, plain=plain_http, authorities=authorities, proxy=proxy)
            for url, token in zip(collectors, tokens, strict=True)
        ]
    if len({line.address for line in lines}) != len(lines):
        raise UnusableError("a collector is named twice")

    def run(line: HttpLine, report: Report) -> list[Delivery]:
        due = parcels if store is None else store.due(line.address, parcels)
        own = {each.sha256 for each in due}
        done: list[Delivery] = [
            Delivery(each, State.DELIVERED, 0, 0, "earlier") for each in parcels if each.sha256 not in own
        ]
        total = sum(each.size for each in due)
        held = dict.fromkeys(own, 0)

        def tell(parcel: Parcel, offset: int) -> None:
            held[parcel.sha256] = offset
            report(line.address, sum(held.values()), total)

        def sleep(seconds: float) -> None:
            if stop.wait(seconds):
                raise Stopped

        with line:
            sender = Sender(line, deadline=give_up, sleep=sleep, tell=tell)
            for delivery in sender.send(due):
                if delivery.state is State.DELIVERED and store is not None:
                    store.sent(line.address, delivery.parcel)
                done.append(delivery)
        return done

    with progress() as report, ThreadPoolExecutor(len(lines)) as pool:
        running = [pool.submit(run, line, report) for line in lines]
        try:
            results = [each.result() for each in running]
        except BaseException:
            stop.set()
            raise
    found = dict(zip([line.address for line in lines], results, strict=True))
    _print(found, as_json=as_json)
    return _code(found, any_one=any_one)


def read_token(file: Path) -> Secret[str]:
    """The token in the first line of a file."""
    with reading(file):
        data = read_limited(file, MAX_TOKEN_BYTES + 2)
        token = data.split(b"\n", 1)[0].strip().decode("ascii")
    if not token or not token.isprintable() or " " in token:
        raise UnusableError(f"{file}: its first line is no token; ask the collector's operator for one")
    return Secret(token)


def _tokens(files: tuple[Path, ...], number: int) -> list[Secret[str]]:
    if len(files) not in (1, number):
        raise UnusableError("give one --token-file for all collectors, or one for each")
    tokens = [read_token(file) for file in files]
    return tokens * number if len(tokens) == 1 else tokens


def _parcels(files: tuple[Path, ...], store: Spool | None) -> list[Parcel]:
    found: dict[str, Parcel] = {}
    for file in files:
        with reading(file):
            parcel = parcel_of(file)
        found.setdefault(parcel.sha256, parcel)
    if store is not None:
        for parcel in found.values():
            store.add(parcel)
        waiting = {each.sha256: each for each in store.parcels()}
        found = {**waiting, **found}
    if not found:
        raise UnusableError("there is nothing to send; give FILES, or --spool with a folder that has some")
    return list(found.values())


def _print(found: dict[str, list[Delivery]], *, as_json: bool) -> None:
    if as_json:
        value = [
            {
                "collector": address,
                "files": [
                    {
                        "file": each.parcel.name,
                        "sha256": each.parcel.sha256,
                        "size": each.parcel.size,
                        "state": each.state.value,
                        "attempts": each.attempts,
                        "sent": each.sent,
                        "name": each.name,
                        "message": each.message,
                    }
                    for each in deliveries
                ],
            }
            for address, deliveries in found.items()
        ]
        print_json({"collectors": value})
        return
    for address, deliveries in found.items():
        for each in deliveries:
            behind = f": {each.name}" if each.name else ""
            behind += f" ({each.message})" if each.message else ""
            click.echo(f"{address}: {each.parcel.name}: {each.state.value}{behind}")


def _code(found: dict[str, list[Delivery]], *, any_one: bool) -> int:
    states = {each.state for deliveries in found.values() for each in deliveries}
    everything = {each.parcel.sha256 for deliveries in found.values() for each in deliveries}
    delivered = {
        each.parcel.sha256
        for deliveries in found.values()
        for each in deliveries
        if each.state is State.DELIVERED
    }
    if State.REFUSED in states:
        return Exit.FAILED
    if states == {State.DELIVERED} or (any_one and delivered == everything):
        return Exit.PASS
    if State.UNUSABLE in states:
        say("a collector takes nothing from this office; check its address and the token")
        return Exit.UNUSABLE
    say("not everything is delivered; run the same command again")
    return Exit.INCOMPLETE
