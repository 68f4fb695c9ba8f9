"""``evote witness``: a witness on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.board.cosignature import parse_cosignatures, verify_cosignature
from evote.board.note import NoteKey
from evote.board.witness import Request
from evote.storage.witness import EVIDENCE
from tests.board.logs import LOG, head, signed, tree
from tests.cli.driver import PASSPHRASE, Outcome, evote

TREE, OTHER = tree(60), tree(60, start=1)


class Desk:
    """A witness's folder, a passphrase file, and requests."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "mine"
        self.secret = root / "passphrase"
        self.secret.write_text(PASSPHRASE)
        self.secret.chmod(0o600)

    def run(self, command: str, *arguments: object) -> Outcome:
        sealed = ("--passphrase-file", self.secret) if command in ("new", "cosign") else ()
        return evote("witness", command, *arguments, *sealed)

    def ask(self, request: Request, *arguments: object) -> Outcome:
        file = self.root / "request"
        file.write_bytes(request.encode())
        return self.run("cosign", self.folder, file, *arguments)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    assert made.run("new", made.folder, "--name", "w.example/1").code == 0
    assert made.run("add", made.folder, LOG).code == 0
    return made


def test_a_witness_is_made_and_cosigns_what_continues(desk: Desk) -> None:
    shown = desk.run("show", desk.folder, "--json").value()
    assert isinstance(shown, dict)
    key = NoteKey.parse(shown["key"])
    assert shown["logs"] == [{"origin": LOG.name, "key": str(LOG), "size": 0, "cosigned": None}]
    first = desk.ask(Request(0, (), signed(head(TREE, 20))))
    assert first.code == 0
    (line,) = parse_cosignatures(first.out)
    assert verify_cosignature(head(TREE, 20), line, key).time > 1_700_000_000
    answer = desk.root / "answer"
    second = desk.ask(Request(20, TREE.consistency(20, 40), signed(head(TREE, 40))), "--out", answer)
    assert (second.code, second.out) == (0, "")
    verify_cosignature(head(TREE, 40), parse_cosignatures(answer.read_text("utf-8"))[0], key)
    assert f"{LOG.name}: 40 leaves, cosigned 2" in desk.run("show", desk.folder).out


def test_a_split_view_fails_and_the_evidence_convinces_anybody(desk: Desk) -> None:
    assert desk.ask(Request(0, (), signed(head(TREE, 20)))).code == 0
    caught = desk.ask(Request(20, (), signed(head(OTHER, 20))))
    assert (caught.code, caught.out) == (1, "")
    (file,) = (desk.folder / EVIDENCE).iterdir()
    assert str(file) in caught.err
    shown = desk.run("evidence", file, LOG)
    assert shown.code == 0
    assert "SPLIT VIEW" in shown.out
    assert TREE.root(20).hex() in shown.out
    other = str(NoteKey(LOG.name, LOG.kind, NoteKey.parse(_key(desk)).key))
    assert desk.run("evidence", file, other).code == 1


def _key(desk: Desk) -> str:
    shown = desk.run("show", desk.folder, "--json").value()
    assert isinstance(shown, dict)
    return str(shown["key"])


def test_a_rewritten_history_fails(desk: Desk) -> None:
    assert desk.ask(Request(0, (), signed(head(TREE, 20)))).code == 0
    outcome = desk.ask(Request(20, OTHER.consistency(20, 40), signed(head(OTHER, 40))))
    assert (outcome.code, outcome.out) == (1, "")


def test_a_request_from_another_size_is_told_the_right_one(desk: Desk) -> None:
    assert desk.ask(Request(0, (), signed(head(TREE, 20)))).code == 0
    outcome = desk.ask(Request(0, (), signed(head(TREE, 40))))
    assert outcome.code == 2
    assert "20 leaves" in outcome.err


def test_unusable_input_is_named(desk: Desk) -> None:
    bad = desk.root / "bad"
    bad.write_bytes(b"nonsense")
    for outcome, part in (
        (desk.run("cosign", desk.folder, bad), str(bad)),
        (desk.run("cosign", desk.folder, desk.root / "absent"), "absent"),
        (desk.run("cosign", desk.root / "nowhere", bad), "nowhere"),
        (desk.run("add", desk.folder, "nonsense"), "LOGKEY"),
        (desk.run("evidence", bad, "nonsense"), "LOGKEY"),
        (desk.run("add", desk.folder, LOG), "already"),
        (desk.run("new", desk.folder, "--name", "w.example/2"), "not empty"),
        (desk.run("new", desk.root / "x", "--name", "two words"), "key name"),
        (desk.run("evidence", bad, LOG), str(bad)),
        (desk.run("show", desk.root), "does not exist"),
    ):
        assert outcome.code == 2, outcome.err
        assert part in outcome.err
        assert outcome.err.count("\n") == 1
