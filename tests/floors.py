"""The floors of the package and what a floor may do: the one place where both are written down.

A package imports only from lower floors; packages on one floor do not import each other; modules
inside one package may. ``testing`` stands outside: it may import everything, and only tests may
import it. ``evote/__init__`` may name everything, because it loads nothing before it is asked.
"""

from __future__ import annotations

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "secret", "randomness"),
    ("codec", "hashing"),
    ("groups", "merkle"),
    ("elgamal", "signing"),
    ("proofs", "rounds"),
    ("manifest", "ceremony"),
    ("ballots",),
    ("tally", "board"),
    ("decryption",),
    ("record", "report"),
    ("storage", "returns", "interop", "pool"),
    ("verifier",),
    ("bulk", "guardian"),
    ("bench", "office"),
    ("web", "demo"),
    ("cli",),
)
TEST_KIT = "testing"

DYNAMIC_IMPORTERS: tuple[str, ...] = ("evote.cli.program",)
"""Modules that may import by a computed name, the lazy top level apart. Others name what they import."""

# What the floors up to here do not do: input and output, clocks, environment, global generators, logs.

LAST_PURE_FLOOR = 9

IMPURE = (
    "Crypto.Random",
    "asyncio",
    "concurrent",
    "fcntl",
    "fileinput",
    "getpass",
    "glob",
    "http",
    "importlib.resources",
    "io",
    "locale",
    "logging",
    "mmap",
    "multiprocessing",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "random",
    "secrets",
    "select",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "warnings",
)
IMPURE_CALLS = ("breakpoint", "input", "open", "print")
CLOCK_METHODS = ("now", "today", "utcnow")

IMPURITY_ALLOWED: dict[str, tuple[str, ...]] = {
    "evote.randomness": ("os",),
    # Locks: one object per group name, one place in a chain per ballot, one decision per voter.
    "evote.groups.params": ("threading",),
    "evote.ballots.device": ("threading",),
    "evote.ballots.encrypt": ("threading",),
    "evote.record.files": ("fcntl", "os", "pathlib", "open"),
    "evote.record.folder": ("os", "pathlib", "shutil"),
    "evote.record.unique": ("tempfile",),
}
"""Module -> the names of ``IMPURE`` and ``IMPURE_CALLS`` that it may use."""

PURE_THIRD_PARTY = ("Crypto", "gmpy2", "msgpack")
"""What the pure floors may import beside the standard library."""
PURE_OPTIONAL: dict[str, tuple[str, ...]] = {"evote.signing.openssl": ("cryptography",)}
"""Module -> packages of an extra that it uses where they are installed, and does without where not."""

HASH_MODULES = ("hashlib", "hmac", "Crypto.Hash")
HASH_USERS = ("hashing", "interop", "signing")
"""Packages that may name a hash function: evote's own hashes, foreign formats, and Ed25519's SHA-512."""

# Programs that only verify.

VERIFYING = (
    "evote",
    "evote.ballots",
    "evote.ballots.batch",
    "evote.ballots.hints",
    "evote.bulk.cluster",
    "evote.bulk.hints",
    "evote.bulk.tally",
    "evote.board.log",
    "evote.board.policy",
    "evote.board.receipt_check",
    "evote.board.receipt_client",
    "evote.board.receipt_compact",
    "evote.board.splitview",
    "evote.board.wenton",
    "evote.board.tiles",
    "evote.board.witness",
    "evote.board",
    "evote.board.counting",
    "evote.board.rules",
    "evote.ceremony",
    "evote.codec",
    "evote.decryption",
    "evote.decryption.requestlog",
    "evote.elgamal",
    "evote.groups",
    "evote.hashing",
    "evote.interop",
    "evote.manifest",
    "evote.proofs.batch",
    "evote.proofs.ranges",
    "evote.proofs.verify",
    "evote.record",
    "evote.record.election",
    "evote.record.figures",
    "evote.record.index",
    "evote.record.reader",
    "evote.record.result",
    "evote.record.standing",
    "evote.signing",
    "evote.report",
    "evote.returns",
    "evote.rounds.inbox",
    "evote.tally",
    "evote.interop.belenios1",
    "evote.interop.electionguard1",
    "evote.verifier",
)
"""Modules that load nothing of ``FORBIDDEN_TO_VERIFIERS``, each tried in a fresh interpreter. Once
there is a package ``evote.verifier``, it must be listed."""

FORBIDDEN_TO_VERIFIERS = (
    "evote.ballots.device",
    "evote.ballots.encrypt",
    "evote.ballots.opening",
    "evote.ballots.preencrypted_make",
    "evote.ballots.preencrypted_record",
    "evote.ballots.preencrypted_vectors",
    "evote.board.codes",
    "evote.board.holder",
    "evote.bulk.encrypt",
    "evote.ceremony.guardian",
    "evote.ceremony.keys",
    "evote.ceremony.keyshare",
    "evote.ceremony.local",
    "evote.decryption.combination",
    "evote.decryption.guardian",
    "evote.decryption.local",
    "evote.decryption.memory",
    "evote.guardian",
    "evote.proofs.prove",
    "evote.proofs.range_prover",
    "evote.rounds.state",
    "evote.secret",
    "evote.signing.sign",
    "evote.storage.keep",
    "evote.storage.sealed",
    "evote.storage.witness",
    "evote.testing",
)
"""Modules that prove, encrypt or hold secrets. Each must exist, so that the list cannot rot; to a
package belong all its modules."""
