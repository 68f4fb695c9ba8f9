"""One decryption and its proof: the equations of verifications 9, 10.A, 11, 12, 13.A and 14, and F.9.

A published value is T with M = B / T, and the proof says that M = A^s where K = g^s. Since T = K^t is a
member if the count is right, T is tested for membership only where it is not.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from evote.errors import DecodeError, VerificationError
from evote.groups import Element
from evote.interop.electionguard2 import hashes
from evote.interop.electionguard2.contestdata import holds, row_form
from evote.interop.electionguard2.run import Keys, Letters, Run, claimed, member, scalars
from evote.interop.electionguard2.values import DecryptedOption, OpenedData
from evote.proofs.relation import RelationProof, same_exponent
from evote.proofs.verify import verify


@dataclass(frozen=True, slots=True)
class Equations:
    """The checks that speak of a decryption: range of responses, the proof, the value."""

    response: str
    proof: str
    value: str


TALLY = Equations("9.A", "9.B", "10.A")
BALLOT = Equations("12.A", "12.B", "13.A")


@dataclass(frozen=True, slots=True)
class DataEquations:
    """The checks that speak of decrypted contest data."""

    response: str
    proof: str


COUNTED_DATA = DataEquations("11.A", "11.B")
CHALLENGED_DATA = DataEquations("14.A", "14.B")


def check_decryption(
    run: Run,
    keys: Keys,
    sides: tuple[Element, Element],
    option: DecryptedOption,
    ids: Equations,
    where: str,
) -> None:
    """The value and the proof of one decrypted pair, whose (A, B) are ``sides``."""
    group, report = keys.group, run.report
    c, v = scalars(run, group, option.proof, Letters(None, ids.response), where)
    expected = group.power(keys.public.base, group.scalar(option.count))
    report.count(ids.value)
    value: Element | None = expected
    if option.value != expected.encode():
        report.fail(
            ids.value,
            where,
            f"the decrypted value is not K^{option.count}",
            expected=expected.encode().hex(),
            computed=option.value.hex(),
        )
        value = _member_of(keys, option.value)
    if value is None:
        run.skip((ids.proof,), f"{where}: the decrypted value is not in the group ({ids.value})")
        return
    alpha, beta = sides
    factor = group.multiply(beta, group.invert(value))
    challenge = hashes.decryption_challenge(
        keys.profile, keys.extended, keys.encoded, alpha.encode(), beta.encode(), factor.encode()
    )
    report.count(ids.proof)
    relation = same_exponent((group.generator, keys.public.base), (alpha, factor))
    try:
        verify(group, relation, RelationProof(c, (v,)), challenge)
    except VerificationError as error:
        report.fail(ids.proof, where, error.message, expected=error.expected, computed=error.computed)


def _member_of(keys: Keys, data: bytes) -> Element | None:
    try:
        return keys.group.decode(data)
    except (DecodeError, VerificationError):
        return None


def check_data(run: Run, keys: Keys, contest: str, data: OpenedData, ids: DataEquations, where: str) -> None:
    """The proof for beta, and F.9: C2 is the code of the ciphertext, and what it holds is what is said."""
    group, report = keys.group, run.report
    c, v = scalars(run, group, data.proof, Letters(None, ids.response), where)
    report.count(ids.proof)
    first = claimed(run, group, data.sealed.c0, ids.proof, where)
    base = None if first is None else member(run, first, ids.proof, where)
    beta = claimed(run, group, data.beta, ids.proof, where)
    if base is not None and beta is not None:
        challenge = hashes.data_challenge(keys.profile, keys.extended, keys.encoded, data.sealed, data.beta)
        relation = same_exponent((group.generator, keys.public.base), (base, beta))
        try:
            verify(group, relation, RelationProof(c, (v,)), challenge)
        except VerificationError as error:
            report.fail(ids.proof, where, error.message, expected=error.expected, computed=error.computed)
    _check_content(run, keys, contest, data, where)


def _check_content(run: Run, keys: Keys, contest: str, data: OpenedData, where: str) -> None:
    sealed, report = data.sealed, run.report
    key = hashes.data_key(keys.extended, keys.encoded, sealed, data.beta)
    report.count("F.9")
    computed = hashes.data_mac(key, contest, sealed)
    if not hmac.compare_digest(computed, sealed.c2):
        report.fail(
            "F.9", where, "C2 is not the code of C0 and C1", expected=computed.hex(), computed=sealed.c2.hex()
        )
        return
    report.count("F.9")
    plain = hashes.data_plaintext(key, contest, sealed)
    if not holds(plain, data):
        report.fail(
            "F.9",
            where,
            "the contest data holds something else than is said",
            expected=plain.hex(),
            computed=row_form(data).hex(),
        )
