"""Which line stops an attack, and what stands there once it is gone: every attack's test must then be red.

A mutation is a text that stands once in a module of the package, and the text that takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "evote"


@dataclass(frozen=True)
class Mutation:
    """One check removed: the module, the text that goes, the text that comes."""

    module: str
    old: str
    new: str

    def apply(self, package: Path) -> None:
        """Change the module below ``package``; ``AssertionError`` if the text does not stand there once."""
        path = package / self.module
        source = path.read_text(encoding="utf-8")
        assert source.count(self.old) == 1, f"{self.module} has it {source.count(self.old)} times: {self.old}"
        path.write_text(source.replace(self.old, self.new), encoding="utf-8")


_REPEATED = Mutation(
    "verifier/checks/v05_identifiers.py",
    'report.fail("E.6", _ballots(places), f"one ciphertext stands as {_uses(places)}")',
    "pass",
)
_STALE = Mutation(
    "board/rules.py", "if isinstance(entry, CastEntry) and entry.previous != head:", "if False:"
)
_UNSIGNED = Mutation(
    "board/rules.py",
    "return Refused(Refusal.WRONG_SIGNATURE, error.message)",
    "return None",
)
_RANGE = Mutation(
    "ballots/examiner.py", 'self._fail("6.D", error.message, *_sides(error), where=where)', "pass"
)
_LIMIT = Mutation(
    "ballots/examiner.py", 'self._fail("7.D", error.message, *_sides(error), where=where)', "pass"
)
_SUMS = Mutation("guardian/closed.py", "if stated == computed:", "if True:")
_ORDER = Mutation(
    "board/counting.py", "if entry.previous != self._heads.get(slot, NO_PREVIOUS):", "if False:"
)

MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    "A1": (
        Mutation(
            "ballots/hashes.py",
            "hmac(key, 0x24, u32(contest), u32(option), alpha, beta, *commitments)",
            "hmac(key, 0x24, u32(contest), u32(option), *commitments)",
        ),
    ),
    "A2": (
        Mutation(
            "groups/modp.py",
            '            + self.order.to_bytes(32, "big")\n            + self.encode(self.generator)\n',
            '            + self.order.to_bytes(32, "big")\n',
        ),
    ),
    "A3": (
        Mutation(
            "ballots/hashes.py",
            "hmac(key, 0x24, u32(contest), u32(option), alpha, beta, *commitments)",
            "hmac(key, 0x24, u32(contest), alpha, beta, *commitments)",
        ),
    ),
    "A4": (Mutation("proofs/verify.py", "if computed != stated:", "if False:"),),
    "A5": (
        _REPEATED,
        Mutation("storage/box_admission.py", "if self._seen.repeats(candidate.elements) or not", "if not"),
        Mutation("board/rules.py", "if computed != ballot.identifier:", "if False:"),
    ),
    "A6": (
        Mutation(
            "verifier/checks/v05_identifiers.py",
            'report.fail("5.A", _ballots(places), f"the identifier {key.hex()} occurs more than once")',
            "pass",
        ),
        Mutation(
            "board/receipt_client.py",
            '_same("leaf", "another ballot", leaf.hex(), admission.leaf.hex())',
            "pass",
        ),
    ),
    "A7": (
        Mutation("verifier/checks/v01_parameters.py", '("1.D", "g", g, stated.g),', '("1.D", "g", g, g),'),
        Mutation("groups/params.py", "if rest or sha256(", "if rest and sha256("),
    ),
    "A8": (
        Mutation(
            "decryption/check.py",
            'check.fail("10.B", error.message, error.expected, error.computed)',
            "pass",
        ),
        Mutation("decryption/check.py", "if encoded == field.power:", "if True:"),
    ),
    "A9": (
        Mutation(
            "verifier/checks/v01_parameters.py", "report.fail(identifier, where, error.message)", "pass"
        ),
        Mutation("groups/modp.py", "if not 1 < g < p or gmpy2.powmod(g, q, p) != 1:", "if not 1 < g < p:"),
    ),
    "A10": (
        Mutation("groups/modp.py", "if not member:", "if False:"),
        Mutation("groups/modp.py", "if not 0 < value < self._p:", "if False:"),
    ),
    "A11": (
        Mutation(
            "ballots/examiner.py",
            'if alpha == group.identity:\n            self._fail("E.7", "the ciphertext is',
            'if False:\n            self._fail("E.7", "the ciphertext is',
        ),
        Mutation("ballots/examiner.py", "if claimed == group.identity:", "if False:"),
        Mutation(
            "ceremony/guardian.py",
            "if setting.group.identity in (keys.vote_key, keys.data_key):",
            "if False:",
        ),
    ),
    "A12": (
        Mutation("signing/verify.py", "if not in_prime_subgroup(x, y):", "if False:"),
        Mutation("groups/p256.py", "if x >= P:", "if False:"),
    ),
    "A13": (_RANGE, _LIMIT),
    "A14": (
        Mutation(
            "decryption/request.py", "if bound > MAX_BOUND or bound >= election.group.order:", "if False:"
        ),
        Mutation("elgamal.py", "if found > self.bound:", "if False:"),
    ),
    "A15": (Mutation("ballots/examiner.py", "if self._ballot.weight != style.weight:", "if False:"),),
    "A16": (
        Mutation(
            "ceremony/guardian.py",
            "elif (fault := _commitment_fault(setting, message.record, round0[sender - 1])) is not None:",
            "elif (fault := None) is not None:",
        ),
        Mutation(
            "ceremony/check.py", "if fault is not None:\n        raise fault", "if False:\n        pass"
        ),
    ),
    "A17": (
        Mutation("rounds/inbox.py", "elif sender in seen:", "elif False:"),
        Mutation("rounds/inbox.py", "if message != own:", "if False:"),
    ),
    "A18": (
        Mutation(
            "decryption/combination.py",
            "if (a.encode(), b.encode()) != (parts[guardian].a, parts[guardian].b):",
            "if False:",
        ),
    ),
    "A19": (
        _REPEATED,
        Mutation(
            "ballots/encrypt.py",
            'Secret(tagged("evote/v1/ballot-nonce", rng.token(32), device.secret.reveal(), identifier))',
            "Secret(rng.token(32))",
        ),
    ),
    "A20": (
        Mutation(
            "secret.py",
            'def __repr__(self) -> str:\n        return "<secret>"',
            "def __repr__(self) -> str:\n        return repr(self.__value)",
        ),
        Mutation(
            "secret.py", 'raise TypeError("secrets are not picklable")', "return (Secret, (self.__value,))"
        ),
    ),
    "A21": (
        Mutation(
            "board/receipt_client.py",
            '_same("leaf", "another ballot", leaf.hex(), admission.leaf.hex())',
            "pass",
        ),
        Mutation("board/receipt_client.py", "answer.verify(log.key)", "pass"),
    ),
    "A22": (
        Mutation("board/rules.py", "if holding.unit != setting.unit:", "if False:"),
        Mutation("board/counting.py", "if unit != self._unit:", "if False:"),
        Mutation("board/rules.py", "if computed != ballot.identifier:", "if False:"),
    ),
    "A23": (
        Mutation(
            "manifest/params.py",
            "hmac(parameter_hash, 0x01, prefixed(manifest_raw))",
            "hmac(parameter_hash, 0x01)",
        ),
    ),
    "A24": (
        Mutation("manifest/strict_json.py", "if len(found) != len(pairs):", "if False:"),
        Mutation("manifest/strict_json.py", "parse_float=_decimal if fractions else _no_float,", ""),
        Mutation("manifest/strict_json.py", "parse_constant=_no_constant,", ""),
    ),
    "A25": (
        Mutation("hashing.py", "parts += (u32(len(field)), field)", "parts += (field,)"),
        Mutation("hashing.py", 'return prefixed(string.encode("utf-8"))', 'return string.encode("utf-8")'),
    ),
    "A26": (
        Mutation("merkle/proof.py", "if expected != computed:", "if False:"),
        Mutation(
            "board/receipt_log.py", "return tree.root(checkpoint.size) != checkpoint.root", "return False"
        ),
    ),
    "A27": (
        Mutation(
            "board/receipt_check.py",
            "if seen.setdefault((head.origin, head.size), head.root) != head.root:",
            "if False:",
        ),
        Mutation(
            "board/witness.py",
            "new.size == old.size and new.root != old.root:",
            "new.size == old.size and new.root != new.root:",
        ),
    ),
    "A28": (
        Mutation("merkle/proof.py", "if len(path) != length:", "if False:"),
        Mutation("merkle/proof.py", "if len(value) != HASH_BYTES:", "if False:"),
    ),
    "A29": (_REPEATED,),
    "A30": (
        Mutation(
            "report/status.py", "if Status.NOT_CHECKED in found or Status.PASS not in found:", "if False:"
        ),
        Mutation(
            "report/builder.py",
            "if identifier in self._skipped:\n            return CheckResult(check, Status.NOT_CHECKED",
            "if identifier in self._skipped:\n            return CheckResult(check, Status.PASS",
        ),
    ),
    "A31": (
        Mutation("record/index.py", 'yield VerificationError("the file is missing", where=path)', "pass"),
    ),
    "A32": (
        Mutation(
            "manifest/contest_data.py", '.ljust(BLOCK_BYTES * data.blocks, b"\\x00")', '.ljust(32, b"\\x00")'
        ),
    ),
    "A33": (
        Mutation(
            "groups/modp.py",
            "Element(self, gmpy2.powmod_sec(self._member(base), value, self._p))",
            "Element(self, self._power(base, value))",
        ),
    ),
    "A34": (
        Mutation("manifest/strict_json.py", '*+"?|', '*+"|'),
        Mutation("manifest/strict_json.py", "if _depth(text) > MAX_JSON_DEPTH:", "if False:"),
        Mutation("manifest/strict_json.py", "if len(raw) > limit:", "if False:"),
    ),
    "A35": (Mutation("report/html.py", '"<!DOCTYPE html>",', '"<!DOCTYPE html><link href=//elsewhere>",'),),
    "A36": (
        Mutation(
            "proofs/weights.py",
            'return int.from_bytes(self._rng.token(self._size), "big") >> self._shift',
            "return 1",
        ),
    ),
    "A37": (_STALE, _ORDER),
    "A38": (
        Mutation(
            "groups/base.py",
            "return [Element(self, value.raw) for value in values] if product == expected else None",
            "return [Element(self, value.raw) for value in values]",
        ),
        Mutation(
            "ballots/batch.py", "if outcome.findings:\n        return None", "if False:\n        return None"
        ),
    ),
    "A39": (Mutation("groups/p256.py", "expand_message(digest, tag, _UNIFORM_BYTES)", "digest"),),
    "A40": (
        Mutation(
            "verifier/checks/v09_aggregation.py",
            '("9.A", pair[0], published.alpha),',
            '("9.A", pair[0], pair[0].encode()),',
        ),
        Mutation("verifier/checks/e12_cells.py", "if expected != computed:", "if False:"),
    ),
    "A41": (
        Mutation("ballots/examiner.py", "return None if faults else contests", "return contests"),
        Mutation("ballots/shape.py", "if len(encrypted.limit_proof) != contest.limit + 1:", "if False:"),
    ),
    "A42": (
        Mutation(
            "decryption/hashes.py",
            "hmac(extended_hash, 0x31, u32(contest), u32(option), alpha, beta, a, b, combined)",
            "hmac(extended_hash, 0x31, u32(contest), u32(option), alpha, beta, a, b)",
        ),
        Mutation("decryption/check.py", "if encoded == field.power:", "if True:"),
    ),
    "A43": (
        _RANGE,
        Mutation(
            "report/status.py", "if Status.NOT_CHECKED in found or Status.PASS not in found:", "if False:"
        ),
    ),
    "A44": (
        Mutation("codec/reading.py", "if left:", "if False:"),
        Mutation("codec/reading.py", "if not short:", "if False:"),
        Mutation("codec/reading.py", "if size < least:", "if False:"),
    ),
    "A45": (_ORDER,),
    "A46": (
        _SUMS,
        Mutation("guardian/closed.py", "    _require_pass(report)\n    if counter", "    if counter"),
        Mutation("tally/tally.py", "if not self.complete:", "if False:"),
    ),
    "A47": (
        _UNSIGNED,
        Mutation("board/rules.py", "if holding.revoked:", "if False:"),
        Mutation("board/counting.py", 'invalid = invalid or "its credential is not on the roll"', "pass"),
    ),
    "A48": (
        Mutation("ceremony/guardian.py", "compare_views(self.index, round0, found, blame)", "pass"),
        Mutation("ceremony/guardian.py", "if message.guardian_hash != view:", "if False:"),
    ),
    "A49": (
        Mutation("groups/modp.py", "return multiexp.non_squares(self._p, self._raws(values))", "return []"),
        Mutation("groups/modp.py", "if not multiexp.all_of_order(self._p, self._q, subsets):", "if False:"),
    ),
    "A50": (
        _SUMS,
        Mutation("decryption/request.py", "if token is not _TOKEN:", "if False:"),
    ),
    "A51": (
        Mutation(
            "guardian/ledger.py",
            "if self._head is not None and (request.provisional or self._head != request.head):",
            "if False:",
        ),
    ),
    "A52": (
        Mutation("rounds/state.py", "return self._held.pop()", "return self._held[-1]"),
        Mutation(
            "guardian/session.py",
            "self._consume()\n        self._write(RESPONSES, encode(responses))",
            "self._write(RESPONSES, encode(responses))\n        self._consume()",
        ),
    ),
    "A53": (
        Mutation(
            "ballots/examiner.py",
            'self._fail(check, f"proof of the {what}: {error.message}", *_sides(error))',
            "pass",
        ),
        _REPEATED,
    ),
    "A54": (
        Mutation("tally/tally.py", " or other.head != self.head:", ":"),
        Mutation("tally/tally.py", "if joined and covered.begin < joined[-1].end:", "if False:"),
    ),
    "A55": (
        Mutation("board/counting.py", "if not invalid and holding.revoked:", "if False:"),
        Mutation("board/reissue.py", "if len(entry.signatures) != wanted:", "if False:"),
        Mutation(
            "board/codes.py",
            'own = tagged("evote/v1/code-salt", salt, bytes((self.part,)))',
            "own = bytes(32)",
        ),
    ),
    "A56": (
        _STALE,
        Mutation("board/submission.py", "return identifier + ballot + bound", "return identifier + ballot"),
    ),
    "A57": (
        Mutation("board/rules.py", "if decided is not None:", "if False:"),
        Mutation(
            "ballots/encrypt.py",
            "            if self._decided is not None:\n                raise",
            "            if False:\n                raise",
        ),
    ),
    "A58": (_UNSIGNED, Mutation("board/rules.py", "if decided is not None:", "if False:")),
    "A59": (
        Mutation(
            "board/entries.py", 'return tagged("evote/v1/blinded", pseudonym, blind)', "return pseudonym"
        ),
        Mutation("manifest/rules.py", "if manifest.decrypt_contest_data:", "if False:"),
    ),
    "A60": (
        Mutation(
            "verifier/board/roll.py", 'report.fail("E.15", name, f"the manifest declares {missing}")', "pass"
        ),
        Mutation(
            "verifier/checks/v01_parameters.py",
            "if name == ROUND0 and run.guardians",
            "if False and run.guardians",
        ),
    ),
    "A61": (
        _LIMIT,
        Mutation("ballots/shape.py", "if len(encrypted.limit_proof) != contest.limit + 1:", "if False:"),
    ),
    "A62": (
        Mutation(
            "elgamal.py",
            "group.power(key.base, group.scalar(value) + nonce),",
            "group.power(key.base, group.scalar(value) + nonce if value else nonce * group.scalar(1))"
            " if value else group.multiply(group.power(key.base, nonce), group.identity),",
        ),
        Mutation(
            "decryption/guardian.py",
            "group.power_secret(group.generator, nonce)",
            "group.power(group.generator, nonce.reveal())",
        ),
    ),
    "A63": (
        Mutation(
            "ballots/encrypt.py",
            'Secret(tagged("evote/v1/ballot-nonce", rng.token(32), device.secret.reveal(), identifier))',
            "Secret(rng.token(32))",
        ),
        _REPEATED,
    ),
    "A64": (
        Mutation(
            "board/receipt_check.py",
            'return replace(known, reason="the ballot is in the closed log")',
            "return replace(known, verdict=ReceiptVerdict.COUNTED)",
        ),
    ),
    "A65": (
        Mutation(
            "board/receipt_check.py",
            "witnessed = inclusion.head.verify(leaf_hash(entry), setting.log, setting.policy)",
            "witnessed = setting.policy.verify(inclusion.head.note, setting.log)",
        ),
    ),
    "A66": (
        Mutation("board/receipt_client.py", "if not time <= deadline <= latest:", "if False:"),
        Mutation("board/receipt_client.py", "if seconds_of(promise.time) > now + tolerance:", "if False:"),
        Mutation("board/receipt_check.py", "if due < seconds_of(promise.deadline):", "if False:"),
    ),
    "A67": (
        Mutation(
            "proofs/weights.py", "DERIVED_BITS: Final = (192, 256)", "DERIVED_BITS: Final = (128, 192, 256)"
        ),
        Mutation(
            "proofs/weights.py",
            'tagged("evote/v1/batch-weight", self._seed,',
            'tagged("evote/v1/batch-weight",',
        ),
    ),
    "A68": (
        Mutation(
            "ballots/verified.py",
            'raise TypeError("verified ballots are not pickled: verify the bytes where they are used")',
            "return (object, ())",
        ),
        Mutation("tally/tally.py", 'raise TypeError("only verified ballots enter a tally")', "pass"),
    ),
    "A69": (
        Mutation(
            "groups/curve.py",
            "return INFINITY if r else double((x2, y2, _ONE))",
            "return INFINITY",
        ),
        Mutation(
            "groups/curve.py",
            "        if z:\n            product = product * z % P",
            "        product = product * z % P",
        ),
    ),
    "A70": (Mutation("decryption/withheld.py", "if ballots < minimum:", "if False:"),),
}
"""By attack: each removes one of the checks that stop it."""
