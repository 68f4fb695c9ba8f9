"""How a command ends: exit codes, and what is said about an error.

====  ==================================================================================
code  meaning
====  ==================================================================================
0     everything asked for was done, and every check passed
1     a check failed, or somebody was caught with a wrong message
2     unusable input or arguments: nothing there, unreadable, refused, wrong passphrase
3     incomplete: nothing failed, but something that had to be checked could not be
4     evote could not finish: disk, memory, a lost worker, an internal error
130   interrupted
====  ==================================================================================

Rules: no exception leaves the program as 1 unless it says that a check failed; an error is one
sentence on stderr; the traceback of an internal error is shown with ``--debug``.
"""

from __future__ import annotations

import enum
import errno
import os
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from evote.errors import (
    BlameError,
    DecodeError,
    DiscreteLogError,
    EvoteError,
    RefusedError,
    StorageError,
    VerificationError,
    WorkerError,
)
from evote.manifest import ManifestError

_MACHINE = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
)
"""What the system says when it is not the input that is wrong."""


class Exit(enum.IntEnum):
    """The exit codes of every command."""

    PASS = 0
    FAILED = 1
    UNUSABLE = 2
    INCOMPLETE = 3
    UNFINISHED = 4
    INTERRUPTED = 130


class UnusableError(EvoteError):
    """An argument or an input file with which the command can do nothing (exit code 2)."""


@contextmanager
def reading(what: str | Path, *others: Path | None) -> Iterator[None]:
    """Around the use of an input, and of others beside it: what is wrong is an input's fault, and is named.

    Errors of form, files that cannot be read and ``ValueError`` become :class:`UnusableError` that
    starts with ``what``, or with the other one that it names; failed checks, blame, and a machine that
    cannot go on (a full disk) stay what they are.
    """
    try:
        yield
    except UnusableError:
        raise
    except (DecodeError, ManifestError, StorageError, RefusedError, ValueError) as error:
        if _machine_fails(error.__cause__):
            raise
        text = str(error)
        named = any(text.startswith(str(each)) for each in (what, *others) if each is not None)
        raise UnusableError(text if named else f"{what}: {text}") from error
    except OSError as error:
        if _machine_fails(error):
            raise
        raise UnusableError(f"{what}: {error.strerror or error}") from error


def _machine_fails(error: BaseException | None) -> bool:
    """Whether an error of the system means that the machine cannot go on, whatever the input is."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR"))
    return isinstance(error, OSError) and error.errno in _MACHINE


def run(command: Callable[[], object], *, debug: bool) -> int:
    """The exit code of a command; says on stderr what went wrong."""
    try:
        outcome = command()
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else Exit.PASS
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return Exit.UNUSABLE
    except (KeyboardInterrupt, click.Abort):
        say("interrupted; what was written so far is whole")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return Exit.UNFINISHED
    except Exception as error:  # noqa: BLE001 - the one place where the program ends
        if debug:
            traceback.print_exc()
        code, sentence = judge(error)
        say(sentence)
        if isinstance(error, OSError):
            _forget_output()
        return code


def judge(error: Exception) -> tuple[Exit, str]:
    """Exit code and sentence for an error that no command handled itself."""
    if isinstance(error, click.ClickException):
        return Exit.UNUSABLE, _usage(error)
    if isinstance(error, VerificationError | BlameError | DiscreteLogError):
        return Exit.FAILED, str(error)
    if isinstance(error, UnusableError | DecodeError | ManifestError | RefusedError):
        return Exit.UNUSABLE, str(error)
    if isinstance(error, StorageError | WorkerError):
        return Exit.UNFINISHED, str(error)
    if isinstance(error, MemoryError):
        return Exit.UNFINISHED, "there is not enough memory; close other programs, or use a machine with more"
    if isinstance(error, OSError):
        return Exit.UNFINISHED, _system(error)
    return (
        Exit.UNFINISHED,
        f"internal error, which is evote's fault and not yours ({type(error).__name__}: {error}); "
        "start again with 'evote --debug …' and report what it shows",
    )


def say(sentence: str) -> None:
    """One sentence on stderr, after the program's name."""
    if sentence:
        click.echo(f"evote: {sentence}", err=True)


def _usage(error: click.ClickException) -> str:
    text = error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None and context.command_path:
        text += f" (see '{context.command_path} --help')"
    return text


def _system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"{where}the disk is full; make room and start again, what was written so far is whole"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where}no permission to write there; choose another folder or change its permissions"
    return f"{where}{error.strerror or error}"


def _forget_output() -> None:
    """What could not be written is not tried again when the interpreter ends: it would end with 120."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
