"""A witness's folder: it remembers before it signs, and never signs without its memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.board.checkpoint import sign_checkpoint
from evote.board.cosignature import verify_cosignature
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature
from evote.board.splitview import SplitView
from evote.board.witness import Request, StaleRequestError
from evote.errors import RefusedError, StorageError, VerificationError
from evote.secret import Secret
from evote.signing import SigningKey
from evote.storage.witness import EVIDENCE, HEADS, SEALED, VKEY, WitnessFolder
from tests.board.logs import LOG, NOW, head, signed, signer, tree
from tests.cli.driver import cheap_passphrases

TREE, OTHER = tree(60), tree(60, start=1)
PASSPHRASE = Secret("correct horse")


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_passphrases():
        yield


@pytest.fixture
def witness(tmp_path: Path) -> WitnessFolder:
    made = WitnessFolder.make(tmp_path / "w", "w.example/1", PASSPHRASE)
    made.trust(LOG)
    return made


def ask(size: int, old: int = 0) -> Request:
    return Request(old, TREE.consistency(old, size) if old else (), signed(head(TREE, size)))


def signing(witness: WitnessFolder) -> SigningKey:
    return witness.signing_key(PASSPHRASE)


def test_a_witness_cosigns_and_remembers_over_a_restart(witness: WitnessFolder) -> None:
    made = witness.cosign(ask(20), signing(witness), NOW)
    assert isinstance(made, NoteSignature)
    assert verify_cosignature(head(TREE, 20), made, witness.key).time == NOW
    again = WitnessFolder(witness.root)
    assert again.key == witness.key
    (log,) = again.logs()
    assert (log.key, log.size) == (LOG, 20)
    with pytest.raises(StaleRequestError):
        again.cosign(ask(40), signing(again), NOW)
    assert isinstance(again.cosign(ask(40, 20), signing(again), NOW + 1), NoteSignature)
    assert again.logs()[0].size == 40


def test_the_head_is_on_the_disk_before_the_cosignature_is_made(
    witness: WitnessFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def dying(self: SigningKey, message: bytes) -> bytes:
        sizes.append(WitnessFolder(witness.root).logs()[0].size)
        raise KeyboardInterrupt

    key, asked = signing(witness), ask(20)
    monkeypatch.setattr(SigningKey, "sign_note", dying)
    with pytest.raises(KeyboardInterrupt):
        witness.cosign(asked, key, NOW)
    assert sizes == [20]
    monkeypatch.undo()
    assert isinstance(witness.cosign(ask(20, 20), key, NOW + 1), NoteSignature)


def test_a_head_that_cannot_be_remembered_is_not_signed(
    witness: WitnessFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, asked = signing(witness), ask(20)

    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    def signed_anyway(self: SigningKey, message: bytes) -> bytes:
        raise AssertionError("signed")

    monkeypatch.setattr("evote.storage.witness.write_atomic", full)
    monkeypatch.setattr(SigningKey, "sign_note", signed_anyway)
    with pytest.raises(StorageError, match="full"):
        witness.cosign(asked, key, NOW)
    assert witness.logs()[0].last is None


def test_a_split_view_is_kept_as_evidence_and_not_signed(witness: WitnessFolder) -> None:
    witness.cosign(ask(20), signing(witness), NOW)
    before = (witness.root / HEADS).read_bytes()
    found = witness.cosign(Request(20, (), signed(head(OTHER, 20))), signing(witness), NOW)
    assert isinstance(found, Path)
    assert found.parent == witness.root / EVIDENCE
    first, second = SplitView.parse(found.read_bytes()).verify(LOG)
    assert {first, second} == {head(TREE, 20), head(OTHER, 20)}
    assert (witness.root / HEADS).read_bytes() == before
    assert witness.cosign(Request(0, (), signed(head(OTHER, 20))), signing(witness), NOW) == found


def test_a_refusal_changes_nothing(witness: WitnessFolder) -> None:
    witness.cosign(ask(20), signing(witness), NOW)
    before = (witness.root / HEADS).read_bytes()
    with pytest.raises(VerificationError):
        witness.cosign(Request(20, (), signed(head(OTHER, 40))), signing(witness), NOW)
    with pytest.raises(RefusedError, match="clock went back"):
        witness.cosign(ask(40, 20), signing(witness), NOW - 1)
    assert (witness.root / HEADS).read_bytes() == before


def test_a_log_that_is_not_witnessed_is_refused(witness: WitnessFolder) -> None:
    other = sign_checkpoint(head(TREE, origin="other.example/log"), signer("other"))
    with pytest.raises(RefusedError, match="no log of this witness"):
        witness.cosign(Request(0, (), other), signing(witness), NOW)
    witness.trust(NoteKey("other.example/log", KeyKind.ED25519, signer("other").verify_key))
    assert isinstance(witness.cosign(Request(0, (), other), signing(witness), NOW), NoteSignature)
    assert [(log.key.name, log.size) for log in witness.logs()] == [(LOG.name, 0), ("other.example/log", 60)]


def test_the_key_of_a_log_is_never_replaced(witness: WitnessFolder) -> None:
    for key in (LOG, NoteKey(LOG.name, KeyKind.ED25519, signer("new").verify_key)):
        with pytest.raises(RefusedError, match="witnessed already"):
            witness.trust(key)


def test_a_witness_is_not_its_own_log_and_takes_no_witness_for_one(witness: WitnessFolder) -> None:
    for key in (witness.key, NoteKey("self", KeyKind.ED25519, witness.key.key)):
        with pytest.raises(RefusedError, match="not the key of a log"):
            witness.trust(key)


def test_without_its_memory_a_witness_signs_nothing(witness: WitnessFolder) -> None:
    witness.cosign(ask(20), signing(witness), NOW)
    (witness.root / HEADS).unlink()
    with pytest.raises(StorageError, match="new witness with a new key"):
        witness.cosign(ask(20), signing(witness), NOW)
    (witness.root / HEADS).write_bytes(b"\x80")
    with pytest.raises(StorageError, match="damaged"):
        witness.cosign(ask(20), signing(witness), NOW)


@pytest.mark.parametrize("note", [b"text", signed(head(TREE, 20)).encode()[:-1]])
def test_a_damaged_head_is_noticed(witness: WitnessFolder, note: bytes) -> None:
    witness.cosign(ask(20), signing(witness), NOW)
    data = (witness.root / HEADS).read_bytes()
    whole = signed(head(TREE, 20)).encode()
    (witness.root / HEADS).write_bytes(data.replace(whole, note + b"x" * (len(whole) - len(note))))
    with pytest.raises(StorageError, match="damaged"):
        witness.logs()


def test_a_new_witness_gets_a_new_folder(tmp_path: Path, witness: WitnessFolder) -> None:
    with pytest.raises(RefusedError, match="not empty"):
        WitnessFolder.make(witness.root, "w.example/2", PASSPHRASE)
    with pytest.raises(ValueError, match="key name"):
        WitnessFolder.make(tmp_path / "x", "two words", PASSPHRASE)
    assert not (tmp_path / "x").exists()


def test_the_secret_key_is_sealed_and_the_folder_private(witness: WitnessFolder) -> None:
    seed = signing(witness).seed().reveal()
    for file in witness.root.rglob("*"):
        if file.is_file():
            assert seed not in file.read_bytes()
    for name in (SEALED, HEADS):
        assert stat.S_IMODE(os.stat(witness.root / name).st_mode) == 0o600
    with pytest.raises(StorageError, match="passphrase is wrong"):
        witness.signing_key(Secret("another"))


def test_a_key_in_the_place_of_another_is_noticed(tmp_path: Path, witness: WitnessFolder) -> None:
    other = WitnessFolder.make(tmp_path / "other", "w.example/2", PASSPHRASE)
    with pytest.raises(ValueError, match="not the key of the witness"):
        witness.cosign(ask(20), other.signing_key(PASSPHRASE), NOW)
    (witness.root / VKEY).write_bytes((other.root / VKEY).read_bytes())
    with pytest.raises(StorageError, match="is not the key of"):
        WitnessFolder(witness.root).signing_key(PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"\xff\n", f"{LOG}\n".encode()])
def test_a_folder_without_a_witness_key_is_none(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        WitnessFolder(tmp_path)
    (tmp_path / VKEY).write_bytes(content)
    with pytest.raises(StorageError, match="restore it"):
        WitnessFolder(tmp_path)


def test_a_note_that_is_no_checkpoint_is_not_looked_at(witness: WitnessFolder) -> None:
    note = Note("text\n", signed(head(TREE, 20)).signatures)
    with pytest.raises(Exception, match="three lines"):
        witness.cosign(Request(0, (), note), signing(witness), NOW)
