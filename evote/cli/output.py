"""Files that a command writes because it was asked to, ``-`` being stdout."""

from __future__ import annotations

import json
from pathlib import Path

import click

from evote.record import write_atomic

STDOUT = "-"


def write_output(target: str, text: str) -> None:
    """Write a whole text to a file, or to stdout.

    Raises :class:`~evote.errors.StorageError`; the file is then as it was.
    """
    if target == STDOUT:
        click.echo(text, nl=not text.endswith("\n"))
        return
    path = Path(target)
    if path.exists() and not path.is_file():
        # A pipe or a device cannot be replaced by renaming.
        with path.open("w", encoding="utf-8") as stream:
            stream.write(text)
        return
    write_atomic(path, text.encode("utf-8"))


def print_json(value: object) -> None:
    """A value as JSON on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))
