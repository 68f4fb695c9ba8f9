"""The hashes that evote adds to 2.1: SHA-256 over a tag and length-prefixed fields."""

from __future__ import annotations

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.oracle import context_identifier, hedged_nonce, tagged

FILE = "evote-hashes.json"
FLAG = "evote extension"


def make() -> Document:
    rng = SeededRandomness("vectors/evote-hashes")
    h_e, randomness, pseudonym = rng.token(32), rng.token(32), rng.token(32)
    plain = [
        _tagged("no-field", "evote/v1/example", []),
        _tagged("one-empty-field", "evote/v1/example", [b""]),
        _tagged("two-fields", "evote/v1/example", [b"ab", b"c"]),
        _tagged("same-bytes-cut-elsewhere", "evote/v1/example", [b"a", b"bc"]),
        _tagged("another-tag", "evote/v1/exampl", [b"ab", b"c"]),
    ]
    contexts = [
        _context("none", "without a pseudonym", h_e, "North", "full", None, randomness),
        _context("pseudonym", "with one", h_e, "North", "full", pseudonym, randomness),
        _context(
            "path",
            "a unit below another, and letters of two bytes",
            h_e,
            "Nord/Évry",
            "complet",
            None,
            randomness,
        ),
        _context("zeros", "a pseudonym of zeros is not NONE", h_e, "North", "full", bytes(32), randomness),
        _context(
            "cut-elsewhere",
            "the border between unit and style counts",
            h_e,
            "Northf",
            "ull",
            None,
            randomness,
        ),
    ]
    random, secret, identifier = rng.token(32), rng.token(32), rng.token(32)
    nonces = [
        case(
            "evote-ballot-nonce",
            "fresh randomness, the device's secret and id_B",
            {"random": random, "device_secret": secret, "identifier": identifier},
            hedged_nonce(random, secret, identifier),
            flags=(FLAG,),
        )
    ]
    frame = rng.token(77)
    leaves = [
        case(
            "evote-submitted",
            "hash of a stored ballot, the leaf of the closing head",
            {"extended_hash": h_e, "frame": frame},
            tagged("evote/v1/submitted", h_e, frame),
            flags=(FLAG,),
        )
    ]
    notes = [
        "SHA-256(len(tag) || tag || number of fields || len(f) || f …) with 4-byte big-endian numbers.",
        "context: tag evote/v1/context over H_E, unit path, style label, NONE or SOME followed by the "
        "pseudonym, 32 random bytes; the result is id_B.",
        "ballot_nonce: tag evote/v1/ballot-nonce. submitted: tag evote/v1/submitted over H_E and the frame.",
    ]
    groups = [
        group({"use": "tagged"}, plain),
        group({"use": "context"}, contexts),
        group({"use": "ballot_nonce"}, nonces),
        group({"use": "submitted"}, leaves),
    ]
    return document("beside it: evote's own", notes, groups)


def _tagged(name: str, tag: str, fields: list[bytes]) -> Case:
    given = {"tag": tag, "fields": fields}
    return case(f"tagged-{name}", name.replace("-", " "), given, tagged(tag, *fields), flags=(FLAG,))


def _context(
    name: str,
    comment: str,
    extended_hash: bytes,
    unit: str,
    style: str,
    pseudonym: bytes | None,
    randomness: bytes,
) -> Case:
    given = {
        "extended_hash": extended_hash,
        "unit": unit,
        "style": style,
        "pseudonym": pseudonym,
        "randomness": randomness,
    }
    value = context_identifier(extended_hash, unit, style, pseudonym, randomness)
    return case(f"context-{name}", comment, given, value, flags=(FLAG,))
