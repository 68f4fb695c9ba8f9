"""The program ``evote``: the group of all commands, each loaded when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence

import click

from evote import __version__
from evote.cli import ending
from evote.cli.world import World
from evote.groups import Group

COMMANDS = {
    "demo": "demo",
    "election": "election",
    "roll": "roll",
    "guardian": "guardian",
    "board": "board",
    "box": "box",
    "vote": "vote",
    "encrypt": "encrypt",
    "cast": "cast",
    "challenge": "challenge",
    "preencrypt": "preencrypt",
    "tally": "tally",
    "decrypt": "decrypt",
    "requests": "requests",
    "verify": "verify",
    "witness": "witness",
    "receipt": "receipt",
    "returns": "returns",
    "web": "web",
    "results": "results",
    "record": "record",
    "bench": "bench",
    "info": "info",
}
"""Command -> module of this package that has it, in the order of an election."""

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """Loads a command's module when it is called: ``evote verify`` loads nothing that encrypts."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"evote.cli.{COMMANDS[name]}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(f"evote.cli.{COMMANDS[name]} has no command")
        return command


@click.group(cls=LazyGroup, context_settings=SETTINGS)
@click.version_option(__version__, "-V", "--version", prog_name="evote")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def evote(debug: bool) -> None:
    """Hold elections that anyone can verify (ElectionGuard 2.1), and verify them.

    \b
    See one happen:      evote demo --out record
    Check a record:      evote verify record
    Hold one yourself:   evote election new --help, then follow "what comes next"

    Exit codes: 0 all passed, 1 a check failed, 2 unusable input or arguments, 3 incomplete,
    4 evote could not finish, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None, *, groups: Mapping[str, Group] | None = None) -> int:
    """Run the program with these arguments (default: those of the process); returns the exit code.

    ``groups`` replaces the published groups, for tests and for programs that embed this one.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)

    def command() -> object:
        # Not ``evote.main``, which ends the process by itself in some cases, and then with code 1.
        with evote.make_context("evote", given, obj=World(groups)) as context:
            return evote.invoke(context)

    return ending.run(command, debug="--debug" in given)
