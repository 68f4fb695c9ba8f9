"""``vectors/receipts.json`` is what its generator makes, and the package agrees with every case."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from evote.board.admission import AdmissionReceipt
from evote.board.entries import TYPES, Entry, EntryKind, UnitHeadEntry
from evote.board.note import Note
from evote.board.receipt import Ballot
from evote.board.receipt_check import check_receipt
from evote.board.receipt_client import accept_admission
from evote.board.receipt_compact import letters, pack, read_letters, unpack
from evote.board.receipt_log import UnitLog, show
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import read_text, write_text
from evote.board.reissue import Credentials
from evote.board.roll import Roll
from evote.codec import decode
from evote.manifest import Manifest
from evote.manifest.moments import moment_of, seconds_of
from tests.board.receipt_vectors import NAME, document
from tests.manifest.vectors import FOLDER, text
from tests.vectors.form import outcome

STORED: dict[str, Any] = json.loads((FOLDER / NAME).read_text(encoding="utf-8"))
GROUPS = {group["params"]["kind"]: group for group in STORED["groups"]}


def setting_of(params: dict[str, Any]) -> ReceiptSetting:
    return ReceiptSetting(Manifest.parse(params["manifest"].encode()), bytes.fromhex(params["fingerprint"]))


def entries(listed: list[dict[str, str]]) -> list[Entry]:
    found: list[Entry] = []
    for each in listed:
        kind: type[Entry] = TYPES[EntryKind(each["kind"])]
        found.append(decode(kind, bytes.fromhex(each["body"]), element_bytes=0))
    return found


def log_of(params: dict[str, Any], setting: ReceiptSetting, given: dict[str, Any]) -> UnitLog:
    own, heads = entries(given["entries"]), entries(given["election"])
    notes = [Note.parse(given[name].encode()) for name in ("head", "checkpoint")]
    listed = [head for head in heads if isinstance(head, UnitHeadEntry)]
    log = show(setting, "North", own, notes[0], listed, notes[1]).verify(setting)
    roll = Roll.read(setting.manifest, [bytes.fromhex(frame) for frame in params["roll"]])
    return log.counting(setting, own, Credentials(roll, setting.fingerprint))


def moment(seconds: int | None) -> str | None:
    return None if seconds is None else moment_of(seconds)


def checked(params: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    setting = setting_of(params)
    found = check_receipt(
        setting,
        read_text(given["receipt"].encode()),
        at=None if given["at"] is None else seconds_of(given["at"]),
        checkpoints=[Note.parse(note.encode()) for note in given["checkpoints"]],
        log=None if given["log"] is None else log_of(params, setting, given["log"]),
    )
    return {
        "verdict": found.verdict.value,
        "leaf": None if found.leaf is None else found.leaf.hex().upper(),
        "index": found.index,
        "final": found.final,
        "due": moment(found.due),
        "witnessed": moment(found.witnessed),
        "superseded_by": found.superseded_by,
        "check": found.check,
    }


def test_the_file_is_made_again_byte_for_byte() -> None:
    assert (FOLDER / NAME).read_text(encoding="utf-8") == text(document())


def test_every_kind_of_case_and_every_verdict_is_met() -> None:
    assert set(GROUPS) == {"leaf", "check", "form", "answer"}
    verdicts = Counter(case["expect"]["verdict"] for case in GROUPS["check"]["cases"])
    assert set(verdicts) == {
        *("COUNTED", "SUPERSEDED", "REJECTED", "CHALLENGED", "LOGGED", "NOT YET DUE"),
        *("BROKEN PROMISE", "NOT INCLUDED", "FORGED", "SPLIT VIEW", "INVALID"),
    }


@pytest.mark.parametrize("case", GROUPS["leaf"]["cases"], ids=lambda case: str(case["id"]))
def test_the_leaf_agrees(case: dict[str, Any]) -> None:
    given = dict(case["input"])
    where = given.pop("origin")
    for name in ("voter", "ballot", "previous"):
        given[name] = bytes.fromhex(given[name])
    fingerprint = bytes.fromhex(GROUPS["leaf"]["params"]["fingerprint"])
    assert Ballot(**given).leaf(fingerprint, where).hex().upper() == case["expect"]


@pytest.mark.parametrize("case", GROUPS["check"]["cases"], ids=lambda case: str(case["id"]))
def test_the_verdict_agrees(case: dict[str, Any]) -> None:
    assert checked(GROUPS["check"]["params"], case["input"]) == case["expect"]


@pytest.mark.parametrize("case", GROUPS["form"]["cases"], ids=lambda case: str(case["id"]))
def test_the_forms_agree(case: dict[str, Any]) -> None:
    data = case["input"]["receipt"].encode()
    if case["expect"] == "decode":
        assert outcome(lambda: read_text(data)) == "decode"
        return
    setting = setting_of(GROUPS["form"]["params"])
    receipt = read_text(data)
    assert write_text(receipt) == data
    packed = pack(setting, receipt)
    assert {"compact": packed.hex().upper(), "letters": letters(packed)} == case["expect"]
    assert unpack(setting, read_letters(case["expect"]["letters"])).ballot == receipt.ballot


@pytest.mark.parametrize("case", GROUPS["answer"]["cases"], ids=lambda case: str(case["id"]))
def test_what_a_device_accepts_agrees(case: dict[str, Any]) -> None:
    given, setting = case["input"], setting_of(GROUPS["answer"]["params"])
    own = read_text(given["own"].encode()).ballot
    answer = decode(AdmissionReceipt, bytes.fromhex(given["answer"]), element_bytes=0)
    now = seconds_of(given["now"])
    assert outcome(lambda: accept_admission(setting, own, answer, now=now)) == case["expect"]
