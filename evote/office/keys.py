"""From the guardians' messages to the keys in the record.

The office checks what everybody will check (verification 2 and the guardians' confirmations), writes
the guardians' record and the joint keys, and puts the record into the exchange folder, where every
guardian compares it with what it saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evote.ballots import ceremony_setting
from evote.ceremony import (
    Complaint,
    Confirmation,
    GuardianRecords,
    JointKeys,
    Round0Message,
    Round1Message,
    Setting,
    assemble_records,
    check_binding,
    check_commitment,
    check_confirmations,
    heed,
    joint_keys,
    verify_guardian_record,
)
from evote.errors import RefusedError
from evote.groups import Group
from evote.guardian import exchange as names
from evote.guardian.exchange import Exchange, from_guardian
from evote.record import RecordReader, RecordWriter, load_setup


def setting_of(record: Path, groups: Mapping[str, Group] | None) -> Setting:
    """The setting of the ceremony of a record that may have no keys yet."""
    return ceremony_setting(*load_setup(RecordReader(record, groups)))


def publish_keys(record: Path, exchange_folder: Path, groups: Mapping[str, Group] | None) -> JointKeys:
    """Write the guardians' record and the joint keys into the record; the keys.

    Raises :class:`RefusedError` while messages are missing, :class:`~evote.errors.CeremonyError` if
    somebody complained, and :class:`~evote.errors.VerificationError` for a record that does not hold.
    """
    setting = setting_of(record, groups)
    exchange = Exchange(exchange_folder, setting.group.element_bytes)
    complaining = [i for i in setting.indices if exchange.has(from_guardian(names.COMPLAINTS, i))]
    heed(setting, exchange.from_each(Complaint, names.COMPLAINTS, complaining))
    for folder, what in (
        (names.ROUND0, "commitment"),
        (names.ROUND1, "record"),
        (names.CONFIRMATIONS, "confirmation"),
    ):
        if missing := exchange.missing(folder, setting.indices):
            who = ", ".join(map(str, missing))
            raise RefusedError(f"{exchange_folder} lacks the {what} of guardian {who}; wait for it")
    records = assemble_records(
        setting,
        exchange.from_each(Round0Message, names.ROUND0, setting.indices),
        exchange.from_each(Round1Message, names.ROUND1, setting.indices),
        exchange.from_each(Confirmation, names.CONFIRMATIONS, setting.indices),
    )
    keys = _checked(setting, records)
    writer = RecordWriter.open(record, groups)
    writer.put_guardians(records)
    writer.put_keys(keys)
    exchange.send(names.GUARDIANS, records)
    return keys


def _checked(setting: Setting, records: GuardianRecords) -> JointKeys:
    for record, commitment in zip(records.guardians, records.round0, strict=True):
        verify_guardian_record(setting, record)
        check_binding(setting, record)
        check_commitment(setting, record, commitment)
    check_confirmations(setting, records)
    return joint_keys(setting, records.guardians).encode()
