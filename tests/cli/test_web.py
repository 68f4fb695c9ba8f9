"""``evote web`` and ``evote returns send``: a whole road, from an office's files to another's folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.boardtown import BoardTown
from tests.cli.driver import Outcome, cheap_passphrases, evote, fine

httpx = pytest.importorskip("httpx", reason="httpx, of the extra 'web', is not installed")
pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from evote.cli import main
from tests.cli.driver import GROUPS
sys.exit(main(sys.argv[1:], groups=GROUPS))
"""


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """``evote web serve`` in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "web", "serve", str(config), "--listen", "127.0.0.1:0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Listening at http://127.0.0.1:"), line
        yield line.split()[2]
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        process.stdout.close()
        assert process.wait(20) == 0
        assert "on the disk" in rest


def token(folder: Path, office: str) -> tuple[Path, str]:
    """The file of a new token, and the lines of the configuration."""
    file = folder / f"{office}.token"
    drawn = fine(evote("web", "token", office, "--out", file))
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_text().strip() not in drawn.out
    return file, drawn.out


def send(*arguments: object) -> Outcome:
    return evote("returns", "send", *arguments)


def test_returns_go_from_an_office_to_two_collectors_with_a_spool(tmp_path: Path) -> None:
    secret, lines = token(tmp_path, "lier")
    stranger, _ = token(tmp_path, "stranger")
    north, south = tmp_path / "north.return", tmp_path / "south.return"
    north.write_bytes(b"north" * 1000)
    south.write_bytes(b"south" * 1000)
    spool = tmp_path / "spool"
    config = tmp_path / "server.toml"
    config.write_text(f'[collector]\nfolder = "first"\n{lines}[limits]\nreserve_bytes = 0\n')
    dead = "http://127.0.0.1:9"
    with serving(config) as address:
        assert send(north, "--to", address, "--token-file", stranger).code == 2
        own = ("--token-file", secret, "--spool", spool)
        partly = send(north, "--to", address, "--to", dead, *own, "--give-up", 1, "--json")
        assert partly.code == 3
        states = {
            each["collector"]: [file["state"] for file in each["files"]]
            for each in json.loads(partly.out)["collectors"]
        }
        assert states == {address: ["delivered"], dead: ["waiting"]}
        assert send(north, "--to", address, "--to", dead, *own, "--give-up", 1, "--any").code == 0
        later = send(south, "--to", address, *own)
        assert later.code == 0
        assert "south.return" in later.out and "delivered" in later.out
        again = send("--to", address, *own)
        assert again.code == 0
        assert again.out.count("earlier") == 2
        with httpx.Client(base_url=address, trust_env=False) as client:
            headers = {"Authorization": f"Bearer {secret.read_text().strip()}"}
            assert client.get("/returns", headers=headers).json()["count"] == 2
    assert len(list((tmp_path / "first" / "arrived").iterdir())) == 2


def test_what_cannot_be_sent_is_said_in_a_sentence(tmp_path: Path) -> None:
    file, secret, empty = tmp_path / "x.return", tmp_path / "token", tmp_path / "empty"
    file.write_bytes(b"x")
    secret.write_text("evote-office-x\n")
    empty.write_text("\n")
    one = ("--to", "https://x.example", "--token-file", secret)
    for arguments, said in (
        ((*one,), "nothing to send"),
        ((tmp_path / "absent", *one), "does not exist"),
        ((file, "--to", "http://x.example", "--token-file", secret), "open line"),
        ((file, "--to", "https://x.example", "--token-file", empty), "no token"),
        ((file, *one, "--to", "https://x.example/"), "named twice"),
        (
            (file, *one, "--to", "https://y.example", "--to", "https://z.example", "--token-file", secret),
            "one",
        ),
        ((file, "--to", "https://x.example"), "--token-file"),
    ):
        found = send(*arguments)
        assert found.code == 2, arguments
        assert said in found.err


def test_the_commands_teach(tmp_path: Path) -> None:
    example = tmp_path / "server.toml"
    example.write_text(fine(evote("web", "example")).out)
    assert evote("web", "serve", example).code == 2, "the example has HASH where a hash stands"
    from evote.web.config import read_config

    filled = example.read_text().replace("HASH", "ab" * 32)
    example.write_text(filled)
    assert read_config(example).board is not None
    limits = tmp_path / "limits.toml"
    limits.write_text(f'[collector]\nfolder = "x"\n{fine(evote("web", "limits")).out}')
    assert read_config(limits).limits.uploads == 64
    assert evote("web", "token", "Not A Name").code == 2
    shown = fine(evote("web", "token", "lier")).out
    assert shown.count("evote-office-") == 1
    for command in ("web", "returns"):
        assert "Example:" in fine(evote(command, "serve" if command == "web" else "send", "--help")).out


@pytest.mark.slow
def test_a_town_votes_over_http_and_its_log_is_witnessed(tmp_path: Path) -> None:
    with cheap_passphrases():
        town = BoardTown(tmp_path / "town", voters=4)
        town.prepare()
        units = "".join(
            f'[[board.unit]]\npath = "Town/{unit}"\nbox = "{unit}.box"\nprivate = "{town.office}"\n'
            f'passphrase_file = "{town.secret}"\nlater = true\nhead_seconds = 1\n'
            for unit in ("North", "South")
        )
        config = town.root / "server.toml"
        config.write_text(f'[board]\nrecord = "record"\nelection_log = "{town.office}/election-log"\n{units}')
        town.encrypt_vote(0, "a", "Ada")
        fine(town.decide("cast", 0, "a"))
        with serving(config) as address, httpx.Client(base_url=address, trust_env=False) as client:
            data = town.submission("a").read_bytes()
            answer = client.post(
                "/units/1/ballots", content=data, headers={"Content-Type": "application/msgpack"}
            )
            assert answer.status_code == 200, answer.text
            town.answers.mkdir(exist_ok=True)
            town.answer("a").write_bytes(answer.content)
            receipt = town.receipt("a")
            town.publish_heads(*town.unit_heads())
            leaf = leaf_of(town, receipt)
            found = client.get(f"/units/1/inclusion/{leaf}")
            for _ in range(100):
                if found.status_code == 200:
                    break
                found = client.get(f"/units/1/inclusion/{leaf}")
            assert found.status_code == 200, found.text
            receipt.write_bytes(receipt.read_bytes() + found.content)
        checked = town.receipt_check(receipt)
        assert checked.code in (0, 3), checked.err
        assert "FORGED" not in checked.out


def leaf_of(town: BoardTown, receipt: Path) -> str:
    """The leaf data of a receipt, as the voter's device computes it."""
    from evote.board.receipt_text import read_text
    from evote.record import RecordReader, load_election
    from tests.cli.driver import GROUPS

    election = load_election(RecordReader(town.record, GROUPS))
    kept = read_text(receipt.read_bytes())
    board = election.manifest.board
    assert board is not None
    return kept.ballot.leaf(election.extended_hash, board.units[kept.ballot.unit].origin).hex()
