"""Keys of logs: drawn once, declared with proofs, opened only by the manifest that declares them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evote.errors import RefusedError, StorageError
from evote.manifest import Manifest
from evote.office.logkeys import BoardTerms, log_file, new_board, open_device_key, open_log_key
from evote.secret import Secret
from evote.storage.sealed import Cost, Sealer
from evote.testing.electorate import ONE_QUESTION

SALT = bytes(range(32))
TERMS = BoardTerms("example.org/board", "2027-05-09T18:00:00Z", 600, "", ("Booth 1", "Booth 2"))
WORD = Secret("correct horse")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Sealer.__init__

    def cheap(self, passphrase, cost=None):  # type: ignore[no-untyped-def]
        begin(self, passphrase, Cost(10))

    monkeypatch.setattr(Sealer, "__init__", cheap)


def drawn(root: Path) -> Manifest:
    new_board(ONE_QUESTION, SALT, TERMS, root / "private", WORD, root / "board.json")
    draft = {**ONE_QUESTION, "board": json.loads((root / "board.json").read_text())}
    return Manifest.build(draft, salt=SALT, authority_key=None)


def test_the_declaration_is_one_that_a_manifest_takes_and_every_key_opens(tmp_path: Path) -> None:
    manifest = drawn(tmp_path)
    board = manifest.board
    assert board is not None and list(board.units) == ["North", "South"]
    assert board.units["South"].origin == "example.org/board/2"
    for unit in ("", "North", "South"):
        declared = board.units[unit] if unit else board.log
        key = open_log_key(manifest, unit, tmp_path / "private", WORD)
        assert key.verify_key.encoded == declared.key
    key = open_device_key(manifest, "Booth 2", tmp_path / "private", WORD)
    assert key.verify_key.encoded == board.devices["Booth 2"].key


def test_keys_are_drawn_once(tmp_path: Path) -> None:
    drawn(tmp_path)
    with pytest.raises(RefusedError, match="exist"):
        new_board(ONE_QUESTION, SALT, TERMS, tmp_path / "private", WORD, tmp_path / "other.json")


def test_a_key_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    manifest = drawn(tmp_path)
    other = tmp_path / "other"
    new_board(ONE_QUESTION, SALT, TERMS, other, WORD, tmp_path / "other.json")
    with pytest.raises(RefusedError, match="not the key that the manifest declares"):
        open_log_key(manifest, "North", other, WORD)
    (tmp_path / "private" / log_file(1)).unlink()
    with pytest.raises(StorageError):
        open_log_key(manifest, "North", tmp_path / "private", WORD)


def test_an_unknown_unit_or_device_is_named(tmp_path: Path) -> None:
    manifest = drawn(tmp_path)
    with pytest.raises(ValueError, match="North, South"):
        open_log_key(manifest, "West", tmp_path / "private", WORD)
    with pytest.raises(ValueError, match="Booth 3"):
        open_device_key(manifest, "Booth 3", tmp_path / "private", WORD)
