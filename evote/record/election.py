"""From the files of a record to the election that they describe, for those who take part in it.

Guardians, voting devices and command lines use :func:`load_election`, which raises at the first
thing that does not fit. The verifier does not: it reports instead, and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping

from evote.ballots import Election, ceremony_setting
from evote.ceremony import joint_keys
from evote.errors import VerificationError
from evote.groups import Group
from evote.manifest import Manifest, Parameters
from evote.record.reader import RecordReader
from evote.record.values import ParametersFile


def parameters_file(parameters: Parameters, manifest: Manifest) -> ParametersFile:
    """What ``parameters.msgpack`` of an election states."""
    group = parameters.group
    p, q, g = group.published_parameters()
    setting = ceremony_setting(parameters, manifest)
    return ParametersFile(
        group.version,
        group.name,
        p,
        q,
        g,
        parameters.guardians,
        parameters.quorum,
        setting.parameter_hash,
        setting.base_hash,
    )


def load_setup(reader: RecordReader) -> tuple[Parameters, Manifest]:
    """Parameters and manifest of a record that has no keys yet, or more.

    Raises :class:`DecodeError`, :class:`StorageError`, :class:`~evote.manifest.ManifestError`, and
    :class:`VerificationError` with the number of the check (1.A to 1.F) if a value that the record
    states is not the one computed.
    """
    group: Group = reader.group()
    stated = reader.parameters()
    manifest = reader.manifest()
    if stated.quorum > stated.guardians:
        raise VerificationError("the quorum is more than the number of guardians", where="parameters.msgpack")
    parameters = Parameters(group, stated.guardians, stated.quorum)
    computed = parameters_file(parameters, manifest)
    for check, name in (
        ("1.A", "version"),
        ("1.B", "p"),
        ("1.C", "q"),
        ("1.D", "g"),
        ("1.E", "parameter_hash"),
        ("1.F", "base_hash"),
    ):
        _compare(check, f"parameters.msgpack, {name}", getattr(stated, name), getattr(computed, name))
    return parameters, manifest


def load_election(
    reader: RecordReader, groups: Mapping[str, Group] | None = None, *, window: int = 8
) -> Election:
    """The election of a record, with H_P, H_B, K, K̂ and H_E computed and compared with what is stated.

    ``groups`` replaces the groups that the reader knows, ``window`` is the size of the tables of both
    keys. Proofs of the guardians are not looked at.
    Raises as :func:`load_setup`, and :class:`VerificationError` for 3.A, 3.B and 4.A, and (E.18) for a
    joint key that is the identity.
    """
    if groups is not None:
        reader = RecordReader(reader.directory, groups)
    parameters, manifest = load_setup(reader)
    records, stated = reader.guardians(), reader.keys()
    setting = ceremony_setting(parameters, manifest)
    keys = joint_keys(setting, records.guardians)
    if parameters.group.identity in (keys.vote_key, keys.data_key):
        raise VerificationError(
            "a joint key is the identity, under which nothing is hidden",
            check="E.18",
            where="guardians.msgpack",
        )
    computed = keys.encode()
    _compare("3.A", "keys.msgpack, vote_key", stated.vote_key, computed.vote_key)
    _compare("3.B", "keys.msgpack, data_key", stated.data_key, computed.data_key)
    _compare("4.A", "keys.msgpack, extended_hash", stated.extended_hash, computed.extended_hash)
    return Election.of(parameters, manifest, keys.vote_key, keys.data_key, window=window)


def _compare(check: str, where: str, stated: bytes | str, computed: bytes | str) -> None:
    if stated != computed:
        raise VerificationError(
            "the record does not state the computed value",
            check=check,
            where=where,
            expected=_text(computed),
            computed=_text(stated),
        )


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.hex().upper()
