"""electionguard 1.4.0, the Python reference of ElectionGuard 1.x: how to load it, and its steps.

**Installing.** ``pip install electionguard==1.4.0 'dacite<1.8'`` works on Python 3.11, 3.12 and
3.13; it brings some 30 packages (about 100 MB), two of them (Eel, bottle-websocket) built from
source, and pins pydantic to 1.9.0. The part driven here needs less::

    pip install --no-deps electionguard==1.4.0 'dacite<1.8' pydantic==1.9.0 \\
        gmpy2 python-dateutil six typing-extensions

**Loading.** ``import electionguard`` fails from Python 3.11 on: its ``tally`` module takes an
``ElGamalCiphertext`` as a dataclass default, and defaults must be hashable, which that class is
not. Importing the package imports every module, the faulty one too. So :func:`load` puts the
package module in place without running its ``__init__``, imports ``electionguard.elgamal``, gives
the class a hash by value, and imports the rest. No other behaviour is changed but logging.

**Logging** is off at the root: every log call of this package walks the call stack even where
nothing is written. Answering the calls with nothing makes the peer faster than its users see it.

**The steps** are the package's own functions on its 4096-bit group, which is checked. An election
has one key pair, of which the tests of correctness know the secret, and one contest of n options
with selection limit 1. Proofs are not verified while encrypting (the package's default). What it
does beyond the benchmark record cannot be turned off: one placeholder selection per contest, and
encrypted contest data of fixed length. What it lacks of it: the encrypted ballot nonce. Left out:
guardians, ballot boxes, files.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any

import gmpy2

from benches.peers import PeerAbsent
from evote.hashing import sha256

PACKAGE = "electionguard"
VERSION = "1.4.0"
INSTALL = "pip install electionguard==1.4.0 'dacite<1.8'"

PRIME_SHA256 = "c83aab8d6b6afd58ba9d0e19a6ad3bee4f5f523cba8f2da2d2e4ac309804bb89"
"""SHA-256 of the 512 big-endian bytes of the package's standard 4096-bit prime."""

_REST = ("ballot", "chaum_pedersen", "constants", "election", "encrypt", "group", "manifest")

_UNIT, _STYLE, _CONTEST = "unit", "style", "contest"


class _NoLog:
    """Stands where the package keeps its log, and answers every call with nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


@dataclass(frozen=True, slots=True)
class Peer:
    """The loaded modules of the package (untyped: it may be absent when types are checked)."""

    ballot: Any
    constants: Any
    election: Any
    elgamal: Any
    encrypt: Any
    group: Any
    manifest: Any


@cache
def load() -> Peer:
    """The package, importable and quiet; raises :class:`PeerAbsent` with the reason where it cannot be."""
    _require_version()
    before = set(sys.modules)
    try:
        elgamal = _import_elgamal()
        rest = {name: importlib.import_module(f"{PACKAGE}.{name}") for name in _REST}
        importlib.import_module(f"{PACKAGE}.logs").LOG = _NoLog()  # type: ignore[attr-defined]
    except Exception as error:
        for name in set(sys.modules) - before:
            if name == PACKAGE or name.startswith(f"{PACKAGE}."):
                del sys.modules[name]
        raise PeerAbsent(f"electionguard {VERSION} does not load here ({error}); try {INSTALL}") from error
    peer = Peer(
        ballot=rest["ballot"],
        constants=rest["constants"],
        election=rest["election"],
        elgamal=elgamal,
        encrypt=rest["encrypt"],
        group=rest["group"],
        manifest=rest["manifest"],
    )
    prime = peer.constants.get_large_prime()
    if sha256(prime.to_bytes((prime.bit_length() + 7) // 8, "big")).hex() != PRIME_SHA256:
        raise PeerAbsent("electionguard is not set to its 4096-bit group: unset PRIME_OPTION")
    return peer


def _require_version() -> None:
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise PeerAbsent(f"electionguard is not installed: {INSTALL}") from None
    if version != VERSION:
        raise PeerAbsent(f"electionguard {version} is installed, and {VERSION} is wanted: {INSTALL}")


def _import_elgamal() -> ModuleType:
    if PACKAGE not in sys.modules:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None:
            raise PeerAbsent(f"electionguard is listed as installed but cannot be found: {INSTALL}")
        sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    elgamal = importlib.import_module(f"{PACKAGE}.elgamal")
    if elgamal.ElGamalCiphertext.__hash__ is None:
        elgamal.ElGamalCiphertext.__hash__ = lambda self: hash((self.pad, self.data))
    return elgamal


@dataclass(frozen=True, slots=True)
class Election:
    """An election of the package with one contest, and the secret of its only key pair."""

    peer: Peer
    options: int
    manifest: Any
    context: Any
    secret: int

    @property
    def key(self) -> Any:
        """The joint public key, K."""
        return self.context.elgamal_public_key

    @property
    def base(self) -> Any:
        """The extended base hash, which every challenge contains."""
        return self.context.crypto_extended_base_hash

    @property
    def contest(self) -> Any:
        """The description of the only contest, placeholder included."""
        return self.manifest.contests[0]


@dataclass(frozen=True, slots=True)
class EncryptedSelection:
    """What was voted (0 or 1) and the package's ciphertext with its proof."""

    vote: int
    encrypted: Any


@dataclass(frozen=True, slots=True)
class EncryptedBallot:
    """The option that was chosen (from 0) and the package's encrypted ballot."""

    choice: int
    encrypted: Any

    def ciphertexts(self, options: int) -> list[Any]:
        """The ciphertexts of the options, in order and without the placeholder."""
        return [s.ciphertext for s in self.encrypted.contests[0].ballot_selections[:options]]


def new_election(peer: Peer, options: int) -> Election:
    """A fresh election: one contest of that many options, of which one may be chosen.

    Raises ValueError for fewer than one option. Positions count from 1: at position 0 this
    package derives one and the same nonce for a ciphertext and for its proof.
    """
    if options < 1:
        raise ValueError("a contest has at least one option")
    model = peer.manifest
    contest = model.ContestDescription(
        object_id=_CONTEST,
        sequence_order=0,
        electoral_district_id=_UNIT,
        vote_variation=model.VoteVariationType.one_of_m,
        number_elected=1,
        votes_allowed=1,
        name="benchmark",
        ballot_selections=[
            model.SelectionDescription(f"option-{i}", i, f"candidate-{i}") for i in range(1, options + 1)
        ],
    )
    day = datetime(2024, 6, 30, tzinfo=UTC)
    manifest = model.InternalManifest(
        model.Manifest(
            election_scope_id="benchmark",
            spec_version=model.SpecVersion.EG1_0,
            type=model.ElectionType.general,
            start_date=day,
            end_date=day,
            geopolitical_units=[model.GeopoliticalUnit(_UNIT, _UNIT, model.ReportingUnitType.other)],
            parties=[],
            candidates=[model.Candidate(f"candidate-{i}") for i in range(1, options + 1)],
            contests=[contest],
            ballot_styles=[model.BallotStyle(_STYLE, [_UNIT])],
        )
    )
    pair = peer.elgamal.elgamal_keypair_random()
    context = peer.election.make_ciphertext_election_context(
        1, 1, pair.public_key, peer.group.rand_q(), manifest.manifest_hash
    )
    return Election(peer, options, manifest, context, int(pair.secret_key))


def encrypt_selections(election: Election, count: int) -> list[EncryptedSelection]:
    """Encrypt single selections with their disjunctive proofs: votes 0 and 1 by turns, fresh nonces."""
    peer, descriptions, made = election.peer, election.contest.ballot_selections, []
    for i in range(count):
        description, vote = descriptions[i % election.options], i % 2
        encrypted = peer.encrypt.encrypt_selection(
            peer.ballot.PlaintextBallotSelection(description.object_id, vote),
            description,
            election.key,
            election.base,
            peer.group.rand_q(),
        )
        made.append(EncryptedSelection(vote, encrypted))
    return made


def verify_selections(election: Election, selections: Sequence[EncryptedSelection]) -> list[bool]:
    """Verify each selection's disjunctive proof: the verdicts, in order."""
    key, base = election.key, election.base
    return [s.encrypted.proof.is_valid(s.encrypted.ciphertext, key, base) for s in selections]


def encrypt_ballots(election: Election, count: int) -> list[EncryptedBallot]:
    """Encrypt ballots that choose the options by turns, under fresh nonces and distinct names."""
    peer, descriptions, made = election.peer, election.contest.ballot_selections, []
    seed = peer.group.rand_q()
    for i in range(count):
        choice = i % election.options
        selection = peer.ballot.PlaintextBallotSelection(descriptions[choice].object_id, 1)
        contest = peer.ballot.PlaintextBallotContest(_CONTEST, [selection])
        plain = peer.ballot.PlaintextBallot(f"ballot-{i}", _STYLE, [contest])
        encrypted = peer.encrypt.encrypt_ballot(plain, election.manifest, election.context, seed)
        made.append(EncryptedBallot(choice, encrypted))
        seed = encrypted.code
    return made


def verify_ballots(election: Election, ballots: Sequence[EncryptedBallot]) -> list[bool]:
    """Verify each ballot with all its proofs and hashes: the verdicts, in order."""
    whole, key, base = election.manifest.manifest_hash, election.key, election.base
    return [b.encrypted.is_valid_encryption(whole, key, base) for b in ballots]


def tally(election: Election, columns: Sequence[Sequence[Any]]) -> list[Any]:
    """Add up columns of ciphertexts, one per option, as the package's tally does inside."""
    return [election.peer.elgamal.elgamal_add(*column) for column in columns]


def decrypts_to(election: Election, ciphertext: Any, count: int) -> bool:
    """Whether beta = g^count * alpha^secret: this ciphertext holds that count (1.x encodes to base g).

    Computed beside the package, with plain integers, so that its work is judged from outside.
    """
    p, g = election.peer.constants.get_large_prime(), election.peer.constants.get_generator()
    shared = gmpy2.powmod(int(ciphertext.pad), election.secret, p)
    return bool(int(ciphertext.data) == gmpy2.powmod(g, count, p) * shared % p)
