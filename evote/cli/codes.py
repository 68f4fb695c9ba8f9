"""Codes of voters on the command line: from files or from the terminal, never from arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from evote.board.codes import Code
from evote.board.holder import Holder
from evote.cli.ending import UnusableError
from evote.errors import DecodeError, StorageError
from evote.manifest import Manifest
from evote.record import read_limited
from evote.secret import Secret

_LONGEST_CODE_FILE = 1024

code_option = click.option(
    "--code-file",
    "code_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read a code from the first line of this file. Otherwise codes are asked for.",
)


def read_holder(manifest: Manifest, files: tuple[Path, ...]) -> Holder:
    """The holder of the codes; raises :class:`UnusableError`, which never has the code."""
    if manifest.roll is None:
        raise UnusableError("the election has no roll, so there are no codes")
    with naming("the code"):
        return Holder.of_codes(manifest, read_codes(files, manifest.roll.parts))


def read_codes(files: tuple[Path, ...], wanted: int) -> list[Code]:
    """The codes in the files, or as many as are wanted from the terminal."""
    if files:
        return [Code.read(_first_line(file)) for file in files]
    return [Code.read(Secret(str(click.prompt("Code", hide_input=True, err=True)))) for _ in range(wanted)]


def _first_line(file: Path) -> Secret[str]:
    try:
        return Secret(read_limited(file, _LONGEST_CODE_FILE).decode("utf-8").partition("\n")[0])
    except UnicodeDecodeError:
        raise DecodeError("the file is not UTF-8 text") from None


@contextmanager
def naming(what: str) -> Iterator[None]:
    """What is wrong with a typed code is the caller's to mend; the message never has the code."""
    try:
        yield
    except (DecodeError, StorageError, ValueError) as error:
        raise UnusableError(f"{what}: {error}") from None
