"""Guardian records, devices and openings of another form than the election has: named, never passed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots.hashes import device_hash
from evote.ceremony import GuardianRecords
from evote.ceremony.hashes import extended_base_hash, guardian_hash, record_commitment
from evote.ceremony.messages import JointKeys
from evote.record import RecordReader, Stage
from evote.record.values import DevicesFile
from evote.report import Report, Status
from evote.testing.elections import Kit, Published
from evote.verifier.verify import _verify
from tests.verifier.alone import ceremony, honest

Edit = Callable[[GuardianRecords], GuardianRecords]


def verify(kit: Kit, published: Published, tmp_path: Path, stage: Stage = Stage.FINAL) -> Report:
    directory = kit.write(published, tmp_path / "record", stage=stage)
    return _verify(RecordReader(directory, {kit.group.name: kit.group}), stage=stage)


FORMS: dict[str, tuple[Edit, set[str]]] = {
    "a confirmation too few": (lambda r: replace(r, confirmations=r.confirmations[:-1]), {"E.8"}),
    "a confirmation too many": (
        lambda r: replace(r, confirmations=(*r.confirmations, r.confirmations[0])),
        {"E.8"},
    ),
    "no confirmation": (lambda r: replace(r, confirmations=()), {"E.8"}),
    "a commitment too few": (lambda r: replace(r, round0=r.round0[:-1]), {"E.9"}),
    "a commitment too many": (lambda r: replace(r, round0=(*r.round0, r.round0[0])), {"E.9"}),
    "no commitment, although declared": (lambda r: replace(r, round0=()), {"E.15"}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_guardian_record_of_another_form_fails_where_its_form_is_stated(form: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    edit, fails = FORMS[form]
    published.guardians = edit(published.guardians)
    assert set(verify(kit, published, tmp_path).failed) == fails


def _again(kit: Kit, records: tuple) -> GuardianRecords:  # type: ignore[type-arg]
    """Round 0 and confirmations for other records, as guardians who work together would publish them."""
    group = kit.group
    vote = group.product(group.decode(record.vote_commitments[0]) for record in records).encode()
    data = group.product(group.decode(record.data_commitments[0]) for record in records).encode()
    hashed = guardian_hash(kit.setting.base_hash, vote, data, records)
    round0 = tuple(record_commitment(kit.setting.base_hash, record) for record in records)
    return GuardianRecords(records, round0, (hashed,) * kit.setting.guardians)


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 0, 2), (0, 1), (0, 1, 2, 2), (0, 1, 2, 0)])
def test_every_guardian_stands_there_once_and_in_order(order: tuple[int, ...], tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    published.guardians = _again(kit, tuple(kit.records.guardians[number] for number in order))
    assert "E.16" in verify(kit, published, tmp_path, Stage.SETUP).failed


@pytest.mark.parametrize("field", ["vote_commitments", "data_commitments"])
def test_a_joint_key_that_is_the_identity_is_e18(field: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    first, second, third = kit.records.guardians
    group = kit.group
    others = group.product(group.decode(getattr(record, field)[0]) for record in (first, second))
    cancelling = replace(third, **{field: (group.invert(others).encode(), *getattr(third, field)[1:])})
    published.guardians = _again(kit, (first, second, cancelling))
    one = group.identity.encode()
    vote = one if field == "vote_commitments" else kit.keys.vote_key
    data = one if field == "data_commitments" else kit.keys.data_key
    published.keys = JointKeys(vote, data, extended_base_hash(kit.setting.base_hash, vote, data))
    report = verify(kit, published, tmp_path, Stage.SETUP)
    assert "E.18" in report.failed
    assert any("is the identity" in finding.message for finding in report.check("E.18").findings)


@pytest.mark.parametrize("field", ["vote_commitments", "data_commitments"])
def test_a_polynomial_of_another_degree_is_2a(field: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    first, *rest = kit.records.guardians
    longer = replace(first, **{field: (*getattr(first, field), first.communication_key)})
    published.guardians = _again(kit, (longer, *rest))
    assert "2.A" in verify(kit, published, tmp_path, Stage.SETUP).failed


# --- devices and openings ----------------------------------------------------------------------------

DEVICES: dict[str, Callable[[DevicesFile], DevicesFile]] = {
    "no device": lambda file: DevicesFile(()),
    "a device twice": lambda file: DevicesFile(file.devices * 2),
    "a code too many": lambda file: DevicesFile(
        (replace(file.devices[0], codes=(*file.devices[0].codes, bytes(32))),)
    ),
    "a code left out": lambda file: DevicesFile((replace(file.devices[0], codes=file.devices[0].codes[1:]),)),
    "a code twice": lambda file: DevicesFile(
        (replace(file.devices[0], codes=(file.devices[0].codes[0], *file.devices[0].codes)),)
    ),
    "a ballot listed by another device": lambda file: DevicesFile(
        (
            replace(file.devices[0], codes=file.devices[0].codes[1:]),
            replace(
                file.devices[0],
                device="device 2",
                device_hash=device_hash(ceremony("small").election.extended_hash, "device 2"),
                codes=file.devices[0].codes[:1],
            ),
        )
    ),
}


@pytest.mark.parametrize("what", DEVICES)
def test_e13_for_devices_that_do_not_account_for_the_ballots(what: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    published.devices = DEVICES[what](published.devices)
    assert verify(kit, published, tmp_path).failed == ("E.13",)


def test_codes_of_a_chain_in_another_order_break_its_links_and_its_end(tmp_path: Path) -> None:
    kit = ceremony("chained")
    published = honest(kit)
    (device,) = published.devices.devices
    published.devices = DevicesFile((replace(device, codes=device.codes[::-1]),))
    assert verify(kit, published, tmp_path).failed == ("8.E", "8.G")


def test_a_chain_that_nobody_declared_is_e16(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    (device,) = published.devices.devices
    chained = replace(
        device,
        initial_field=bytes(36),
        initial_hash=bytes(32),
        closing_field=bytes(36),
        closing_hash=bytes(32),
    )
    published.devices = DevicesFile((chained,))
    assert verify(kit, published, tmp_path).failed == ("E.16",)


def test_a_declared_chain_that_is_not_published_fails_its_start_and_its_end(tmp_path: Path) -> None:
    kit = ceremony("chained")
    published = honest(kit)
    (device,) = published.devices.devices
    bare = replace(device, initial_field=None, initial_hash=None, closing_field=None, closing_hash=None)
    published.devices = DevicesFile((bare,))
    assert verify(kit, published, tmp_path).failed == ("8.F", "8.G")


def test_a_ballot_that_is_opened_twice_is_e13(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    published.openings.append(published.openings[0])
    assert verify(kit, published, tmp_path).failed == ("E.13",)


@pytest.mark.parametrize("edit", [lambda data: [*data, data[0]], lambda data: data[::-1]])
def test_contest_data_twice_or_in_another_order_is_e20(
    edit: Callable[[list], list],  # type: ignore[type-arg]
    tmp_path: Path,
) -> None:
    kit = ceremony("opened")
    published = honest(kit)
    results = kit.results(published)
    published.result, published.csv = results["result.json"], results["result.csv"]
    published.data = edit(published.data)
    report = verify(kit, published, tmp_path)
    assert report.failed == ("E.20",)
    assert report.check("E.14").status is Status.NOT_CHECKED


def test_contest_data_that_nobody_may_open_is_e20(tmp_path: Path) -> None:
    kit, other = ceremony("small"), ceremony("opened")
    published = honest(kit)
    published.data = honest(other).data
    results = kit.results(replace(published, data=[]))
    published.result, published.csv = results["result.json"], results["result.csv"]
    assert verify(kit, published, tmp_path).failed == ("E.20",)
