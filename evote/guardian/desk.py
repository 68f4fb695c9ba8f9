"""A guardian's private folder during key generation.

=======================  ==================================================================
file                     content
=======================  ==================================================================
``manifest.json``        a copy of the election's manifest, byte for byte
``parameters.msgpack``   a copy of its parameters
``guardian.json``        which guardian this is; not secret
``ceremony.sealed``      the state of :class:`evote.guardian.keygen.KeyGeneration`
=======================  ==================================================================

The copies are the guardian's own: what is published later is compared with them, not the other way
round.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from evote.ceremony import GuardianShare, Setting
from evote.errors import DecodeError, RefusedError, StorageError
from evote.groups import Group
from evote.guardian.exchange import Exchange
from evote.guardian.keygen import KeyGeneration, Progress
from evote.manifest import Manifest, Parameters, base_hash, parameter_base_hash, read_json
from evote.record import RecordReader, load_setup, read_limited, write_atomic
from evote.record.layout import LIMITS, MANIFEST, PARAMETERS
from evote.secret import Secret
from evote.storage.keep import Keep

GUARDIAN = "guardian.json"
CEREMONY = "ceremony.sealed"

_MAX_GUARDIAN_BYTES = 1024


class GuardianDesk:
    """One guardian's folder; made by :meth:`prepare` (new) or :meth:`open`."""

    def __init__(
        self, private: Path, parameters: Parameters, manifest: Manifest, copies: Mapping[str, bytes]
    ) -> None:
        hashed = parameter_base_hash(parameters)
        self.private = private
        self.manifest = manifest
        self.setting = Setting(
            parameters.group,
            parameters.guardians,
            parameters.quorum,
            hashed,
            base_hash(hashed, manifest.raw),
        )
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
        try:
            self.private.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self.private}: {error.strerror}; choose another folder") from error
        for name, data in self._copies.items():
            write_atomic(self.private / name, data)
        self._generation(Path(), passphrase).begin()
        # Last, because it is what makes the folder a guardian's.
        write_atomic(self.private / GUARDIAN, json.dumps({"index": index}).encode())

    def step(self, exchange: Path, passphrase: Secret[str]) -> Progress:
        """:meth:`KeyGeneration.advance` with that exchange folder."""
        if not exchange.is_dir():
            raise StorageError(f"{exchange} is not a folder; make the exchange folder, or check the path")
        return self._generation(exchange, passphrase).advance()

    def share(self, passphrase: Secret[str]) -> GuardianShare:
        """The guardian's share; raises :class:`RefusedError` before the ceremony has ended."""
        return self._generation(Path(), passphrase).share()

    def _generation(self, exchange: Path, passphrase: Secret[str]) -> KeyGeneration:
        keep = Keep(self.private / CEREMONY, passphrase)
        width = self.setting.group.element_bytes
        return KeyGeneration(self.setting, self.index, keep, Exchange(exchange, width))
