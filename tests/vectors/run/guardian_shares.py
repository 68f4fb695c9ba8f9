"""``guardian-shares.json``: the package seals and opens shares."""

from __future__ import annotations

from typing import Any

from evote.ceremony import Setting
from evote.ceremony.check import VerifiedGuardian
from evote.ceremony.messages import GroupedProof, GuardianRecord, ShareMessage
from evote.ceremony.shares import open_share, seal_share
from evote.errors import VerificationError
from evote.groups import Element, Scalar
from evote.secret import Secret
from tests.vectors.form import members, read_value, written
from tests.vectors.run import Kinds, Result
from tests.vectors.run.key_generation import setting_of
from tests.vectors.scripted import Scripted

FILE = "guardian-shares.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](setting_of(params), **given)


def _guardian(
    setting: Setting, index: int, kappa: Element, vote: tuple[bytes, ...] = (), data: tuple[bytes, ...] = ()
) -> VerifiedGuardian:
    """A guardian as far as shares need one: what its record proves is the subject of another file."""
    none = GroupedProof(bytes(32), ())
    record = GuardianRecord(index, vote, data, kappa.encode(), none, none, none)
    decode = setting.group.decode
    return VerifiedGuardian(record, tuple(map(decode, vote)), tuple(map(decode, data)), kappa)


def _secret(setting: Setting, value: str) -> Secret[Scalar]:
    return Secret(setting.group.decode_scalar(bytes.fromhex(value)))


def _seal(
    setting: Setting,
    sender: int,
    receiver: int,
    kappa: str,
    vote_share: str,
    data_share: str,
    nonce: str,
    u: str,
) -> Result:
    rng = Scripted(numbers=[int(nonce, 16), int(u, 16)])
    to = _guardian(setting, receiver, setting.group.decode(bytes.fromhex(kappa)))
    vote, data = _secret(setting, vote_share), _secret(setting, data_share)
    made = seal_share(setting, sender, to, vote, data, rng)
    rng.end()
    return Result(written(made))


def _open(
    setting: Setting, message: dict[str, Any], sender: dict[str, Any], receiver: int, communication: str
) -> Result:
    group = setting.group
    zeta = _secret(setting, communication)
    to = _guardian(setting, receiver, group.power_secret(group.generator, zeta))
    index, *commitments = members(sender, "index", "vote_commitments", "data_commitments")
    vote, data = (tuple(bytes.fromhex(key) for key in keys) for keys in commitments)
    by = _guardian(setting, index, group.identity, vote, data)
    read = read_value(ShareMessage, message, group.element_bytes)
    try:
        shares = open_share(setting, read, by, to, zeta)
    except VerificationError:
        return Result("verify")
    opened = [share.reveal().encode() for share in shares]
    return Result({"vote_share": opened[0], "data_share": opened[1]})


KINDS: Kinds = {"seal": _seal, "open": _open}
