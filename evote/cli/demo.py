"""``evote demo``: a real election held again in one place."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import click

from evote.board.evidence import ReceiptVerdict
from evote.board.receipt_text import write_text
from evote.cli.ending import Exit, UnusableError
from evote.cli.outcome import print_report
from evote.cli.progress import progress
from evote.cli.tables import show
from evote.cli.world import World
from evote.demo.board import check_receipts, hold_board
from evote.demo.france import MAX_SCALE
from evote.demo.hold import Held, Progress, hold
from evote.demo.plan import Estimate, Plan, estimate, france_2024, megabytes, require_room
from evote.groups import NAMES, Group
from evote.record import RecordReader, write_atomic
from evote.report import Report
from evote.verifier import verify_record

DEFAULT_SCALE = 8000
_MEANING = {
    ReceiptVerdict.COUNTED: "the ballot is in the count",
    ReceiptVerdict.SUPERSEDED: "the voter cast a later one, which counts in its place",
    ReceiptVerdict.CHALLENGED: "the voter had it opened, so it never counts",
}


@click.command("demo")
@click.option(
    "--scale",
    type=click.IntRange(1, MAX_SCALE),
    default=DEFAULT_SCALE,
    show_default=True,
    metavar="N",
    help="One ballot for about N real ones; 1 holds the whole election, which takes a day and 10 GB.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Keep the published record in this folder, which must be new or empty.",
)
@click.option(
    "--group",
    "group_name",
    default=NAMES[0],
    show_default=True,
    help="The group; all but the first are not the standard 2.1 set.",
)
@click.option(
    "--board",
    "with_board",
    is_flag=True,
    help="With a bulletin board: codes for voters, a ballot box per constituency, receipts, witnesses.",
)
@click.option(
    "--receipts",
    type=click.Path(path_type=Path),
    help="With --board: keep one receipt of each kind in this folder, which must be new or empty.",
)
@click.pass_obj
def command(
    world: World,
    scale: int,
    out: Path | None,
    group_name: str,
    with_board: bool,
    receipts: Path | None,
) -> int:
    """Hold the first round of the French legislative election of 2024 abroad, and verify it.

    Eleven constituencies with their real candidates and the blank vote, and ballots in the proportions
    of the official result. Five guardians make the keys, three of them decrypt; ballots are encrypted,
    some are challenged and opened, the others are cast and added up without being opened, one sum per
    constituency. Then the published record is verified from its files alone, and the counts stand
    beside what was cast.

    With --board every voter has a code and signs; each constituency keeps a ballot box whose log two
    witnesses watch. Some send a ballot twice, some change their vote, some have a ballot opened. Behind the
    verification every receipt is checked against the record: COUNTED, SUPERSEDED or CHALLENGED.

    \b
    A minute:            evote demo
    With receipts:       evote demo --board
    Keep the record:     evote demo --out record
    Check a receipt:     evote demo --board --out record --receipts kept
                         evote receipt check kept/counted.receipt --record record
    Look at it again:    evote verify record
                         evote record export record --out record-json
    More ballots:        evote demo --scale 100
    """
    if receipts is not None and not with_board:
        raise UnusableError("there are receipts where there is a board: give --board too")
    for folder, what in ((out, "record"), (receipts, "receipts")):
        if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UnusableError(f"{folder} is not an empty folder; choose a new one for the {what}")
    group = world.group(group_name)
    with tempfile.TemporaryDirectory(prefix="evote-demo-") as temporary:
        record = Path(temporary) / "record" if out is None else out
        if not with_board:
            return _demo(group, scale, record)
        boxes = Path(temporary) / "boxes"
        boxes.mkdir(mode=0o700)
        return _demo_with_board(group, scale, record, boxes, receipts)


def _demo(group: Group, scale: int, folder: Path) -> int:
    plan = _announced(group, scale, folder)
    with progress() as report:
        held = hold(plan, folder, report)
        checked = _verified(folder, report)
    return _outcome(held, checked)


def _demo_with_board(group: Group, scale: int, folder: Path, boxes: Path, receipts: Path | None) -> int:
    plan = _announced(group, scale, folder)
    with progress() as report:
        board = hold_board(plan, folder, boxes, report)
        checked = _verified(folder, report)
        total = len(board.receipts)
        found = check_receipts(
            RecordReader(folder, {group.name: group}), board, lambda done: report("Receipts", done, total)
        )
    code = _outcome(board.held, checked)
    rows = [(verdict.value, number, _MEANING.get(verdict, "")) for verdict, number in found.verdicts.items()]
    show(f"{total} receipts, each checked against the record", ("", "receipts", ""), sorted(rows))
    click.echo(
        f"{board.slots} voters have a code, {board.held.ballots} voted in {board.units} ballot boxes. "
        f"{board.repeated} ballots were sent twice, and got the same receipt."
    )
    if receipts is not None:
        receipts.mkdir(parents=True, exist_ok=True)
        for verdict, receipt in found.samples.items():
            name = f"{verdict.value.lower().replace(' ', '-')}.receipt"
            write_atomic(receipts / name, write_text(receipt))
        click.echo(f"One receipt of each kind is in {receipts}: try 'evote receipt check' on it.")
    if found.unexpected:
        click.echo(f"{found.unexpected} receipts do NOT say what became of their ballots.")
        return Exit.FAILED
    click.echo("Every receipt says what its voter knows.")
    return code


def _announced(group: Group, scale: int, folder: Path) -> Plan:
    plan = france_2024(group, scale)
    cost = estimate(plan)
    click.echo(plan.title)
    click.echo(_announcement(scale, cost))
    require_room(folder, cost.disk)
    return plan


def _verified(folder: Path, report: Progress) -> Report:
    return verify_record(folder, progress=lambda what, done, total: report(f"Verifier: {what}", done, total))


def _outcome(held: Held, checked: Report) -> int:
    _counts(held)
    print_report(checked)
    if not held.agrees:
        click.echo("The counts are NOT what was cast.")
        return Exit.FAILED
    click.echo("Every count is what was cast.")
    return checked.exit_code


def _announcement(scale: int, cost: Estimate) -> str:
    minutes = cost.seconds / 60
    if minutes < 2:
        time = f"{cost.seconds:.0f} seconds"
    elif minutes < 120:
        time = f"{minutes:.0f} minutes"
    else:
        time = f"{minutes / 60:.0f} hours"
    return (
        f"At scale {scale}: {cost.cast} ballots cast and {cost.challenged} challenged, "
        f"{cost.selections} encrypted fields, about {megabytes(cost.disk)} on the disk and {time}.\n"
        "One process plays every part, so the three guardians rely on one verification of the record, "
        "which it runs from the files before they decrypt."
    )


def _counts(held: Held) -> None:
    """What was decrypted beside what was cast, per constituency and overall."""
    manifest = held.election.manifest
    cast_overall: Counter[str] = Counter()
    counted_overall: Counter[str] = Counter()
    for contest in manifest.contests:
        for cell in manifest.cells(contest.index):
            key = (contest.label, cell.label)
            cast, counted = held.cast.get(key, Counter()), held.counted[key]
            rows = [
                (option.name("en"), cast[option.label], counted[option.label])
                for option in contest.options
                if cast[option.label] or counted[option.label]
            ]
            show(
                f"{contest.name('en')} ({contest.label}): {_ballots(sum(cast.values()))}",
                ("", "cast", "counted"),
                rows,
            )
            for option in contest.options:
                nuance = _nuance(option.name("en"))
                cast_overall[nuance] += cast[option.label]
                counted_overall[nuance] += counted[option.label]
    nuances = [(name, count, counted_overall[name]) for name, count in cast_overall.most_common() if count]
    show(f"Overall: {_ballots(held.ballots)}, by nuance", ("", "cast", "counted"), nuances)


def _ballots(number: int) -> str:
    return "1 ballot" if number == 1 else f"{number} ballots"


def _nuance(name: str) -> str:
    """The nuance at the end of a candidate's display name, or the name of the blank vote."""
    return name.rpartition("(")[2].removesuffix(")")
