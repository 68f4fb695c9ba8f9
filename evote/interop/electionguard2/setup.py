"""Verifications 1 to 4: parameters, hashes, guardians, the joint key (2.0 specification, 6.2.1 to 6.2.3).

A parameter that is not the group's fails its own check, and the rest goes on with the group's. Where
the modulus and the generator are both others, the record is in a group that evote does not read.
"""

from __future__ import annotations

from collections.abc import Mapping

from evote.elgamal import PublicKey
from evote.errors import VerificationError
from evote.groups import Element
from evote.interop.electionguard2 import hashes
from evote.interop.electionguard2.layout import Layout
from evote.interop.electionguard2.profile import Profile
from evote.interop.electionguard2.run import Keys, Letters, Run, claimed, member, scalars
from evote.interop.electionguard2.values import Constants, Guardian
from evote.proofs.relation import RelationProof, knowledge
from evote.proofs.verify import verify

_GUARDIANS = ("2.A", "2.B", "2.C", "3.A")


def check_parameters(run: Run, constants: Constants, profile: Profile) -> bool:
    """1.A to 1.E; False if the group is another one, in which nothing more can be checked."""
    report = run.report
    stated = _stated_version(run, constants)
    if stated is not None:
        report.count("1.A")
        if stated != profile.version:
            report.fail("1.A", "version", "the version is another", expected=profile.version, computed=stated)
    wrong = _compare_numbers(run, constants.numbers, profile)
    if {"1.B", "1.E"} <= wrong:
        run.report.warn("The parameters are those of a group in which evote reads no 2.0 records.")
        return False
    run.profile = profile
    return True


def _stated_version(run: Run, constants: Constants) -> str | None:
    """Each layout states the version of the protocol in another file."""
    if run.layout is Layout.EGK_EC:
        return constants.version
    if run.config is None:
        run.skip(("1.A",), "the file that states the version cannot be read")
        return None
    return run.config.version


def _compare_numbers(run: Run, stated: Mapping[str, int], profile: Profile) -> set[str]:
    """The checks that failed."""
    names = [name for name in profile.numbers if name in stated]
    found = set()
    for check in ("1.B", "1.C", "1.D", "1.E"):
        run.report.count(check)
        if not any(profile.numbers[name][0] == check for name in names):
            run.report.fail(check, "constants", "the parameter is missing")
            found.add(check)
    for name in names:
        check, number = profile.numbers[name]
        if stated[name] != number:
            run.report.fail(
                check,
                f"constants.{name}",
                "the parameter is another",
                expected=f"{number:x}",
                computed=f"{stated[name]:x}",
            )
            found.add(check)
    if "a" in profile.numbers:
        for name in set(profile.numbers) - set(stated):
            run.report.fail(profile.numbers[name][0], f"constants.{name}", "the parameter is missing")
    return found


def check_hashes(run: Run) -> None:
    """1.F, 1.G and 1.H; leaves H_P and H_B behind, as computed."""
    if run.profile is None:
        return
    run.parameter_hash = parameter = hashes.parameter_hash(run.profile)
    config = run.config
    if config is None:
        run.skip(("1.F", "1.G", "1.H"), "election_config.json cannot be read")
        return
    compare = run.report.compare
    compare("1.F", "H_P", "the hash is wrong", expected=parameter, computed=config.parameter_hash)
    if run.manifest_raw is None:
        run.skip(("1.G", "1.H"), "manifest.json cannot be read")
        return
    manifest = hashes.manifest_hash(parameter, run.manifest_raw)
    compare("1.G", "H_M", "the hash is wrong", expected=manifest, computed=config.manifest_hash)
    run.base_hash = hashes.base_hash(parameter, manifest, config.guardians, config.quorum)
    compare("1.H", "H_B", "the hash is wrong", expected=run.base_hash, computed=config.base_hash)


def check_keys(run: Run) -> None:
    """2, 3, 4 and F.8; leaves K and H_E behind, as computed."""
    profile, config, initialized = run.profile, run.config, run.initialized
    if profile is None or config is None or initialized is None or run.parameter_hash is None:
        run.skip((*_GUARDIANS, "3.B", "4.A", "F.8"), "a file of the setup cannot be read")
        return
    _check_count(run, config.guardians, initialized.guardians)
    keys = []
    for guardian in initialized.guardians:
        key = _check_guardian(run, profile, run.parameter_hash, config.quorum, guardian)
        if key is not None:
            keys.append(key)
    if len(keys) != len(initialized.guardians) or not keys:
        run.skip(("3.B", "4.A", "F.8"), "a guardian's key is not known (2.A)")
        return
    joint = profile.group.product(keys)
    run.report.compare(
        "3.B",
        "joint_public_key",
        "the joint key is not the product of the guardians' keys",
        expected=joint.encode(),
        computed=initialized.joint_key,
    )
    if joint == profile.group.identity:
        run.report.fail("3.B", "joint_public_key", "the joint key is 1")
    _check_extended(run, profile, joint, initialized.extended_hash)


def _check_count(run: Run, number: int, guardians: tuple[Guardian, ...]) -> None:
    run.report.count("2.A")
    indices = sorted(guardian.index for guardian in guardians)
    if indices != list(range(1, number + 1)):
        run.report.fail(
            "2.A",
            "guardians",
            "there is not one guardian of each number",
            expected=f"1 to {number}",
            computed=", ".join(map(str, indices)) or "none",
        )


def _check_guardian(
    run: Run, profile: Profile, parameter: bytes, quorum: int, guardian: Guardian
) -> Element | None:
    """2 and 3.A for one guardian; its public key K_i, or None if it has none."""
    group, report = profile.group, run.report
    name = f"guardian {guardian.index}"
    report.count("2.A")
    if len(guardian.commitments) != quorum:
        report.fail(
            "2.A",
            name,
            "there is not one commitment per coefficient",
            expected=quorum,
            computed=len(guardian.commitments),
        )
    public: Element | None = None
    for place, commitment in enumerate(guardian.commitments):
        where = f"{name}, coefficient {place}"
        report.count("2.A")
        value = claimed(run, group, commitment.key, "2.A", where)
        key = None if value is None else member(run, value, "2.A", where)
        c, v = scalars(run, group, commitment.proof, Letters(None, "2.B"), where)
        if key is None:
            run.skip(("2.C",), f"{where} is not in the subgroup (2.A)")
        else:
            report.count("2.C")
            challenge = hashes.commitment_challenge(profile, parameter, guardian.index, place, commitment.key)
            try:
                verify(group, knowledge((group.generator, key)), RelationProof(c, (v,)), challenge)
            except VerificationError as error:
                report.fail("2.C", where, error.message, expected=error.expected, computed=error.computed)
        if place == 0:
            public = key
    report.count("3.A")
    if public is None:
        report.fail("3.A", name, "the public key is not in the subgroup")
    elif public == group.identity:
        report.fail("3.A", name, "the public key is 1")
    return public


def _check_extended(run: Run, profile: Profile, joint: Element, stated: bytes) -> None:
    """4.A and F.8."""
    if run.base_hash is None:
        run.skip(("4.A", "F.8"), "the base hash is not known")
        return
    encoded = joint.encode()
    extended = hashes.extended_hash(run.base_hash, encoded)
    run.report.compare("4.A", "extended_base_hash", "the hash is wrong", expected=extended, computed=stated)
    expect = run.request.expect
    if expect is None:
        run.report.not_applicable("F.8", "no fingerprint was given to compare with")
    else:
        run.report.compare(
            "F.8",
            "fingerprint",
            "this is another election",
            expected=bytes.fromhex(expect),
            computed=extended,
        )
    if run.manifest is not None:
        run.keys = Keys(profile, run.manifest, PublicKey.of(joint), encoded, extended)
