"""``evote verify``: checks a published record from its files alone."""

from __future__ import annotations

from pathlib import Path

import click

from evote.cli.ending import UnusableError, reading
from evote.cli.executors import executor_of
from evote.cli.options import cluster_option, workers_option
from evote.cli.outcome import print_report
from evote.cli.output import write_output
from evote.cli.progress import progress
from evote.record import Stage
from evote.report import Report, html_page
from evote.verifier import KERNELS, METHODS, verify_record

STAGES = {stage.value: stage for stage in Stage}


@click.command("verify")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON; - is stdout.")
@click.option(
    "--report",
    "page",
    metavar="FILE.html",
    help="Write the report as one self-contained page in plain language.",
)
@click.option(
    "--expect",
    metavar="FINGERPRINT",
    help="The election's fingerprint (64 hexadecimal digits), known from elsewhere. Without it, a "
    "whole made-up record passes as well.",
)
@click.option(
    "--stage",
    type=click.Choice(list(STAGES)),
    default=Stage.FINAL.value,
    show_default=True,
    help="How far the election is: setup (keys), voting (ballots so far), final (everything).",
)
@click.option("--zero-ballots", is_flag=True, help="An election without a single ballot is expected.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="plain checks one equation at a time; batch and auto check the ballots that have hints together. "
    "What is found is the same.",
)
@click.option(
    "--reproducible",
    is_flag=True,
    help="Take the weights of the batches from the bytes of the record, so that anybody can repeat the run.",
)
@click.option(
    "--kernel", type=click.Choice(KERNELS), default=KERNELS[0], show_default=True, help="The arithmetic."
)
@workers_option
@cluster_option
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="STATE",
    help="Keep what is done in the file STATE; if the program is stopped, the same command goes on from "
    "there. The file is your own: whoever can change it decides what it says.",
)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="STATE",
    help="STATE is the file of a --resume that ended. The part of the record that it covers must be "
    "unchanged, byte for byte, and only what came later is examined.",
)
@click.option("--details", is_flag=True, help="A row for every sub-letter.")
def command(
    record: Path,
    json_file: str | None,
    page: str | None,
    expect: str | None,
    stage: str,
    zero_ballots: bool,
    method: str,
    reproducible: bool,
    kernel: str,
    workers: int | None,
    cluster: str | None,
    resume: Path | None,
    since: Path | None,
    details: bool,
) -> int:
    """Check the published record in the folder RECORD, and say what was checked and found.

    Needs nothing but the files: no key, no network, no trust in whoever wrote them. Every verification
    of ElectionGuard 2.1 runs with all its sub-letters, and evote's own (E.1 and so on). A record of
    ElectionGuard 2.0 is recognised, and checked by the verifications of that specification.

    \b
    A finished election:       evote verify record
    The fingerprint is known:  evote verify record --expect 92C1…
    While people vote:         evote verify record --stage voting
    The same, every hour:      evote verify record --stage voting --resume state, then --since state
    A large one, all cores:    evote verify record --workers 0
    For a program:             evote verify record --json -
    For the newspaper:         evote verify record --report report.html

    Exit code 0: all passed. 1: a check failed. 3: something could not be checked. 2: no record there.
    """
    if json_file == "-" and page == "-":
        raise UnusableError("--json and --report cannot both write to stdout")
    if resume is not None and since is not None:
        raise UnusableError("--resume and --since both name a state; give one of them")
    with (
        executor_of(workers, cluster, plaintext=False) as executor,
        reading(record, resume, since),
        progress() as report,
    ):
        found = verify_record(
            record,
            expect=expect,
            stage=STAGES[stage],
            zero_ballots_expected=zero_ballots,
            progress=report,
            method=method,
            reproducible=reproducible,
            kernel=kernel,
            executor=executor,
            resume=resume,
            since=since,
        )
    _write(found, json_file, page)
    if "-" not in (json_file, page):
        print_report(found, details=details)
    return found.exit_code


def _write(found: Report, json_file: str | None, page: str | None) -> None:
    if json_file is not None:
        write_output(json_file, found.to_json())
    if page is not None:
        write_output(page, html_page(found))
