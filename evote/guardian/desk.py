"""A guardian's private folder, with what it needs to know of the election on its own machine.

=======================  ==================================================================
file                     content
=======================  ==================================================================
``manifest.json``        a copy of the election's manifest, byte for byte
``parameters.msgpack``   a copy of its parameters
``guardian.json``        which guardian this is; not secret
the rest                 what :class:`evote.guardian.machine.Guardian` keeps there
=======================  ==================================================================

The copies are the guardian's own: what is published later is compared with them, not the other way
round.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from evote.ballots import ceremony_setting
from evote.errors import DecodeError, RefusedError, StorageError
from evote.groups import Group
from evote.guardian.machine import Guardian
from evote.manifest import Manifest, Parameters, read_json
from evote.record import RecordReader, load_setup, read_limited, write_atomic
from evote.record.layout import LIMITS, MANIFEST, PARAMETERS
from evote.secret import Secret

GUARDIAN = "guardian.json"

_MAX_GUARDIAN_BYTES = 1024


class GuardianDesk:
    """One guardian's folder; made by :meth:`prepare` (new) or :meth:`open`."""

    def __init__(
        self, private: Path, parameters: Parameters, manifest: Manifest, copies: Mapping[str, bytes]
    ) -> None:
        self.private = private
        self.manifest = manifest
        self.setting = ceremony_setting(parameters, manifest)
        self.index = 0
        self._copies = copies

    @classmethod
    def prepare(cls, record: Path, private: Path, groups: Mapping[str, Group] | None) -> GuardianDesk:
        """A desk for the election of a record; nothing is written yet.

        Raises as :func:`evote.record.load_setup`, and :class:`RefusedError` if the private folder is in use
        or lies in the record.
        """
        reader = RecordReader(record, groups)
        parameters, manifest = load_setup(reader)
        own, public = private.resolve(), record.resolve()
        if own == public or public in own.parents or own in public.parents:
            raise RefusedError(
                f"{private} and {record} lie in each other; keep the private folder apart from the record"
            )
        if private.exists() and (not private.is_dir() or any(private.iterdir())):
            raise RefusedError(f"{private} is not an empty folder; every ceremony has a new one")
        copies = {name: reader.raw(name) for name in (PARAMETERS, MANIFEST)}
        return cls(private, parameters, manifest, copies)

    @classmethod
    def open(cls, private: Path, groups: Mapping[str, Group] | None) -> GuardianDesk:
        """The desk in a private folder.

        Raises :class:`StorageError` if there is none, :class:`DecodeError` if it is damaged.
        """
        if not (private / GUARDIAN).exists():
            raise StorageError("it is no guardian's private folder; 'evote guardian init' makes one")
        parameters, manifest = load_setup(RecordReader(private, groups))
        copies = {name: read_limited(private / name, LIMITS[name]) for name in (PARAMETERS, MANIFEST)}
        desk = cls(private, parameters, manifest, copies)
        value = read_json(read_limited(private / GUARDIAN, _MAX_GUARDIAN_BYTES))
        index = value.get("index") if isinstance(value, dict) else None
        if type(index) is not int or index not in desk.setting.indices:
            raise DecodeError("it does not say which guardian this is", GUARDIAN)
        desk.index = index
        return desk

    def begin(self, index: int, passphrase: Secret[str]) -> None:
        """Become guardian ``index``: draw its secrets, seal them, and keep the copies."""
        self.setting.require_index(index)
        self.index = index
        self.guardian(passphrase).begin()
        for name, data in self._copies.items():
            write_atomic(self.private / name, data)
        # Last, because it is what makes the folder a guardian's.
        write_atomic(self.private / GUARDIAN, json.dumps({"index": index}).encode())

    def guardian(self, passphrase: Secret[str]) -> Guardian:
        """The guardian who works in this folder."""
        return Guardian(self.private, passphrase, self.setting, self.index)


def require_folder(exchange: Path) -> None:
    """Raises :class:`StorageError` unless the exchange folder is there."""
    if not exchange.is_dir():
        raise StorageError(f"{exchange} is not a folder; make the exchange folder first, or check the path")
