"""SHARES and RECOVERY, and the values and counts that follow: one decrypted option.

Used for sums and for spoiled ballots alike. Each guardian gives M_i with a proof; for one that was not
there, each of those that were gives a part with a proof under the recovery key, which follows from the
missing guardian's commitments, and the share is the product of the parts to the Lagrange coefficients.
Keys and coefficients are those computed here; what the record says of them is compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.groups import Claimed, Element, MembershipError
from evote.interop.electionguard1 import statements
from evote.interop.electionguard1.ballots import check_range, known_all
from evote.interop.electionguard1.checks import DECRYPTIONS
from evote.interop.electionguard1.keys import Keys
from evote.interop.electionguard1.layout import text_of
from evote.interop.electionguard1.statements import Claim, answered
from evote.interop.electionguard1.values import DecryptedOption, Part, Share
from evote.proofs.relation import RelationProof
from evote.report import ReportBuilder


@dataclass(frozen=True, slots=True)
class Ids:
    """The checks that speak of a kind of decryption: values and counts."""

    value: str
    count: str


SUMS = Ids("RESULT.3", "RESULT.4")
SPOILED = Ids("SPOILED.3", "SPOILED.4")


@dataclass(frozen=True, slots=True)
class _Letters:
    """The checks that speak of a proof: range, challenge, equation."""

    member: str
    challenge: str
    equation: str


_SHARE = _Letters("SHARES.2", "SHARES.3", "SHARES.4")
_PART = _Letters("RECOVERY.3", "RECOVERY.4", "RECOVERY.5")


def check_option(
    keys: Keys, report: ReportBuilder, option: DecryptedOption, ids: Ids, where: str
) -> list[Claim]:
    """One decrypted option; its equations are returned."""
    alpha = _alpha(keys, report, option, where)
    if alpha is None:
        report.skip((*DECRYPTIONS, ids.value), f"{where}: the ciphertext is not in the subgroup (SHARES.2)")
        return []
    claims: list[Claim] = []
    factors = [
        _check_share(keys, report, option, alpha, share, claims, f"{where}, guardian {share.guardian!r}")
        for share in option.shares
    ]
    _check_guardians(keys, report, option, where)
    _check_value(keys, report, option, factors, ids, where)
    return claims


def _alpha(keys: Keys, report: ReportBuilder, option: DecryptedOption, where: str) -> Element | None:
    known = known_all(keys, report, "SHARES.2", (option.pair.pad,), where)
    if known is None:
        return None
    try:
        return keys.group.powers_of_claimed(known[0], ())[1]
    except MembershipError as error:
        report.fail("SHARES.2", where, error.message)
        return None


def _check_guardians(keys: Keys, report: ReportBuilder, option: DecryptedOption, where: str) -> None:
    """SHARES.1: every guardian once; shares of their own from exactly those that were there."""
    report.count("SHARES.1")
    names = sorted(share.guardian for share in option.shares)
    if names != sorted(keys.setting.guardians):
        message = "there is not one share for each guardian"
        report.fail(
            "SHARES.1",
            where,
            message,
            expected=", ".join(sorted(keys.setting.guardians)),
            computed=", ".join(names),
        )
        return
    own = {share.guardian for share in option.shares if share.proof is not None}
    if own != keys.setting.available or len(own) < keys.setting.quorum:
        message = "the guardians that were there are not those with coefficients, or no quorum"
        report.fail(
            "SHARES.1",
            where,
            message,
            expected=", ".join(sorted(keys.setting.available)),
            computed=", ".join(sorted(own)),
        )


def _check_share(
    keys: Keys,
    report: ReportBuilder,
    option: DecryptedOption,
    alpha: Element,
    share: Share,
    claims: list[Claim],
    where: str,
) -> Claimed | None:
    """One share; M_i, if it is in range."""
    known = known_all(keys, report, "SHARES.2", (share.factor,), where)
    report.count("SHARES.2")
    if share.guardian not in keys.setting.guardians:
        return known[0] if known else None  # SHARES.1 names it
    if share.proof is not None:
        if known is not None:
            public = keys.guardian(share.guardian)
            _check_proof(keys, report, option, alpha, public, share, known[0], _SHARE, claims, where)
        return known[0] if known else None
    parts = share.parts or {}
    report.count("RECOVERY.1")
    if set(parts) != keys.setting.available or share.guardian in parts:
        report.fail(
            "RECOVERY.1",
            where,
            "the parts are not those of the guardians that were there",
            expected=", ".join(sorted(keys.setting.available)),
            computed=", ".join(sorted(parts)),
        )
        report.skip(DECRYPTIONS[5:], f"{where}: the parts are not those that are wanted (RECOVERY.1)")
        return known[0] if known else None
    values = {
        name: _check_part(
            keys, report, option, alpha, share.guardian, part, claims, f"{where}, part of {name!r}"
        )
        for name, part in parts.items()
    }
    _check_recovered(keys, report, values, known, where)
    return known[0] if known else None


def _check_part(
    keys: Keys,
    report: ReportBuilder,
    option: DecryptedOption,
    alpha: Element,
    missing: str,
    part: Part,
    claims: list[Claim],
    where: str,
) -> Claimed | None:
    """One part of a recovered share; M_i,l, if it is in range."""
    if part.instead_of != missing:
        report.fail(
            "RECOVERY.1",
            where,
            "the part is in place of another guardian",
            expected=missing,
            computed=part.instead_of,
        )
    public = keys.recovery(missing, part.by)
    report.count("RECOVERY.2")
    wanted = text_of(int.from_bytes(public.encode(), "big"))
    if part.key != wanted:
        report.fail("RECOVERY.2", where, "the recovery key is another", expected=wanted, computed=part.key)
    known = known_all(keys, report, "RECOVERY.3", (part.factor,), where)
    report.count("RECOVERY.3")
    if known is None:
        return None
    _check_proof(keys, report, option, alpha, public, part, known[0], _PART, claims, where)
    return known[0]


def _check_proof(
    keys: Keys,
    report: ReportBuilder,
    option: DecryptedOption,
    alpha: Element,
    public: Element,
    stated: Share | Part,
    factor: Claimed,
    letters: _Letters,
    claims: list[Claim],
    where: str,
) -> None:
    """Range and challenge of a proof; its equation becomes a claim."""
    proof, group = stated.proof, keys.group
    if proof is None:
        raise ValueError("a share without a proof has none to check")
    numbers = [int(proof.challenge, 16), int(proof.response, 16)]
    fits = check_range(report, letters.member, group.order, numbers, where)
    report.count(letters.challenge)
    hashed = keys.hashes.challenge(keys.extended, option.pair, *proof.commitments, stated.factor)
    if int(hashed, 16) != numbers[0] % group.order:
        report.fail(
            letters.challenge,
            where,
            "the challenge is not the hash",
            expected=hashed,
            computed=proof.challenge,
        )
    commitments = known_all(keys, report, letters.member, proof.commitments, where)
    if commitments is None:
        report.skip(letters.equation, f"{where}: a commitment is not in the group")
        return
    statement = statements.share(group, alpha, public, factor)
    answer: RelationProof = answered(group, *numbers)
    claims.append(Claim(where, letters.member, letters.equation, statement, answer, commitments, fits))


def _check_recovered(
    keys: Keys,
    report: ReportBuilder,
    parts: dict[str, Claimed | None],
    known: tuple[Claimed, ...] | None,
    where: str,
) -> None:
    """RECOVERY.7: the share is the product of the parts to their coefficients."""
    values = [value for value in parts.values() if value is not None]
    if known is None or len(values) != len(parts):
        report.skip("RECOVERY.7", f"{where}: a share is not in the group")
        return
    report.count("RECOVERY.7")
    powers = [keys.coefficient(name) for name in parts]
    if keys.group.combination(values, powers) != known[0]:
        report.fail("RECOVERY.7", where, "the share is not put together from its parts")


def _check_value(
    keys: Keys,
    report: ReportBuilder,
    option: DecryptedOption,
    factors: list[Claimed | None],
    ids: Ids,
    where: str,
) -> None:
    """M prod M_i = B, and M = g^t."""
    group = keys.group
    report.count_all({ids.value: 1, ids.count: 1})
    power = group.power(group.generator, group.scalar(option.count))
    wanted = text_of(int.from_bytes(power.encode(), "big"))
    if option.value != wanted:
        report.fail(
            ids.count, where, "the value is not g to the count", expected=wanted, computed=option.value
        )
    known = [factor for factor in factors if factor is not None]
    pair = known_all(keys, report, ids.value, (option.value, option.pair.data), where)
    if pair is None:
        return
    if len(known) != len(factors):
        report.skip(ids.value, f"{where}: a share is not in the group (SHARES.2)")
    elif group.product_of_claimed((pair[0], *known)) != pair[1]:
        report.fail(ids.value, where, "the value is not the ciphertext without the shares")


def allowed(counts: dict[str, int], limit: int) -> bool:
    """Whether the votes of a spoiled ballot in one contest are 0 or 1 each, and at most the limit."""
    return all(count in (0, 1) for count in counts.values()) and sum(counts.values()) <= limit
