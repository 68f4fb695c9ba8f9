"""All checks of a record by number: verifications 1 to 19 with every letter, and evote's own.

The numbers are those of the ElectionGuard Design Specification 2.1.0, section 6; ``E`` numbers are
evote's and are never given to something else. What each check reads, and which checks fail together,
stands in ``specs/verification-table.md``; a test compares the two.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from evote.record.values import Stage
from evote.report import Check

ORDER = (Stage.SETUP, Stage.VOTING, Stage.FINAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """A check, and the first stage of an election at which it can be made."""

    check: Check
    stage: Stage


def reached(stage: Stage, wanted: Stage) -> bool:
    """Whether ``stage`` is ``wanted`` or a later one."""
    return ORDER.index(stage) >= ORDER.index(wanted)


def _entries(stage: Stage, anchor: str, **titles: str) -> tuple[Entry, ...]:
    return tuple(
        Entry(Check(identifier.lstrip("v").replace("_", "."), title, anchor), stage)
        for identifier, title in titles.items()
    )


_SPECIFICATION = (
    *_entries(
        Stage.SETUP,
        "section 6, verification 1",
        v1_A="The version is 2.1.0",
        v1_B="The prime p is that of the named group",
        v1_C="The prime q is that of the named group",
        v1_D="The generator g is that of the named group",
        v1_E="The parameter base hash H_P is right",
        v1_F="The base hash H_B covers the manifest file",
    ),
    *_entries(
        Stage.SETUP,
        "section 6, verification 2",
        v2_A="Guardian keys are in the subgroup",
        v2_B="Responses of guardian key proofs are below q",
        v2_C="Guardian key proofs answer their challenges",
    ),
    *_entries(
        Stage.SETUP,
        "section 6, verification 3",
        v3_A="The joint vote key K is the product of the guardians' keys",
        v3_B="The joint data key K^ is the product of the guardians' keys",
    ),
    *_entries(Stage.SETUP, "section 6, verification 4", v4_A="The extended base hash H_E is right"),
    *_entries(
        Stage.VOTING,
        "section 6, verification 5",
        v5_A="No ballot identifier occurs twice",
        v5_B="Identifier hashes H_I are right",
    ),
    *_entries(
        Stage.VOTING,
        "section 6, verification 6",
        v6_A="Selections are in the subgroup",
        v6_B="Challenges of selection proofs are below q",
        v6_C="Responses of selection proofs are below q",
        v6_D="Selection proofs answer their challenges",
    ),
    *_entries(
        Stage.VOTING,
        "section 6, verification 7",
        v7_A="All selections of a contest are in the subgroup",
        v7_B="Challenges of contest limit proofs are below q",
        v7_C="Responses of contest limit proofs are below q",
        v7_D="Contest limit proofs answer their challenges",
    ),
    *_entries(
        Stage.VOTING,
        "section 6, verification 8",
        v8_A="Contest hashes are right",
        v8_B="Confirmation codes are right",
        v8_C="Device hashes are right",
        v8_D="Chaining fields without a chain hold the device hash",
        v8_E="Chaining fields of a chain hold the code of the ballot before",
        v8_F="Chains start with the device hash",
        v8_G="Chains are closed",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 9",
        v9_A="The first part of each encrypted sum is the product over the cast ballots",
        v9_B="The second part of each encrypted sum is the product over the cast ballots",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 10",
        v10_A="Responses of decryption proofs are below q",
        v10_B="Decryption proofs answer their challenges",
        v10_C="Counts are those that were decrypted",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 11",
        v11_A="Decrypted contests are in the manifest",
        v11_B="Decrypted options are in the manifest",
        v11_C="No option of a decrypted contest is missing",
        v11_D="Every contest that was voted on is decrypted",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 12",
        v12_A="Responses of contest data proofs are below q",
        v12_B="Contest data proofs answer their challenges",
        v12_C="Contest data is what was decrypted",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 13",
        v13_A="Contest data of challenged ballots encrypts as stated",
        v13_B="Selections of challenged ballots encrypt to their confirmation code",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 14",
        v14_A="Opened contests belong to the ballot style",
        v14_B="No contest of the ballot style is missing",
        v14_C="Opened options are in the manifest",
        v14_D="No option of an opened contest is missing",
        v14_E="Opened values are allowed",
        v14_F="Opened values respect the contest limit",
    ),
    *_entries(
        Stage.VOTING,
        "section 6, verification 15",
        v15_A="Recorded vectors are the products of the chosen ones",
    ),
    *_entries(
        Stage.VOTING,
        "section 6, verification 16",
        v16_A="Selection hashes of pre-encrypted ballots are right",
        v16_B="Contest hashes of pre-encrypted ballots are right",
        v16_C="Confirmation codes of pre-encrypted ballots are right",
        v16_D="Device hashes of pre-encryption are right",
        v16_E="Chaining fields without a chain are right",
        v16_F="Chaining fields of a chain are right",
        v16_G="Chains of pre-encrypted ballots start right",
        v16_H="Chains of pre-encrypted ballots are closed",
    ),
    *_entries(Stage.VOTING, "section 6, verification 17", v17_A="Short codes are right"),
    *_entries(
        Stage.FINAL,
        "section 6, verification 18",
        v18_A="Uncast pre-encrypted ballots encrypt to their confirmation code",
    ),
    *_entries(
        Stage.FINAL,
        "section 6, verification 19",
        v19_A="Opened contests of uncast pre-encrypted ballots belong to the style",
        v19_B="No contest of an uncast pre-encrypted ballot is missing",
        v19_C="Opened options of uncast pre-encrypted ballots are in the manifest",
        v19_D="No option of an uncast pre-encrypted ballot is missing",
    ),
)

_OWN_ANCHOR = "specs/verification-table.md"

_OWN = tuple(
    Entry(Check(f"E.{number}", title, f"{_OWN_ANCHOR}#e{number}"), stage)
    for number, stage, title in (
        (1, Stage.VOTING, "Identifiers of cast ballots open to their context"),
        (2, Stage.VOTING, "Ballots have the shape of their style"),
        (3, Stage.VOTING, "Ballot weights are the manifest's"),
        (4, Stage.VOTING, "Encrypted ballot nonces are proven"),
        (5, Stage.VOTING, "Encrypted contest data is proven"),
        (6, Stage.VOTING, "No ciphertext occurs twice"),
        (7, Stage.VOTING, "No selection is an identity ciphertext"),
        (8, Stage.SETUP, "All guardians confirmed the guardian record"),
        (9, Stage.SETUP, "Guardians committed to their keys, and proved them for this election"),
        (10, Stage.SETUP, "The signed index covers exactly the files of the record"),
        (11, Stage.FINAL, "The closing head is that of the ballots"),
        (12, Stage.FINAL, "The cells of the tally are those of the manifest"),
        (13, Stage.VOTING, "Devices and openings account for exactly the ballots"),
        (14, Stage.FINAL, "The result files say what was decrypted"),
        (15, Stage.SETUP, "The manifest keeps the rules, and what it declares is there"),
        (16, Stage.SETUP, "Every file of the stage is there, in its one form"),
        (17, Stage.VOTING, "Cast ballots are signed by credentials in force, or by attended devices"),
        (18, Stage.SETUP, "Guardian keys differ, and none is the identity"),
        (19, Stage.SETUP, "The fingerprint is the expected one"),
        (20, Stage.FINAL, "Decrypted contest data is that of exactly the cast ballots"),
        (21, Stage.FINAL, "At least a quorum of guardians decrypted"),
        (22, Stage.SETUP, "The roll is the one that the manifest seals"),
        (23, Stage.VOTING, "The logs are those of their closing checkpoints"),
        (24, Stage.VOTING, "The election's log has the heads of all units' logs, each continuing the last"),
        (25, Stage.VOTING, "Witnesses cosigned the closing checkpoint of the election's log"),
        (26, Stage.VOTING, "Every ballot stands on its unit's log once, and every entry has its ballot"),
        (27, Stage.VOTING, "Ballots have unit, style and pseudonym of their entries"),
        (
            28,
            Stage.VOTING,
            "Each cast ballot follows the last one of its slot, by the credential in force",
        ),
        (29, Stage.VOTING, "Credentials were issued again by all credential authorities"),
        (30, Stage.VOTING, "The logs of units end in two steps"),
        (31, Stage.VOTING, "Every ballot on the logs has a true verdict"),
        (32, Stage.VOTING, "Counts of refusals are well formed"),
        (33, Stage.VOTING, "What is counted is the counted set of the closed logs"),
        (34, Stage.VOTING, "Files of unit returns are authentic, each by itself"),
        (35, Stage.VOTING, "The rosters of unit returns form one chain"),
        (36, Stage.FINAL, "No unit's returns contradict each other"),
        (37, Stage.FINAL, "Every unit has reported"),
        (38, Stage.VOTING, "Totals of ballots in returns are the products over the counted ballots"),
        (39, Stage.VOTING, "Returns name the closing heads of their units' logs"),
        (40, Stage.VOTING, "Counts of ballots in returns are those of the logs"),
        (41, Stage.FINAL, "Voters and votes of returns agree with each other"),
        (42, Stage.FINAL, "returns.json says what units reported and what was decrypted"),
        (60, Stage.VOTING, "Provisional results are signed by the authority, and form one chain"),
        (61, Stage.VOTING, "Units were closed by linked statements, with the ballots of the record"),
        (62, Stage.VOTING, "Provisional results only add units, or replace them through a link"),
        (63, Stage.VOTING, "The encrypted sums of provisional results are those of the ballots"),
        (64, Stage.VOTING, "Provisional results are what was decrypted"),
        (65, Stage.VOTING, "What was decrypted once stays as it is"),
        (66, Stage.VOTING, "Provisional results have cells of enough ballots only"),
        (67, Stage.VOTING, "The log of requests has the head that its witnesses cosigned"),
        (68, Stage.VOTING, "No two requests to decrypt overlap"),
        (69, Stage.VOTING, "What was decrypted was requested on the log"),
        (80, Stage.VOTING, "Short codes of a contest differ on every pre-encrypted ballot"),
    )
)

ENTRIES: tuple[Entry, ...] = (*_SPECIFICATION, *_OWN)
"""Every check, in the order of the report."""

CHECKS: tuple[Check, ...] = tuple(entry.check for entry in ENTRIES)

PRE_ENCRYPTION: tuple[str, ...] = tuple(
    check.id for check in CHECKS if check.family in ("15", "16", "17", "18", "19") or check.id == "E.80"
)
"""The checks on pre-encrypted ballots, which a manifest declares."""


@functools.cache
def later_than(stage: Stage) -> frozenset[str]:
    """The ids of the checks that belong to a later stage."""
    return frozenset(entry.check.id for entry in ENTRIES if not reached(stage, entry.stage))
