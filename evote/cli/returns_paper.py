"""``evote returns minutes``, ``qr`` and ``join``: returns on paper and through cameras."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.returns_options import (
    new_file,
    open_record,
    out_option,
    path_type,
    record_option,
    roster_option,
    rosters_of,
)
from evote.cli.world import World
from evote.codec import MAX_RETURN_BYTES
from evote.office.returns_paper import join_texts, write_pictures
from evote.office.returns_paper import minutes as minutes_of
from evote.record import read_limited, write_atomic
from evote.returns import check_return, open_file, short_code
from evote.returns.shortcode import printed

_MAX_TEXTS = 64 * 1024 * 1024


@click.command("minutes")
@click.argument("file", type=path_type)
@record_option
@roster_option
@out_option
@click.pass_obj
def minutes(world: World, file: Path, record: Path, roster_files: tuple[Path, ...], out: Path) -> None:
    """Write the page that is printed and signed in the unit: figures, and the short code of the file.

    Whoever takes the file in may withhold groups of the code until somebody types them from this page.

    \b
    Example:  evote returns minutes paper.return --record record --out minutes.html
    """
    new_file(out)
    election, _ = open_record(world, record)
    with reading(file):
        signed = check_return(rosters_of(election, roster_files), read_limited(file, MAX_RETURN_BYTES))
    write_atomic(out, minutes_of(election.manifest, signed))
    click.echo(f"The minutes of {signed.unit} are in {out}; print and sign them.")


@click.command("qr")
@click.argument("file", type=path_type)
@click.option("--out", required=True, type=path_type, metavar="DIR", help="The new folder of the pictures.")
def qr(file: Path, out: Path) -> None:
    """Write the return in FILE as QR codes, for places without any line: PNG pictures in their order.

    Each code names the whole file by its hash. They are read in any order: 'evote returns join'.

    \b
    Example:  evote returns qr paper.return --out codes
    """
    with reading(file):
        data = read_limited(file, MAX_RETURN_BYTES)
        open_file(data)
    with reading(out):
        number = write_pictures(data, out)
    click.echo(f"{number} codes are in {out}")


@click.command("join")
@click.argument("texts", type=path_type)
@out_option
def join(texts: Path, out: Path) -> None:
    """Join what a reader of QR codes typed into the file TEXTS, a code a line, in any order.

    \b
    Example:  zbarimg -q --raw codes/*.png > texts;  evote returns join texts --out paper.return
    """
    new_file(out)
    with reading(texts):
        raw = read_limited(texts, _MAX_TEXTS)
        try:
            data = join_texts(raw.decode("ascii"))
        except UnicodeDecodeError as error:
            raise UnusableError(f"{texts} has letters that no code has") from error
        open_file(data)
    write_atomic(out, data)
    click.echo("Short code, to be compared with the minutes:")
    click.echo("  " + printed(short_code(data)).replace("\n", "\n  "))
