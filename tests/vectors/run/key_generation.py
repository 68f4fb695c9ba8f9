"""``key-generation.json``: records made and checked, and what follows from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evote.ceremony import Setting
from evote.ceremony.assembly import view_of
from evote.ceremony.check import (
    check_binding,
    check_commitment,
    examine_guardian_record,
    verify_guardian_record,
)
from evote.ceremony.hashes import record_commitment
from evote.ceremony.joint import data_share_commitment, key_faults, share_commitment
from evote.ceremony.keys import GuardianSecrets, make_record
from evote.ceremony.messages import GuardianRecord
from evote.errors import DecodeError, VerificationError
from evote.groups import Scalar
from evote.secret import Secret
from tests.vectors.form import members, read_value, written
from tests.vectors.run import Kinds, Result, findings
from tests.vectors.scripted import Scripted
from tests.vectors.setting import package_group

FILE = "key-generation.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](setting_of(params), **given)


def setting_of(params: Mapping[str, Any]) -> Setting:
    """The package's setting of a group of cases."""
    return Setting(
        package_group(params["group"]),
        params["guardians"],
        params["quorum"],
        bytes.fromhex(params["parameter_hash"]),
        bytes.fromhex(params["base_hash"]),
    )


def _read(setting: Setting, record: Any) -> GuardianRecord:
    return read_value(GuardianRecord, record, setting.group.element_bytes)


def _record(setting: Setting, index: int, secrets: dict[str, Any], random: dict[str, list[str]]) -> Result:
    group = setting.group
    vote, data, communication = members(secrets, "vote", "data", "communication")

    def held(value: str) -> Secret[Scalar]:
        return Secret(group.decode_scalar(bytes.fromhex(value)))

    drawn = GuardianSecrets(tuple(map(held, vote)), tuple(map(held, data)), held(communication))
    order = [u for us in members(random, "vote_u", "data_u", "binding_u") for u in us]
    rng = Scripted(numbers=[int(u, 16) for u in order])
    record = make_record(setting, index, drawn, rng)
    rng.end()
    return Result({"record": written(record), "commitment": record_commitment(setting.base_hash, record)})


def _verify(setting: Setting, record: dict[str, Any]) -> Result:
    try:
        read = _read(setting, record)
    except DecodeError:
        return Result("decode")
    return findings(examine_guardian_record(setting, read))


def _round0(setting: Setting, record: dict[str, Any], commitment: str) -> Result:
    read = _read(setting, record)
    if findings(examine_guardian_record(setting, read)).expect != "accept":
        raise AssertionError("the record fails verification 2, which these cases are not about")
    try:
        check_binding(setting, read)
        check_commitment(setting, read, bytes.fromhex(commitment))
    except VerificationError:
        return Result("verify", ("E.9",))
    return Result("accept")


def _joint(setting: Setting, records: list[Any]) -> Result:
    read = [_read(setting, record) for record in records]
    try:
        keys, guardian_hash = view_of(setting, read)
    except VerificationError:
        return Result("verify")
    return Result({**written(keys), "guardian_hash": guardian_hash})


def _distinct(setting: Setting, records: list[Any]) -> Result:
    faults = list(key_faults(setting, [_read(setting, record) for record in records]))
    return Result("verify", ("E.18",)) if faults else Result("accept")


def _shares(setting: Setting, records: list[Any], index: int) -> Result:
    verified = [verify_guardian_record(setting, _read(setting, record)) for record in records]
    return Result(
        {
            "vote": share_commitment(setting, verified, index).encode(),
            "data": data_share_commitment(setting, verified, index).encode(),
        }
    )


KINDS: Kinds = {
    "record": _record,
    "verify": _verify,
    "round 0": _round0,
    "joint keys": _joint,
    "distinct keys": _distinct,
    "public shares": _shares,
}
