"""The files of the ledger: whatever happens to them, a guardian forgets nothing that it answered for."""

from __future__ import annotations

import functools
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from evote.codec import decode, encode
from evote.errors import RefusedError, StorageError
from evote.guardian import Ledger, ledgerfile
from evote.guardian.ledgerfile import LedgerAnchor, LedgerEntry, LedgerFile, anchor_path
from evote.tally import ClosingHead

WIDTH = 2
HEAD = ClosingHead(3, bytes([3] * 32))


def entry(previous: bytes, session: int) -> LedgerEntry:
    """A small entry, so that every byte of a ledger can have its turn."""
    return LedgerEntry(
        previous, bytes([1] * 32), HEAD, (), None, session, (1, 2, 3), bytes([session] * 32), (), ()
    )


@dataclass(frozen=True)
class Files:
    """The bytes of a ledger and of its anchor."""

    ledger: bytes
    anchor: bytes

    def put(self, path: Path) -> None:
        path.write_bytes(self.ledger)
        anchor_path(path).write_bytes(self.anchor)

    @classmethod
    def get(cls, path: Path) -> Files:
        return cls(path.read_bytes(), anchor_path(path).read_bytes())


def read(path: Path) -> list[LedgerEntry]:
    return LedgerFile(path, WIDTH).read()


@functools.cache
def states(folder: Path) -> tuple[Files, ...]:
    """A ledger with no entry, with one, with two and with three."""
    path = folder / "made.log"
    Ledger.create(path)
    found = [Files.get(path)]
    file = LedgerFile(path, WIDTH)
    assert file.read() == []
    for session in (1, 2, 3):
        file.append(entry(file.anchor.last, session))
        found.append(Files.get(path))
    return tuple(found)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, ...]:
    return states(tmp_path_factory.mktemp("ledger"))


def refused(path: Path, files: Files, word: str = "damaged|old copy") -> None:
    """The files are refused, with advice, and are left as they are."""
    files.put(path)
    with pytest.raises(StorageError, match=word) as error:
        read(path)
    assert "put the newest copy of the ledger and its anchor back" in str(error.value)
    assert Files.get(path) == files


def flips(data: bytes) -> list[bytes]:
    """``data`` with one bit changed, and with one byte changed whole, at every place."""
    return [
        data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]
        for at in range(len(data))
        for mask in (1, 128, 255)
    ]


def test_what_was_appended_is_read_again(tmp_path: Path, made: tuple[Files, ...]) -> None:
    path = tmp_path / "ledger.log"
    for count, files in enumerate(made):
        files.put(path)
        assert [each.session for each in read(path)] == [1, 2, 3][:count]
        assert Files.get(path) == files
        anchor = decode(LedgerAnchor, files.anchor, element_bytes=1)
        assert (anchor.entries, anchor.size) == (count, len(files.ledger))


def test_one_changed_byte_anywhere_in_a_ledger_is_refused(tmp_path: Path, made: tuple[Files, ...]) -> None:
    """Lengths included: a longer early entry is not taken for a torn last one."""
    for changed in flips(made[3].ledger):
        refused(tmp_path / "ledger.log", Files(changed, made[3].anchor), "damaged")


def test_one_changed_byte_anywhere_in_an_anchor_is_refused(tmp_path: Path, made: tuple[Files, ...]) -> None:
    for changed in flips(made[3].anchor):
        refused(tmp_path / "ledger.log", Files(made[3].ledger, changed))


def test_one_changed_byte_in_an_entry_that_is_not_committed_forgets_no_committed_one(
    tmp_path: Path, made: tuple[Files, ...]
) -> None:
    """Two faults at once, a crash and a flipped bit: refused, or every entry is there."""
    path = tmp_path / "ledger.log"
    outcomes = set()
    for changed in flips(made[3].ledger):
        files = Files(changed, made[2].anchor)
        files.put(path)
        try:
            count = len(read(path))
        except StorageError:
            count = 0
            assert Files.get(path) == files
        outcomes.add(count)
    assert outcomes == {0, 3}


def test_every_cut_of_a_committed_ledger_is_refused(tmp_path: Path, made: tuple[Files, ...]) -> None:
    for size in range(len(made[3].ledger)):
        refused(tmp_path / "ledger.log", Files(made[3].ledger[:size], made[3].anchor), "old copy")


def test_every_cut_of_an_entry_that_is_not_committed_is_taken_off(
    tmp_path: Path, made: tuple[Files, ...]
) -> None:
    path = tmp_path / "ledger.log"
    for before, after in itertools.pairwise(made):
        for size in range(len(before.ledger) + 1, len(after.ledger)):
            Files(after.ledger[:size], before.anchor).put(path)
            read(path)
            assert Files.get(path) == before


def test_an_entry_without_its_anchor_is_committed_when_the_ledger_is_opened(
    tmp_path: Path, made: tuple[Files, ...]
) -> None:
    path = tmp_path / "ledger.log"
    for count in (1, 2, 3):
        Files(made[count].ledger, made[count - 1].anchor).put(path)
        assert len(read(path)) == count
        assert Files.get(path) == made[count]


def test_an_old_copy_of_either_file_is_refused(tmp_path: Path, made: tuple[Files, ...]) -> None:
    path = tmp_path / "ledger.log"
    for old in (0, 1, 2):
        refused(path, Files(made[old].ledger, made[3].anchor), "old copy")
    for old in (0, 1):
        refused(path, Files(made[3].ledger, made[old].anchor), "more than one entry")


def test_another_ledger_of_the_same_length_is_refused(tmp_path: Path, made: tuple[Files, ...]) -> None:
    other = encode(entry(bytes(32), 9))
    changed = len(other).to_bytes(4, "big") + other
    assert len(changed) == len(made[1].ledger)
    refused(tmp_path / "ledger.log", Files(changed, made[1].anchor), "not the ledger of its anchor")


def test_what_cannot_be_a_torn_entry_is_refused_after_the_last_one(
    tmp_path: Path, made: tuple[Files, ...]
) -> None:
    path = tmp_path / "ledger.log"
    one, three = made[1].ledger, made[3].ledger
    tail = three[len(made[2].ledger) :]
    long = (len(tail) + 1).to_bytes(4, "big")
    for left in (
        bytes(8),
        b"\xff" * 8,
        one[:-1],  # the beginning of an entry that does not continue the last
        long + tail[4:],  # a whole entry with a wrong length
        b"\x00\x00\xff\xff" + tail[4:] + tail,  # a wrong length that swallows another entry
        tail + tail,
        tail + b"\x00",
    ):
        refused(path, Files(made[2].ledger + left, made[2].anchor))


def test_a_missing_anchor_is_refused_even_of_an_empty_ledger(tmp_path: Path, made: tuple[Files, ...]) -> None:
    path = tmp_path / "ledger.log"
    for files in made:
        files.put(path)
        anchor_path(path).unlink()
        with pytest.raises(StorageError, match="says how far the ledger goes; put the newest copy"):
            read(path)
        assert path.read_bytes() == files.ledger


def test_a_stop_at_any_step_of_an_append_loses_no_answered_entry(
    tmp_path: Path, made: tuple[Files, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the append returns nothing leaves; from then on the entry is there."""
    path = tmp_path / "ledger.log"
    names = ("write", "fsync", "replace")
    step, ended = 0, False
    while not ended:
        step += 1
        made[2].put(path)
        file = LedgerFile(path, WIDTH)
        file.read()
        calls = 0
        with monkeypatch.context() as patch:
            for name in names:

                def counted(
                    *arguments: object, original: object = getattr(os, name), last: int = step
                ) -> object:
                    nonlocal calls
                    calls += 1
                    if calls >= last:
                        raise OSError(5, "the disk is gone")
                    assert callable(original)
                    return original(*arguments)

                patch.setattr(os, name, counted)
            try:
                file.append(entry(file.anchor.last, 3))
                ended = True
            except StorageError:
                ended = False
        assert [each.session for each in read(path)] in ([[1, 2, 3]] if ended else [[1, 2], [1, 2, 3]])
        assert Files.get(path) in made[2:]
    assert step > 6


def test_after_a_failed_append_the_ledger_is_read_again_before_the_next(
    tmp_path: Path, made: tuple[Files, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.log"
    made[1].put(path)
    file = LedgerFile(path, WIDTH)
    file.read()

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="full"):
        patch.setattr(ledgerfile, "write_anchor", full)
        file.append(entry(file.anchor.last, 2))
    with pytest.raises(StorageError, match="was changed"):
        file.append(entry(file.anchor.last, 2))
    assert [each.session for each in read(path)] == [1, 2]


def test_the_anchor_is_written_when_the_entry_is_on_the_disk(
    tmp_path: Path, made: tuple[Files, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.log"
    made[0].put(path)
    order: list[str] = []
    for name in ("write", "fsync", "replace"):
        original = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, n=name, o=original: (order.append(n), o(*a))[1])
    file = LedgerFile(path, WIDTH)
    file.read()
    assert order == []
    file.append(entry(file.anchor.last, 1))
    first = order.index("fsync")
    assert order[:first] == ["write"] and "write" in order[first:]
    assert order[-3:] == ["fsync", "replace", "fsync"]


def test_making_a_ledger_goes_on_where_it_stopped_and_touches_no_used_one(
    tmp_path: Path, made: tuple[Files, ...]
) -> None:
    path = tmp_path / "ledger.log"
    path.write_bytes(b"")  # the stop was before the anchor
    Ledger.create(path)
    assert Files.get(path) == made[0]
    for files in (made[1], Files(made[1].ledger, made[0].anchor), Files(b"", made[1].anchor)):
        files.put(path)
        with pytest.raises(RefusedError, match="ledger of another key"):
            Ledger.create(path)
        assert Files.get(path) == files
    path.unlink()
    with pytest.raises(RefusedError, match="ledger of another key"):
        Ledger.create(path)
    assert not path.exists()


def test_an_entry_that_does_not_continue_the_last_is_not_appended(
    tmp_path: Path, made: tuple[Files, ...]
) -> None:
    path = tmp_path / "ledger.log"
    made[1].put(path)
    file = LedgerFile(path, WIDTH)
    file.read()
    with pytest.raises(ValueError, match="does not continue"):
        file.append(entry(bytes(32), 2))
    assert Files.get(path) == made[1]
