"""Verifications 3 and 4, and E.19: joint keys, the extended base hash, the expected fingerprint.

What follows is checked under the keys and the H_E computed from the guardians' records. Where those
cannot be computed, the published keys take their place, so that a broken guardian record does not
hide what is wrong with the ballots.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.ballots import Election
from evote.ceremony import extended_base_hash
from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, Group
from evote.manifest import Parameters
from evote.record import layout
from evote.verifier.state import Verification


def product(group: Group, keys: Sequence[bytes]) -> Claimed | None:
    """The product of encoded keys, members or not; None for none, or if one is out of range."""
    try:
        claimed = [group.claim(key) for key in keys]
    except DecodeError:
        return None
    return group.product_of_claimed(claimed) if claimed else None


def check_keys(run: Verification) -> None:
    """3.A, 3.B, 4.A and E.19; leaves the election behind if both keys are members."""
    report, stated = run.report, run.keys
    if run.setting is None:
        run.skip(("3.A", "3.B", "4.A", "E.19"), "the parameters are not known")
        return
    group = run.setting.group
    computed: list[Claimed | None] = [None, None]
    if run.guardians is None:
        run.skip(("3.A", "3.B"), f"{layout.GUARDIANS} cannot be read")
    else:
        records = run.guardians.guardians
        computed = [
            product(group, [key for record in records for key in record.vote_commitments[:1]]),
            product(group, [key for record in records for key in record.data_commitments[:1]]),
        ]
    if stated is None:
        run.skip(("3.A", "3.B", "4.A"), f"{layout.KEYS} cannot be read")
    else:
        for identifier, name, value, published in (
            ("3.A", "vote_key", computed[0], stated.vote_key),
            ("3.B", "data_key", computed[1], stated.data_key),
        ):
            if value is None:
                run.skip((identifier,), "a guardian's key is out of range (2.A)")
                continue
            report.compare(
                identifier,
                f"{layout.KEYS}, {name}",
                "the joint key is not the product of the guardians' keys",
                expected=value.encode(),
                computed=published,
            )
        for place, published in enumerate((stated.vote_key, stated.data_key)):
            if computed[place] is None:
                computed[place] = _claim(group, published)
    vote, data = computed
    if vote is None or data is None:
        run.skip(("4.A", "E.19"), "a joint key cannot be computed")
        return
    _check_hash(run, vote, data)
    _make_election(run, vote, data)


def _check_hash(run: Verification, vote: Claimed, data: Claimed) -> None:
    """4.A and E.19."""
    if run.setting is None:
        return
    computed = extended_base_hash(run.setting.base_hash, vote.encode(), data.encode())
    if run.keys is not None:
        run.report.compare(
            "4.A",
            f"{layout.KEYS}, extended_hash",
            "H_E is another",
            expected=computed,
            computed=run.keys.extended_hash,
        )
    run.fingerprint = computed
    if run.expect is None:
        run.report.not_applicable("E.19", "no fingerprint was expected")
        run.report.warn(
            f"The record is consistent with the fingerprint {computed.hex()}. Compare it with the one that "
            "was announced: a record that is made up as a whole is consistent too."
        )
        return
    run.report.count("E.19")
    if run.expect != computed.hex():
        run.report.fail(
            "E.19",
            "the record",
            "this is not the election with the expected fingerprint",
            expected=run.expect,
            computed=computed.hex(),
        )


def _make_election(run: Verification, vote: Claimed, data: Claimed) -> None:
    setting, manifest = run.setting, run.manifest
    if setting is None or manifest is None:
        return
    members = [_member(setting.group, key) for key in (vote, data)]
    if members[0] is None or members[1] is None:
        return
    parameters = Parameters(setting.group, setting.guardians, setting.quorum)
    run.election = Election.of(parameters, manifest, members[0], members[1])


def _claim(group: Group, data: bytes) -> Claimed | None:
    try:
        return group.claim(data)
    except DecodeError:
        return None


def _member(group: Group, key: Claimed) -> Element | None:
    try:
        return group.decode(key.encode())
    except VerificationError:
        return None
