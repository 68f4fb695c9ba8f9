"""SHAPE, SELECTIONS, LIMITS, CODES and EXTRA: what one encrypted ballot says by itself.

Everything but equations is looked at here; equations come back as claims, to be decided with those of
other ballots (:mod:`evote.interop.electionguard1.settle`). Hashes are compared over computed values, so
that one wrong value fails one check. Spoiled ballots are examined like cast ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from evote.errors import DecodeError
from evote.groups import Claimed
from evote.hashing import tagged
from evote.interop.electionguard1 import statements
from evote.interop.electionguard1.keys import Keys, claimed
from evote.interop.electionguard1.statements import Claim, Total, answered
from evote.interop.electionguard1.values import Ballot, Contest, ManifestContest, Pair, Selection
from evote.proofs.relation import DisjunctionProof
from evote.report import ReportBuilder

UNREACHED = ("SELECTIONS.4", "LIMITS.5", "CODES.3", "CODES.4")

Claims = list[Claim]
Known = tuple[Claimed, Claimed]


@dataclass(slots=True)
class Examined:
    """What is left of a ballot: its equations, the digests of its ciphertexts, its code as computed."""

    claims: Claims = field(default_factory=list)
    ciphertexts: list[bytes] = field(default_factory=list)
    code: str | None = None


def examine(keys: Keys, report: ReportBuilder, ballot: Ballot, where: str) -> Examined:
    """Everything about a ballot but its equations, which are returned."""
    found = Examined()
    whole = _check_shape(keys, report, ballot, where)
    report.count("SHAPE.2")
    if ballot.manifest != keys.manifest.hash:
        _differ(
            report, "SHAPE.2", where, "the ballot is of another election", keys.manifest.hash, ballot.manifest
        )
    _check_nonce(report, ballot.nonce, where)
    hashes = []
    for contest in ballot.contests:
        place = f"{where}, contest {contest.label!r}"
        described = keys.manifest.contests.get(contest.label)
        if described is None or not _same_selections(contest, described):
            continue
        hashes.append(_check_contest(keys, report, contest, described, found, place))
    if not whole:
        report.skip(UNREACHED, f"{where} has not the shape of its style (SHAPE.1)")
    if len(hashes) == len(ballot.contests):
        _check_code(keys, report, ballot, hashes, found, where)
    return found


# --- shape -------------------------------------------------------------------------------------------


def _check_shape(keys: Keys, report: ReportBuilder, ballot: Ballot, where: str) -> bool:
    """SHAPE.1; whether it holds."""
    report.count("SHAPE.1")
    before = report.found("SHAPE.1")
    manifest = keys.manifest
    if ballot.style not in manifest.styles:
        report.fail("SHAPE.1", where, f"the manifest has no ballot style {ballot.style!r}")
        return False
    wanted = [contest.label for contest in manifest.contests_of(ballot.style)]
    there = [contest.label for contest in ballot.contests]
    if wanted != there:
        message = "the contests are not those of the ballot style, in order"
        _differ(report, "SHAPE.1", where, message, ", ".join(wanted), ", ".join(there))
    for contest in ballot.contests:
        described = manifest.contests.get(contest.label)
        place = f"{where}, contest {contest.label!r}"
        if described is None:
            continue
        if not _same_selections(contest, described):
            report.fail("SHAPE.1", place, "options and placeholders are not those of the manifest, in order")
        if contest.order != described.order:
            message = "the contest has another sequence_order"
            _differ(report, "SHAPE.1", place, message, described.order, contest.order)
    return report.found("SHAPE.1") == before


def _same_selections(contest: Contest, described: ManifestContest) -> bool:
    there = [(each.label, each.order, each.placeholder) for each in contest.selections]
    return there == [(each.label, each.order, each.placeholder) for each in described.selections]


def _check_nonce(report: ReportBuilder, nonce: str | None, where: str) -> None:
    report.count("EXTRA.2")
    if nonce is not None:
        report.fail("EXTRA.2", where, "a nonce is published, which shows what was voted")


# --- a contest ---------------------------------------------------------------------------------------


def _check_contest(
    keys: Keys,
    report: ReportBuilder,
    contest: Contest,
    described: ManifestContest,
    found: Examined,
    where: str,
) -> str:
    """One contest; its hash, as computed."""
    _check_nonce(report, contest.nonce, where)
    _compare(report, "SHAPE.3", where, "the description hash is another", described.hash, contest.description)
    known: list[Known] = []
    hashes = []
    for selection, wanted in zip(contest.selections, described.selections, strict=True):
        place = f"{where}, option {selection.label!r}"
        message = "the description hash is another"
        _compare(report, "SHAPE.3", place, message, wanted.hash, selection.description)
        digest = keys.hashes.selection(selection.label, wanted.hash, selection.pair)
        _compare(report, "CODES.1", place, "the hash of the selection is another", digest, selection.hash)
        hashes.append(digest)
        _check_nonce(report, selection.nonce, place)
        found.ciphertexts.append(digest_of(selection.pair))
        pair = _check_selection(keys, report, selection, found.claims, place)
        if pair is not None:
            known.append(pair)
    report.add("selections", len(contest.selections))
    _check_limit(keys, report, contest, described, known, found.claims, where)
    digest = keys.hashes.contest(contest.label, described.hash, hashes)
    _compare(report, "CODES.2", where, "the hash of the contest is another", digest, contest.hash)
    return digest


def _check_selection(
    keys: Keys, report: ReportBuilder, selection: Selection, claims: Claims, where: str
) -> Known | None:
    """SELECTIONS for one selection; its pair, if it is in range."""
    proof, group = selection.proof, keys.group
    report.count("SELECTIONS.1", 2)
    numbers = [int(text, 16) for text in (*proof.challenges, proof.challenge, *proof.responses)]
    c0, c1, c, v0, v1 = numbers
    fits = check_range(report, "SELECTIONS.2", group.order, numbers, where)
    report.count("SELECTIONS.3")
    hashed = keys.hashes.challenge(keys.extended, selection.pair, *proof.commitments)
    if int(hashed, 16) != c % group.order:
        message = "the challenge is not the hash"
        _differ(report, "SELECTIONS.3", where, message, hashed, proof.challenge)
    elif (c0 + c1 - c) % group.order:
        report.fail("SELECTIONS.3", where, "the challenges do not add up")
    pair = known_pair(keys, report, "SELECTIONS.1", selection.pair, where)
    commitments = known_all(keys, report, "SELECTIONS.1", proof.commitments, where)
    if selection.pair.pad == "01":
        report.fail("EXTRA.1", where, "the ciphertext shows its vote, because alpha is 1")
    if pair is None or commitments is None:
        report.skip("SELECTIONS.4", f"{where}: a value is not in the group (SELECTIONS.1)")
        return pair
    branches = DisjunctionProof((answered(group, c0, v0), answered(group, c1, v1)))
    statement = statements.selection(keys.public, *pair)
    claims.append(Claim(where, "SELECTIONS.1", "SELECTIONS.4", statement, branches, commitments, fits))
    return pair


def _check_limit(
    keys: Keys,
    report: ReportBuilder,
    contest: Contest,
    described: ManifestContest,
    known: Sequence[Known],
    claims: Claims,
    where: str,
) -> None:
    """LIMITS for one contest."""
    proof, group = contest.proof, keys.group
    report.count("LIMITS.1")
    if contest.limit != described.limit:
        message = "the proof is about another number of votes"
        _differ(report, "LIMITS.1", where, message, described.limit, contest.limit)
    numbers = [int(proof.challenge, 16), int(proof.response, 16)]
    fits = check_range(report, "LIMITS.3", group.order, numbers, where)
    commitments = known_all(keys, report, "LIMITS.5", proof.commitments, where)
    if len(known) != len(contest.selections):
        report.skip(("LIMITS.2", "LIMITS.4", "LIMITS.5"), f"{where}: a selection is not in the group")
        return
    alphas, betas = tuple(pair[0] for pair in known), tuple(pair[1] for pair in known)
    report.count("LIMITS.2")
    total = Pair(*(_text(group.product_of_claimed(part)) for part in (alphas, betas)))
    if total != contest.total:
        report.fail("LIMITS.2", where, "the contest total is not the product of the selections")
    report.count("LIMITS.4")
    hashed = keys.hashes.challenge(keys.extended, total, *proof.commitments)
    if int(hashed, 16) != numbers[0] % group.order:
        _differ(report, "LIMITS.4", where, "the challenge is not the hash", hashed, proof.challenge)
    if commitments is None:
        return
    claims.append(
        Claim(
            where,
            "SELECTIONS.1",
            "LIMITS.5",
            statements.total(keys.public, alphas, betas, described.limit),
            answered(group, *numbers),
            commitments,
            fits,
            Total(alphas, betas, described.limit),
        )
    )


# --- codes -------------------------------------------------------------------------------------------


def _check_code(
    keys: Keys, report: ReportBuilder, ballot: Ballot, hashes: list[str], found: Examined, where: str
) -> None:
    """CODES.3 and CODES.4."""
    digest = keys.hashes.ballot(ballot.label, keys.manifest.hash, hashes)
    _compare(report, "CODES.3", where, "the hash of the ballot is another", digest, ballot.hash)
    found.code = keys.hashes.code(ballot.ring, digest)
    _compare(report, "CODES.4", where, "the confirmation code is another", found.code, ballot.ring.code)


# --- what decryptions share --------------------------------------------------------------------------


def digest_of(pair: Pair) -> bytes:
    """A ciphertext in 32 bytes, for finding it again."""
    return tagged("evote/v1/foreign-pair", pair.pad.encode("ascii"), pair.data.encode("ascii"))


def check_range(report: ReportBuilder, check: str, order: int, numbers: Sequence[int], where: str) -> bool:
    """Challenges and responses are below q; whether they are."""
    report.count(check, len(numbers))
    fits = all(number < order for number in numbers)
    if not fits:
        report.fail(check, where, "a challenge or response is not below q")
    return fits


def known_pair(keys: Keys, report: ReportBuilder, check: str, pair: Pair, where: str) -> Known | None:
    """Both parts of a ciphertext, if they are between 1 and p - 1."""
    found = known_all(keys, report, check, (pair.pad, pair.data), where)
    return None if found is None else (found[0], found[1])


def known_all(
    keys: Keys, report: ReportBuilder, check: str, texts: Sequence[str], where: str
) -> tuple[Claimed, ...] | None:
    """The values of numbers, if all are between 1 and p - 1; else None, with a finding of ``check``."""
    try:
        return tuple(claimed(keys.group, text) for text in texts)
    except DecodeError as error:
        report.fail(check, where, error.message)
        return None


def _text(value: Claimed) -> str:
    digits = value.encode().hex().upper().lstrip("0")
    return "0" * (len(digits) % 2) + digits


def _compare(report: ReportBuilder, check: str, where: str, message: str, wanted: str, stated: str) -> None:
    report.count(check)
    if wanted != stated:
        _differ(report, check, where, message, wanted, stated)


def _differ(
    report: ReportBuilder, check: str, where: str, message: str, wanted: object, stated: object
) -> None:
    report.fail(check, where, message, expected=wanted, computed=stated)
