"""Closing heads, files that nobody declared, and records without a signed index."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evote.record import RecordReader
from evote.report import Report, Status, Verdict
from evote.signing import SigningKey
from evote.tally import ClosingHead
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.randomness import SeededRandomness
from evote.verifier.verify import _verify
from tests.verifier.alone import ceremony, honest, voted

PLAIN: Mapping[str, object] = {**SMALL, "extensions": ["context", "round0"]}
"""The small election without a signed index."""


@functools.cache
def plain() -> Kit:
    return Kit(PLAIN, seed="no index")


def verify(kit: Kit, directory: Path, *, zero: bool = False) -> Report:
    return _verify(RecordReader(directory, {kit.group.name: kit.group}), zero_ballots_expected=zero)


def unsealed() -> tuple[Kit, Published]:
    kit = voted(plain())
    published = kit.publish()
    published.left_out.add("index")
    return kit, published


# --- heads -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["size", "root"])
def test_the_head_of_the_tally_is_that_of_the_ballots(change: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    head = published.tally.head
    other = ClosingHead(head.size + 1, head.root) if change == "size" else ClosingHead(head.size, bytes(32))
    published.tally = replace(published.tally, head=other)
    report = verify(kit, kit.write(published, tmp_path / "record"))
    assert report.failed == ("E.11",)
    assert [finding.where for finding in report.check("E.11").findings] == ["tally.msgpack, head"]


@pytest.mark.parametrize("change", ["size", "root"])
def test_the_head_that_the_index_seals_is_that_of_the_ballots(change: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    head = published.head
    published.head = (
        ClosingHead(head.size - 1, head.root) if change == "size" else ClosingHead(head.size, bytes(32))
    )
    report = verify(kit, kit.write(published, tmp_path / "record"))
    assert report.failed == ("E.11",)
    assert [finding.where for finding in report.check("E.11").findings] == ["the newest index, head"]


def test_no_ballots_are_complete_only_by_a_head_whose_seal_holds(tmp_path: Path) -> None:
    """Whoever can write files can state a head of size 0; it takes the authority's key to seal it."""
    kit = ceremony("small")
    kit.restart()
    sealed = verify(kit, kit.write(kit.publish(), tmp_path / "sealed"))
    assert sealed.verdict is Verdict.PASS
    published = kit.publish()
    published.signer = SigningKey.generate(SeededRandomness("not the authority"))
    forged = verify(kit, kit.write(published, tmp_path / "forged"))
    assert forged.failed == ("E.10",)
    assert forged.check("6.D").status is Status.NOT_CHECKED


def test_no_ballots_and_no_index_are_incomplete_unless_the_caller_expects_none(tmp_path: Path) -> None:
    kit = plain()
    kit.restart()
    published = kit.publish()
    published.left_out.add("index")
    directory = kit.write(published, tmp_path / "record")
    assert verify(kit, directory).verdict is Verdict.INCOMPLETE
    assert verify(kit, directory, zero=True).verdict is Verdict.PASS


# --- without an index --------------------------------------------------------------------------------


def test_a_record_without_a_declared_index_verifies(tmp_path: Path) -> None:
    kit, published = unsealed()
    report = verify(kit, kit.write(published, tmp_path / "record"))
    assert report.verdict is Verdict.PASS, report.failed
    assert report.check("E.10").status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    "name", ["result.json", "result.csv", "tally.msgpack", "devices.msgpack", "keys.msgpack"]
)
def test_a_missing_file_is_e16_where_no_index_names_it(name: str, tmp_path: Path) -> None:
    kit, published = unsealed()
    published.left_out.add(name)
    report = verify(kit, kit.write(published, tmp_path / "record"))
    assert report.failed == ("E.16",)
    assert any(finding.where == name for finding in report.check("E.16").findings)


@pytest.mark.parametrize("name", ["notes.txt", "ballots/notes.txt", "guardian-1.key", "deep/er/file"])
def test_a_file_that_nobody_declared_is_e16_where_no_index_names_it(name: str, tmp_path: Path) -> None:
    kit, published = unsealed()
    directory = kit.write(published, tmp_path / "record")
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert verify(kit, directory).failed == ("E.16",)


def test_the_digest_of_a_record_is_that_of_an_index_only_where_the_index_holds(tmp_path: Path) -> None:
    """Otherwise one index file beside two different records would give both one digest."""
    kit, published = unsealed()
    index = kit.files(kit.publish())["index/000001.msgpack"]
    first = kit.write(published, tmp_path / "first")
    published.decryption = replace(published.decryption, guardians=(2, 3))
    second = kit.write(published, tmp_path / "second")
    for directory in (first, second):
        (directory / "index").mkdir()
        (directory / "index" / "000001.msgpack").write_bytes(index)
    digests = {verify(kit, directory).subject.digest for directory in (first, second)}
    assert len(digests) == 2


def test_a_link_is_a_finding(tmp_path: Path) -> None:
    kit, published = unsealed()
    directory = kit.write(published, tmp_path / "record")
    (directory / "hints").symlink_to(tmp_path)
    assert verify(kit, directory).failed == ("E.16",)
