"""Verification 1 and E.15: parameters, base hashes, and the manifest with what it declares.

H_P and H_B are computed from the named group and the manifest's bytes, so that a wrong value fails
the one check that speaks of it. A group that is not published fails 1.B, 1.C and 1.D together.
"""

from __future__ import annotations

from evote.ceremony import Setting
from evote.errors import DecodeError
from evote.groups import Group
from evote.manifest import VERSION, Manifest, ManifestError, Parameters, base_hash, parameter_base_hash
from evote.manifest.extensions import INDEX, ROUND0
from evote.record import layout
from evote.record.values import ParametersFile
from evote.verifier.state import Verification

_VALUES = ("1.B", "1.C", "1.D")


def check_manifest(run: Verification) -> None:
    """E.15, first part: the manifest is well formed and keeps every rule."""
    if run.manifest_raw is None:
        run.skip(("E.15",), "the manifest cannot be read")
        return
    run.report.count("E.15")
    try:
        run.manifest = Manifest.parse(run.manifest_raw)
    except DecodeError as error:
        run.report.fail("E.15", f"{layout.MANIFEST} {error.where}".rstrip(), error.message)
    except ManifestError as error:
        for broken in error.broken:
            run.report.fail("E.15", f"{layout.MANIFEST}, {broken.where}", broken.rule)


def check_extensions(run: Verification) -> None:
    """E.15, second part: a declared extension is there (A60). Whether it holds, other checks say."""
    manifest, report = run.manifest, run.report
    if manifest is None:
        return
    for name in manifest.extensions:
        report.count("E.15")
        if name == INDEX and not run.reader.indexes():
            report.fail("E.15", layout.INDEX, "the manifest declares a signed index, and there is none")
        if name == ROUND0 and run.guardians is not None and not run.guardians.round0:
            report.fail("E.15", layout.GUARDIANS, "round 0 is declared, and there are no commitments")


def check_parameters(run: Verification) -> None:
    """1.A to 1.F; leaves group and setting behind."""
    stated, report = run.parameters, run.report
    if stated is None:
        run.skip(("1.A", *_VALUES, "1.E", "1.F"), f"{layout.PARAMETERS} cannot be read")
        return
    where = layout.PARAMETERS
    report.count("1.A")
    try:
        group = run.reader.group()
    except DecodeError as error:
        _check_version(run, stated, VERSION)
        for identifier in _VALUES:
            report.count(identifier)
            report.fail(identifier, where, error.message)
        run.skip(("1.E", "1.F"), "the group is not a known one")
        return
    _check_version(run, stated, group.version)
    run.group = group
    _check_values(run, stated, group)
    try:
        parameters = Parameters(group, stated.guardians, stated.quorum)
    except ValueError as error:
        report.fail("E.16", where, str(error))
        run.skip(("1.E", "1.F"), "the numbers of guardians are impossible")
        return
    hashed = parameter_base_hash(parameters)
    report.compare(
        "1.E", f"{where}, parameter_hash", "H_P is another", expected=hashed, computed=stated.parameter_hash
    )
    if run.manifest_raw is None:
        run.skip(("1.F",), "the manifest cannot be read")
        return
    based = base_hash(hashed, run.manifest_raw)
    report.compare("1.F", f"{where}, base_hash", "H_B is another", expected=based, computed=stated.base_hash)
    run.setting = Setting(group, stated.guardians, stated.quorum, hashed, based)


def _check_version(run: Verification, stated: ParametersFile, version: str) -> None:
    if stated.version != version:
        run.report.fail(
            "1.A", layout.PARAMETERS, "the version is another", expected=version, computed=stated.version
        )


def _check_values(run: Verification, stated: ParametersFile, group: Group) -> None:
    """p, q and g, each against the named group's."""
    p, q, g = group.published_parameters()
    for identifier, name, wanted, found in (
        ("1.B", "p", p, stated.p),
        ("1.C", "q", q, stated.q),
        ("1.D", "g", g, stated.g),
    ):
        run.report.compare(
            identifier,
            f"{layout.PARAMETERS}, {name}",
            f"{name} is not that of {group.name}",
            expected=wanted,
            computed=found,
        )
