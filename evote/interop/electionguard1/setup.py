"""PARAMETERS, HASHES, GUARDIANS and KEY: what everything else rests on.

Every published hash is compared with one over computed values. The commitment hash takes the guardians in
the order of their numbers; the record does not say in which order they announced themselves.
"""

from __future__ import annotations

from evote.errors import DecodeError, VerificationError
from evote.groups import Element, MembershipError
from evote.interop.electionguard1 import statements
from evote.interop.electionguard1.checks import SETUP_CHECKS
from evote.interop.electionguard1.group import Parameters
from evote.interop.electionguard1.keys import GuardianKeys, Setting, claimed
from evote.interop.electionguard1.layout import text_of
from evote.interop.electionguard1.run import Run
from evote.interop.electionguard1.values import Constants, Context, Guardian, KeyProof, Manifest
from evote.proofs.relation import recompute

_LATER = tuple(name for name in SETUP_CHECKS if name.startswith(("HASHES", "GUARDIANS", "KEY")))


def check_parameters(run: Run, constants: Constants) -> None:
    """PARAMETERS: each number is that of the group."""
    p, q, g = (int.from_bytes(part, "big") for part in run.group.published_parameters())
    stated = (constants.large_prime, constants.small_prime, constants.cofactor, constants.generator)
    for number, (found, wanted) in enumerate(zip(stated, (p, q, (p - 1) // q, g), strict=True), start=1):
        run.report.count(f"PARAMETERS.{number}")
        if found != wanted:
            run.report.fail(
                f"PARAMETERS.{number}",
                "constants.json",
                "the number is another one",
                expected=f"{wanted:X}",
                computed=f"{found:X}",
            )


def check_setup(run: Run, parameters: Parameters | None) -> Setting | None:
    """HASHES, GUARDIANS and KEY; what ballots are checked with, if all of it could be had."""
    context, manifest = run.context, run.manifest
    if context is None or manifest is None:
        run.skip(_LATER, "the context or the manifest cannot be read (FILES.1)")
        return None
    guardians = sorted(run.guardians, key=lambda each: each.number)
    if run.unread_guardians:
        run.skip(("GUARDIANS.1", "HASHES.3", "HASHES.4", "KEY.1"), "a guardian cannot be read (FILES.1)")
    elif _check_number(run, context, guardians):
        members = _check_guardians(run, guardians)
        run.extended = _check_hashes(run, context, manifest, guardians)
        key = _check_key(run, context, guardians, members)
        if key is not None:
            return _setting(run, context, manifest, guardians, key, parameters)
        return None
    else:
        run.skip(
            ("HASHES.3", "HASHES.4", "KEY.1"), "the guardians are not those that are stated (GUARDIANS.1)"
        )
    _check_guardians(run, guardians)
    _check_base(run, context, manifest)
    return None


def _setting(
    run: Run,
    context: Context,
    manifest: Manifest,
    guardians: list[Guardian],
    key: Element,
    parameters: Parameters | None,
) -> Setting:
    width = run.group.element_bytes
    found = {
        each.label: GuardianKeys(
            each.number, tuple(bytes.fromhex(text).rjust(width, b"\x00") for text in each.commitments)
        )
        for each in guardians
    }
    available = frozenset(run.coefficients or ()).intersection(found)
    return Setting(parameters, manifest, key.encode(), run.extended, context.quorum, found, available)


# --- hashes ------------------------------------------------------------------------------------------


def _check_base(run: Run, context: Context, manifest: Manifest) -> str:
    """HASHES.1 and HASHES.2; Q as computed."""
    _compare(run, "HASHES.1", "the manifest hash is another", manifest.hash, context.manifest)
    base = run.hashes.base(run.group, context.guardians, context.quorum, manifest.hash)
    _compare(run, "HASHES.2", "the base hash is another", base, context.base)
    return base


def _check_hashes(run: Run, context: Context, manifest: Manifest, guardians: list[Guardian]) -> str:
    """HASHES; Q-bar as computed."""
    base = _check_base(run, context, manifest)
    commitments = run.hashes.commitments([text for each in guardians for text in each.commitments])
    _compare(run, "HASHES.3", "the commitment hash is another", commitments, context.commitments)
    extended = run.hashes.extended(base, commitments)
    _compare(run, "HASHES.4", "the extended base hash is another", extended, context.extended)
    return extended


def _compare(run: Run, check: str, message: str, wanted: str, stated: str) -> None:
    run.report.count(check)
    if wanted != stated:
        run.report.fail(check, "context.json", message, expected=wanted, computed=stated)


# --- guardians ---------------------------------------------------------------------------------------


def _check_number(run: Run, context: Context, guardians: list[Guardian]) -> bool:
    """GUARDIANS.1; whether names, numbers and commitments are those of n guardians with quorum k."""
    report = run.report
    report.count("GUARDIANS.1", 1 + len(guardians))
    before = report.found("GUARDIANS.1")
    if context.quorum > context.guardians:
        report.fail("GUARDIANS.1", "context.json", "the quorum is larger than the number of guardians")
    numbers = [each.number for each in guardians]
    if numbers != list(range(1, context.guardians + 1)) or len({each.label for each in guardians}) != len(
        numbers
    ):
        report.fail(
            "GUARDIANS.1",
            "guardians",
            "the guardians are not numbered from 1 to n under different names",
            expected=f"1 to {context.guardians}",
            computed=", ".join(map(str, numbers)),
        )
    for each in guardians:
        where = f"guardian {each.label!r}"
        if len(each.commitments) != context.quorum or len(each.proofs) != context.quorum:
            report.fail(
                "GUARDIANS.1", where, "there is not one commitment and one proof for each of the quorum"
            )
            continue
        if each.key != each.commitments[0]:
            report.fail("GUARDIANS.1", where, "the key is not the first commitment")
        if [proof.key for proof in each.proofs] != list(each.commitments):
            report.fail("GUARDIANS.1", where, "the proofs are about other commitments")
    return report.found("GUARDIANS.1") == before


def _check_guardians(run: Run, guardians: list[Guardian]) -> dict[str, Element]:
    """GUARDIANS.2 to GUARDIANS.5; the members among the commitments, by their texts."""
    members: dict[str, Element] = {}
    for each in guardians:
        proofs = {proof.key: proof for proof in each.proofs}
        for place, text in enumerate(each.commitments):
            where = f"guardian {each.label!r}, commitment {place}"
            run.report.count("GUARDIANS.2")
            try:
                value = claimed(run.group, text)
                element = run.group.powers_of_claimed(value, ())[1]
            except (DecodeError, MembershipError) as error:
                run.report.fail("GUARDIANS.2", where, error.message)
                run.skip(("GUARDIANS.5",), f"{where} is not in the subgroup (GUARDIANS.2)")
                continue
            members[text] = element
            if text in proofs:
                _check_proof(run, element, proofs[text], where)
    return members


def _check_proof(run: Run, public: Element, proof: KeyProof, where: str) -> None:
    report, group = run.report, run.group
    report.count_all({"GUARDIANS.3": 1, "GUARDIANS.4": 1, "GUARDIANS.5": 1})
    hashed = run.hashes.key_challenge(proof.key, proof.commitment)
    challenge, response = int(proof.challenge, 16), int(proof.response, 16)
    if challenge != int(hashed, 16):
        message = "the challenge is not the hash"
        report.fail("GUARDIANS.3", where, message, expected=hashed, computed=proof.challenge)
    if response >= group.order:
        report.fail("GUARDIANS.4", where, "the response is not below q")
    try:
        answer = statements.answered(group, challenge, response)
        (found,) = recompute(group, (statements.key(group, public),), (answer,))
        stated = claimed(group, proof.commitment)
    except (DecodeError, VerificationError) as error:
        report.fail("GUARDIANS.5", where, error.message)
        return
    if found != stated:
        report.fail("GUARDIANS.5", where, "the proof does not answer its challenge with its commitment")


def _check_key(
    run: Run, context: Context, guardians: list[Guardian], members: dict[str, Element]
) -> Element | None:
    """KEY.1; K as computed, unless a guardian's commitment is no member."""
    keys = [members.get(each.key) for each in guardians]
    if any(text not in members for each in guardians for text in each.commitments):
        run.skip(("KEY.1",), "a commitment is not in the subgroup (GUARDIANS.2)")
        return None
    key = run.group.product(each for each in keys if each is not None)
    run.report.count("KEY.1")
    wanted = text_of(int.from_bytes(key.encode(), "big"))
    if wanted != context.key:
        message = "the joint key is not the product of the guardians' keys"
        run.report.fail("KEY.1", "context.json", message, expected=wanted, computed=context.key)
    if key == run.group.identity:
        run.report.fail("KEY.1", "context.json", "the joint key is 1, under which nothing is secret")
    return key
