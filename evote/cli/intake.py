"""What ``evote encrypt`` does with cast vote records: survey, list of refused rows, encryption, summary.

With ``--json`` every line is an object: ``{"row", "place", "refused"}`` for a refused row, ``{"row",
"code"}`` for one that is in the record now, and at the end ``{"rows", "done_before", "encrypted",
"refused"}``.
"""

from __future__ import annotations

import json
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path

import click

from evote.bulk.encrypt import lane_names
from evote.cli.ending import UnusableError, reading, say
from evote.cli.progress import progress
from evote.cli.world import World
from evote.office.intake import Intake, settle
from evote.office.open import OpenElection
from evote.office.private import JOURNAL, PrivateFolder, pending_store
from evote.office.rows import Row, RowSource
from evote.storage.journal import Journal


def take_in(
    world: World,
    opened: OpenElection,
    private: Path,
    folder: PrivateFolder,
    source: RowSource,
    device: str,
    executor: Executor | None,
    *,
    skip_refused: bool,
    as_json: bool,
) -> None:
    """Encrypt the rows of a source; raises :class:`UnusableError` if rows are refused and not skipped."""
    election = opened.election
    with reading("--device"):
        lane_names(election, device, 1)
    with ExitStack() as stack:
        with reading(private):
            PrivateFolder.make(private, opened.record)
            vault = folder.vault(make=True)
            store = stack.enter_context(pending_store(private, election, make=True))
            journal = stack.enter_context(Journal(private / JOURNAL, election.extended_hash, make=True))
        settle(election, journal, opened.record, world.groups)
        with reading("--device"):
            intake = stack.enter_context(Intake(election, journal, vault, store, source, device))
        report = stack.enter_context(progress())

        def refused(row: Row) -> None:
            if as_json:
                click.echo(json.dumps({"row": row.number, "place": row.place, "refused": row.refusal}))
            else:
                where = f" ({row.place})" if row.place else ""
                click.echo(f"row {row.number}{where}: {row.refusal}", err=True)

        with reading(source.path):
            survey = intake.survey(refused, lambda done: report("Reading", done, 0))
        if survey.refused and not skip_refused:
            raise UnusableError(
                f"{source.path}: {survey.refused} of {survey.rows} rows are refused, and nothing was "
                "encrypted; correct them, or leave them out with --skip-refused"
            )
        if not survey.rows:
            raise UnusableError(f"{source.path}: there is no ballot in it")
        encrypted = 0
        for taken in intake.encrypt(opened.writer, survey, say, executor=executor):
            encrypted += 1
            if as_json:
                click.echo(json.dumps({"row": taken.row, "code": taken.code}))
            report("Encryption", encrypted, survey.ready)
    if as_json:
        summary = {"rows": survey.rows, "done_before": survey.done, "encrypted": encrypted}
        click.echo(json.dumps({**summary, "refused": survey.refused}))
        return
    click.echo(f"{encrypted} of {survey.rows} rows encrypted and cast; they are in the record.")
    if survey.done:
        click.echo(f"{survey.done} were done before.")
    if survey.refused:
        click.echo(f"{survey.refused} were refused and are in no record.")
