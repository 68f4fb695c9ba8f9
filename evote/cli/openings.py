"""What a challenged ballot was encrypted as, for voters to compare: as text and as JSON."""

from __future__ import annotations

import click

from evote.ballots import OpenedBallot
from evote.manifest import ContestRecord, Manifest


def opened_votes(manifest: Manifest, opening: OpenedBallot) -> dict[str, object]:
    """The values and write-ins of every contest."""
    return {
        contest.contest: {
            "values": {selection.option: selection.value for selection in contest.selections},
            "write_ins": list(_record(manifest, contest.contest, contest.data.plaintext).write_ins)
            if contest.data is not None
            else [],
        }
        for contest in opening.contests
    }


def print_opened(manifest: Manifest, opening: OpenedBallot) -> None:
    """One line per contest."""
    for contest in opening.contests:
        marked = [
            selection.option if selection.value == 1 else f"{selection.option} ({selection.value})"
            for selection in contest.selections
            if selection.value
        ]
        if contest.data is not None:
            record = _record(manifest, contest.contest, contest.data.plaintext)
            marked += [f"write-in {text!r}" for text in record.write_ins if text]
        click.echo(f"  {contest.contest}: {', '.join(marked) or 'nothing'}")


def _record(manifest: Manifest, label: str, plaintext: bytes) -> ContestRecord:
    return ContestRecord.decode(plaintext, manifest.contest_by_label(label))
