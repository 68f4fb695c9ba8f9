"""The public interface: exactly the documented names, each loaded when first used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import evote

ROOT = Path(__file__).resolve().parent.parent

DOCUMENTED = {
    "evote": ("__version__",),
    "evote.ballots": (
        "BallotHint",
        "Election",
        "EncryptedBallot",
        "OpenedBallot",
        "PlaintextBallot",
        "PlaintextContest",
        "SubmittedBallot",
        "VerifiedBallot",
        "VerifiedChallenge",
        "ceremony_setting",
        "verify_cast",
        "verify_challenged",
        "verify_opening",
    ),
    "evote.ballots.device": ("Device",),
    "evote.ballots.encrypt": (
        "PreparedBallot",
        "encrypt",
    ),
    "evote.bulk.encrypt": (
        "FinishedBallot",
        "encrypt_ballots",
    ),
    "evote.board.receipt": ("Receipt",),
    "evote.board.receipt_check": ("check_receipt",),
    "evote.board.receipt_client": ("accept_admission",),
    "evote.board.receipt_setting": ("ReceiptSetting",),
    "evote.bulk.hints": ("make_hints",),
    "evote.bulk.tally": ("tally_record",),
    "evote.board.codes": ("Code",),
    "evote.board.counting": ("CountedSet", "counted_set"),
    "evote.board.credential": ("CredentialVerifier",),
    "evote.board.holder": ("Holder",),
    "evote.board.reissue": ("Credentials",),
    "evote.board.roll": ("Roll",),
    "evote.board.rules": ("Refusal", "check_submission"),
    "evote.ceremony": (
        "GuardianRecords",
        "GuardianShare",
        "GuardianStart",
        "JointKeys",
        "Setting",
        "run_local",
    ),
    "evote.decryption": (
        "Decryption",
        "DecryptionRequest",
        "decryption_request",
    ),
    "evote.decryption.combination": ("combine",),
    "evote.decryption.local": ("decrypt_local",),
    "evote.errors": (
        "BlameError",
        "CeremonyError",
        "DecodeError",
        "DecryptionError",
        "DiscreteLogError",
        "EvoteError",
        "RefusedError",
        "StorageError",
        "VerificationError",
        "WorkerError",
    ),
    "evote.groups": (
        "Group",
        "reduced_group",
        "standard_group",
    ),
    "evote.manifest": (
        "Manifest",
        "ManifestError",
        "Parameters",
    ),
    "evote.pool": ("processes",),
    "evote.record": (
        "DevicesFile",
        "RecordReader",
        "RecordWriter",
        "Stage",
        "load_election",
        "put_results",
    ),
    "evote.report": (
        "Report",
        "Status",
        "Verdict",
    ),
    "evote.returns": (
        "MergedReturns",
        "ReturnVerdict",
        "Rosters",
        "UnitReturn",
        "UnitStatus",
        "check_return",
        "completeness",
        "merge_returns",
        "reconcile",
    ),
    "evote.secret": ("Secret",),
    "evote.signing": (
        "SigningKey",
        "VerifyKey",
    ),
    "evote.storage.box": ("BallotBox",),
    "evote.storage.box_checker": ("BoardRules",),
    "evote.storage.box_refusals": ("SubmissionRefusedError",),
    "evote.storage.box_setting": ("BoxSetting",),
    "evote.tally": (
        "Tallier",
        "Tally",
    ),
    "evote.verifier": ("verify_record",),
}
"""Module -> public names that it is home to. A change here is a change of the interface: it goes
into CHANGELOG.md."""

NAMES = sorted(name for names in DOCUMENTED.values() for name in names)


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_all_is_exactly_the_documented_list() -> None:
    assert sorted(evote.__all__) == NAMES
    assert len(set(evote.__all__)) == len(evote.__all__)


def test_type_checkers_see_exactly_what_is_loaded_lazily() -> None:
    tree = ast.parse((ROOT / "evote" / "__init__.py").read_text(encoding="utf-8"))
    seen: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("evote."):
            seen[node.module] = tuple(sorted(alias.name for alias in node.names))
    assert seen == {module: names for module, names in DOCUMENTED.items() if module != "evote"}


@pytest.mark.parametrize("module", DOCUMENTED)
def test_public_names_are_loaded_from_their_home_when_asked(module: str) -> None:
    out = run(
        f"import sys, evote\nfor name in {DOCUMENTED[module]!r}:\n    before = name in vars(evote)\n"
        f"    value = getattr(evote, name)\n"
        f"    print(before, value is getattr(sys.modules[{module!r}], name), name in vars(evote))"
    )
    expected = f"{module == 'evote'} True True\n"
    assert out == expected * len(DOCUMENTED[module])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__version__"])
def test_a_public_name_is_documented(name: str) -> None:
    value = getattr(evote, name)
    assert inspect.isclass(value) or callable(value) or inspect.ismodule(value)
    own = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
    assert own and own.strip()


def test_importing_the_package_loads_none_of_its_modules() -> None:
    assert run("import sys, evote; print(*(n for n in sys.modules if n.startswith('evote')))") == "evote\n"


def test_dir_lists_every_public_name() -> None:
    assert set(NAMES) <= set(dir(evote))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = evote.absent  # type: ignore[attr-defined]


def test_the_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {evote.__version__}\n" in citation
    assert f"\n## [{evote.__version__}]" in changes


def test_the_package_is_marked_as_typed() -> None:
    assert (ROOT / "evote" / "py.typed").is_file()
