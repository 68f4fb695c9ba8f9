"""Whole records made by electionguard 1.4.0 itself: ceremony, ballots, tally, decryption, its own export.

Two contests (one of three, two of four), three guardians of whom two are there at the decryption, so that
the third one's shares are compensated. Nothing of the package is changed but its logging
(:mod:`benches.peers.electionguard1`).
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benches.peers import PeerAbsent, electionguard1

GUARDIANS = 3
QUORUM = 2
VOTES: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("ballot-1", ("red", "north", "south"), True),
    ("ballot-2", ("blue", "north"), True),
    ("ballot-3", ("green",), False),
    ("ballot-4", ("red", "east", "west"), True),
    ("ballot-5", ("blue", "south", "west"), False),
)
"""Ballot, chosen options, and whether it was cast."""

OPTIONS = {"colour": (1, ("red", "green", "blue")), "direction": (2, ("north", "south", "east", "west"))}


@dataclass(frozen=True, slots=True)
class Modules:
    """The package's modules that an election needs."""

    ballot: Any
    box: Any
    constants: Any
    decryption: Any
    encrypt: Any
    export: Any
    guardian: Any
    ceremony: Any
    helpers: Any
    manifest: Any
    polynomial: Any
    election: Any
    hash: Any
    store: Any
    tally: Any
    ceremony_tools: Any
    tally_tools: Any


def load() -> Modules:
    """The package and its tools; raises PeerAbsent where they are not installed."""
    electionguard1.load()
    try:
        return Modules(
            ballot=_module("ballot"),
            box=_module("ballot_box"),
            constants=_module("constants"),
            decryption=_module("decryption_mediator"),
            encrypt=_module("encrypt"),
            export=importlib.import_module("electionguard_tools.helpers.export"),
            guardian=_module("guardian"),
            ceremony=_module("key_ceremony"),
            helpers=_module("key_ceremony_mediator"),
            manifest=_module("manifest"),
            polynomial=_module("election_polynomial"),
            election=_module("election"),
            hash=_module("hash"),
            store=_module("data_store"),
            tally=_module("tally"),
            ceremony_tools=importlib.import_module("electionguard_tools.helpers.key_ceremony_orchestrator"),
            tally_tools=importlib.import_module("electionguard_tools.helpers.tally_ceremony_orchestrator"),
        )
    except ImportError as error:
        raise PeerAbsent(f"the tools of electionguard do not load here ({error})") from error


def _module(name: str) -> Any:
    return importlib.import_module(f"electionguard.{name}")


def make_manifest(peer: Modules) -> Any:
    """Two contests in one district, with texts, contacts and a party, so that all hashes have work."""
    model = peer.manifest
    text = model.InternationalizedText([model.Language("Election", "en"), model.Language("Élection", "fr")])
    contests = []
    for number, (name, (limit, options)) in enumerate(OPTIONS.items(), start=1):
        contests.append(
            model.ContestDescription(
                object_id=name,
                sequence_order=number,
                electoral_district_id="district",
                vote_variation=model.VoteVariationType.n_of_m,
                number_elected=limit,
                votes_allowed=limit if number == 1 else None,
                name=f"The {name}",
                ballot_title=text if number == 1 else None,
                ballot_selections=[
                    model.SelectionDescription(option, place, f"candidate-{option}")
                    for place, option in enumerate(options, start=1)
                ],
            )
        )
    contact = model.ContactInformation(
        address_line=["1 Square"], email=[model.AnnotatedString("office", "a@example.org")], name="Office"
    )
    candidates = [
        model.Candidate(f"candidate-{option}") for _, options in OPTIONS.values() for option in options
    ]
    return model.Manifest(
        election_scope_id="two-contests",
        spec_version=model.SpecVersion.EG1_0,
        type=model.ElectionType.general,
        start_date=datetime(2024, 6, 30, 8, tzinfo=UTC),
        end_date=datetime(2024, 7, 7, 18, tzinfo=UTC),
        geopolitical_units=[
            model.GeopoliticalUnit("district", "District", model.ReportingUnitType.ward, contact)
        ],
        parties=[model.Party("party", text, "P", "#ffffff", None)],
        candidates=candidates,
        contests=contests,
        ballot_styles=[model.BallotStyle("style", ["district"], ["party"], None)],
        name=text,
        contact_information=contact,
    )


def plain_ballot(peer: Modules, name: str, chosen: tuple[str, ...]) -> Any:
    """A ballot with those options."""
    contests = []
    for contest, (_, options) in OPTIONS.items():
        picked = [peer.ballot.PlaintextBallotSelection(option, 1) for option in options if option in chosen]
        contests.append(peer.ballot.PlaintextBallotContest(contest, picked))
    return peer.ballot.PlaintextBallot(name, "style", contests)


def write_record(peer: Modules, folder: Path, *, missing: bool = True) -> None:
    """Hold an election and export its record into ``folder``; ``missing``: one guardian does not come."""
    manifest = make_manifest(peer)
    details = peer.ceremony.CeremonyDetails(GUARDIANS, QUORUM)
    guardians = [
        peer.guardian.Guardian.from_nonce(str(i), i, GUARDIANS, QUORUM) for i in range(1, GUARDIANS + 1)
    ]
    ceremony = peer.helpers.KeyCeremonyMediator("ceremony", details)
    peer.ceremony_tools.KeyCeremonyOrchestrator.perform_full_ceremony(guardians, ceremony)
    joint = ceremony.publish_joint_key()
    internal = peer.manifest.InternalManifest(manifest)
    context = peer.election.make_ciphertext_election_context(
        GUARDIANS, QUORUM, joint.joint_public_key, joint.commitment_hash, internal.manifest_hash
    )
    device = peer.encrypt.EncryptionDevice(7, 11, 13, "polling place")
    encrypter = peer.encrypt.EncryptionMediator(internal, context, device)
    store = peer.store.DataStore()
    box = peer.box.BallotBox(internal, context, store)
    submitted = []
    for name, chosen, cast in VOTES:
        encrypted = encrypter.encrypt(plain_ballot(peer, name, chosen))
        submitted.append(box.cast(encrypted) if cast else box.spoil(encrypted))
    tally = peer.tally.tally_ballots(store, internal, context)
    spoiled = list(peer.box.get_ballots(store, peer.ballot.BallotBoxState.SPOILED).values())
    mediator = peer.decryption.DecryptionMediator("decryption", context)
    tools = peer.tally_tools.TallyCeremonyOrchestrator
    if missing:
        keys = [guardian.share_key() for guardian in guardians]
        present = [guardians[0], guardians[2]]
        tools.perform_compensated_decryption_setup(present, keys, mediator, context, tally, spoiled)
    else:
        tools.perform_decryption_setup(guardians, mediator, context, tally, spoiled)
    peer.export.export_record(
        manifest,
        context,
        peer.constants.get_constants(),
        [device],
        submitted,
        mediator.get_plaintext_ballots(spoiled, manifest).values(),
        tally.publish(),
        mediator.get_plaintext_tally(tally, manifest),
        [guardian.publish() for guardian in guardians],
        peer.polynomial.LagrangeCoefficientsRecord(mediator.get_lagrange_coefficients()),
        str(folder),
    )


def write_record_apart(folder: Path, *, missing: bool) -> None:
    """:func:`write_record` in a process of its own: the package leaves its pools of workers running."""
    words = [sys.executable, "-W", "ignore", "-m", __name__, str(folder), "missing" if missing else "all"]
    subprocess.run(words, check=True, capture_output=True, cwd=Path(__file__).resolve().parents[3])


if __name__ == "__main__":
    write_record(load(), Path(sys.argv[1]), missing=sys.argv[2] == "missing")
