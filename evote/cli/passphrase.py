"""Passphrases: asked for on the terminal, or read from a file or a descriptor.

Never from the command line and never from the environment: other programs can read both.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from evote.cli.ending import UnusableError, say
from evote.secret import Secret

F = TypeVar("F", bound=Callable[..., Any])

MAX_BYTES = 4096
"""Longest passphrase, in UTF-8."""


def passphrase_options(command: F) -> F:
    """Adds ``--passphrase-file`` and ``--passphrase-fd`` to a command."""
    descriptor = click.option(
        "--passphrase-fd",
        "passphrase_fd",
        type=click.IntRange(min=0),
        metavar="N",
        help="Read the passphrase from this open descriptor, up to the end of its first line.",
    )
    file = click.option(
        "--passphrase-file",
        "passphrase_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Read the passphrase from the first line of this file. Otherwise it is asked for.",
    )
    return file(descriptor(command))


def read_passphrase(file: Path | None, descriptor: int | None, what: str, *, new: bool) -> Secret[str]:
    """The passphrase that seals ``what``; a ``new`` one is asked for twice.

    Raises :class:`UnusableError` if there is none, or no way to ask for it.
    """
    if file is not None and descriptor is not None:
        raise UnusableError("--passphrase-file and --passphrase-fd exclude each other; give one of them")
    if file is not None:
        return _first_line(_read_file(file), str(file))
    if descriptor is not None:
        return _first_line(_read_descriptor(descriptor), f"descriptor {descriptor}")
    if not sys.stdin.isatty():
        raise UnusableError(
            f"there is no terminal on which to ask for the passphrase of {what}; "
            "give --passphrase-file or --passphrase-fd"
        )
    text = click.prompt(
        f"Passphrase for {what}", hide_input=True, confirmation_prompt=new, err=True, show_default=False
    )
    return Secret(str(text))


def _read_file(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
                say(f"warning: others on this machine can read {file}; 'chmod 600 {file}' keeps them out")
            return stream.readline(MAX_BYTES + 3)
    except OSError as error:
        raise UnusableError(f"{file}: the passphrase cannot be read: {error.strerror}") from error


def _read_descriptor(descriptor: int) -> bytes:
    data = b""
    try:
        # Byte by byte, because what follows the line belongs to whoever reads next.
        while len(data) <= MAX_BYTES + 2 and not data.endswith(b"\n"):
            piece = os.read(descriptor, 1)
            if not piece:
                break
            data += piece
    except OSError as error:
        raise UnusableError(
            f"descriptor {descriptor}: the passphrase cannot be read: {error.strerror}"
        ) from error
    return data


def _first_line(data: bytes, where: str) -> Secret[str]:
    line = data.removesuffix(b"\n").removesuffix(b"\r")
    if not line:
        raise UnusableError(f"{where}: the passphrase is empty; its first line must hold it")
    if len(line) > MAX_BYTES:
        raise UnusableError(f"{where}: the passphrase is longer than {MAX_BYTES} bytes")
    try:
        return Secret(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise UnusableError(f"{where}: the passphrase is not UTF-8 text") from None
