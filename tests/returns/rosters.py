"""Later versions of the roster for tests."""

from __future__ import annotations

from evote.codec import encode
from evote.returns import KeyChange, RosterName, RosterStatement, prove_unit_key, sign_roster
from evote.returns.roster import statement_name
from evote.signing import SigningKey
from evote.testing.randomness import SeededRandomness
from evote.testing.returns import SALT
from tests.returns.kit import kit


def change_of(
    unit: str, seed: str = "new", *, keeps: tuple[bytes, ...] = (), proven_for: str | None = None
) -> tuple[SigningKey, KeyChange]:
    """A new key of a unit and the change that brings it."""
    key = SigningKey.generate(SeededRandomness(f"{seed}/{unit}"))
    encoded = key.verify_key.encoded
    proof = prove_unit_key(encoded, key, SALT, unit if proven_for is None else proven_for)
    return key, KeyChange(unit, "ed25519", encoded, proof, keeps)


def roster_of(
    *changes: KeyChange,
    version: int = 2,
    previous: bytes | None = None,
    signer: SigningKey | None = None,
    election: bytes | None = None,
) -> tuple[RosterName, bytes]:
    """The name and the file of a later version."""
    k = kit()
    statement = RosterStatement(
        k.election.extended_hash if election is None else election,
        version,
        k.roster.digest if previous is None else previous,
        "token lost",
        changes,
    )
    return statement_name(statement, encode(statement)), sign_roster(statement, signer or k.keys.authority)
