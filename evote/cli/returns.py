"""``evote returns``: unit returns. Each command stands in a module of its own and is added here."""

from __future__ import annotations

import click

from evote.cli.returns_send import send


@click.group("returns")
def command() -> None:
    """Bring the returns of units to where they are merged.

    \b
      evote returns send north.return --to https://returns.example --token-file office.token
    """


command.add_command(send)
