"""Runs the client in node: many jobs in one process, one answer per job."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evote.ballots import Election
from evote.groups import Group

HERE = Path(__file__).parent
STATIC = HERE.parents[2] / "evote" / "web" / "static"
MODULES = (STATIC / "evote-core.js", STATIC / "evote-client.js")
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(NODE is None, reason="node, which runs the client here, is not installed")


class ClientError(Exception):
    """The client refused, by this name."""


def answers(jobs: Iterable[Mapping[str, Any]], folder: Path) -> list[Any]:
    """The answer to each job: a value, or a :class:`ClientError`."""
    assert NODE is not None
    text = "".join(json.dumps(job) + "\n" for job in jobs)
    done = subprocess.run(
        [NODE, str(HERE / "harness.mjs"), str(STATIC), str(folder)],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == text.count("\n")
    return [ClientError(each["error"]) if "error" in each else each["value"] for each in found]


def group_of(group: Group) -> dict[str, str]:
    """A group as the harness takes it."""
    if group.name == "p256":
        return {"name": "p256"}
    p, q, g = group.published_parameters()
    return {"name": group.name, "p": p.hex(), "q": q.hex(), "g": g.hex()}


def election_of(election: Election) -> dict[str, Any]:
    """An election as the harness takes it."""
    return {
        "group": group_of(election.group),
        "manifest": election.manifest.raw.decode(),
        "he": election.extended_hash.hex(),
        "vote_key": election.vote_key.base.encode().hex(),
        "data_key": election.data_key.base.encode().hex(),
    }
