"""Verifications 5, 6, 7.A to 7.C, 15 and 16, and F.3, F.7: one encrypted ballot after another.

5 and 6 speak of cast ballots; they are made on challenged ones too, as the programs that write these
records do. A contest hash or code is compared over computed values. What a ballot adds to the sums enters
as it stands in the record, whether or not its proofs hold: which ballots are counted is a matter of the
record, and whether each is right is said by 5, 6 and 7.

Identifiers, codes and ciphertexts are left as digests of 32 bytes, and compared when all ballots have been
read (:mod:`evote.interop.electionguard2.stretch`); identifiers are kept besides, for F.4 and chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, MembershipError
from evote.hashing import sha256
from evote.interop.electionguard2 import hashes
from evote.interop.electionguard2.preencrypted import check_chosen, check_codes
from evote.interop.electionguard2.run import Keys, Letters, Run, claimed, member, scalars, twice
from evote.interop.electionguard2.values import (
    Ballot,
    Contest,
    ManifestContest,
    Pair,
    Proof,
    Selection,
    State,
)
from evote.proofs.ranges import range_statement
from evote.proofs.relation import DisjunctionProof, RelationProof
from evote.proofs.verify import verify_disjunction

DATA_BLOCK = 32
"""Contest data is encrypted in blocks of so many bytes."""

Members = dict[tuple[str, str], tuple[Element, Element]]
"""The selections of a ballot that are members, by contest and option."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The checks that speak of range proofs: membership, proofs of selections, proofs of limits."""

    member: str
    selection: Letters
    selection_equation: str
    members_of_contest: str | None
    limit: Letters
    limit_equation: str


REGULAR = Ids("5.A", Letters("5.B", "5.C"), "5.D", "6.A", Letters("6.B", "6.C"), "6.D")
PRE_ENCRYPTED = Ids("15.A", Letters("15.B", "15.C"), "15.D", None, Letters("16.A", "16.B"), "16.C")


@dataclass(slots=True)
class Sum:
    """The running product of one option; None once a value came that is no element at all."""

    pair: tuple[Claimed, Claimed] | None = None
    ballots: int = 0
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A value that occurs once in a record, in 32 bytes, and the check that says so."""

    check: str
    digest: bytes


@dataclass(slots=True)
class Seen:
    """What the ballots so far have left for the checks on all of them."""

    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    cast: dict[str, None] = field(default_factory=dict)
    cast_contests: dict[str, int] = field(default_factory=dict)
    """How many cast ballots have the contest."""
    voted: dict[str, None] = field(default_factory=dict)
    """The contests on submitted ballots, cast or challenged."""
    entries: list[Entry] = field(default_factory=list)
    """What of the ballot at hand may not occur on another."""
    unread: int = 0
    """Ballots that do not decode, and may have been cast."""


def check_ballot(run: Run, keys: Keys, seen: Seen, ballot: Ballot, where: str) -> Members:
    """Everything that one ballot says by itself; its members are returned, for its decryption."""
    run.report.add("ballots")
    run.report.add("cast" if ballot.state is State.CAST else "challenged")
    run.names_election(ballot.election, where)
    if not _has_shape(run, keys, seen, ballot, where):
        run.skip(("5.D", "6.D", "7.A", "7.B"), f"{where} has not the shape of its style (F.3)")
    members: Members = {}
    ids = PRE_ENCRYPTED if ballot.pre_encrypted else REGULAR
    computed = []
    for contest in ballot.contests:
        place = f"{where}, contest {contest.label!r}"
        described = keys.manifest.contests.get(contest.label)
        if described is None or [option.label for option in contest.selections] != [
            label for label, _ in described.options
        ]:
            continue
        _check_contest(run, keys, seen, contest, described, ids, members, place)
        computed.append(_contest_hash(run, keys, contest, described, place))
        if ballot.pre_encrypted:
            check_chosen(run, keys, contest, described, place)
        run.report.add("selections", len(contest.selections))
    if len(computed) == len(ballot.contests):
        _check_code(run, keys, ballot, computed, where)
    _check_repeated_code(run, seen, ballot, where)
    _count(keys, seen, ballot)
    return members


# --- shape -------------------------------------------------------------------------------------------


def _has_shape(run: Run, keys: Keys, seen: Seen, ballot: Ballot, where: str) -> bool:
    """F.3: the contests of the style, their options, in the manifest's order and with its numbers."""
    report = run.report
    report.count("F.3")
    found = report.found("F.3")
    seen.entries.append(Entry("F.3", sha256(ballot.label.encode("utf-8"))))
    if ballot.style not in keys.manifest.styles:
        report.fail("F.3", where, f"the manifest has no ballot style {ballot.style!r}")
    else:
        wanted = keys.manifest.contests_of(ballot.style)
        there = [contest.label for contest in ballot.contests]
        if there != wanted:
            report.fail(
                "F.3",
                where,
                "the contests are not those of the ballot style, in order",
                expected=", ".join(wanted),
                computed=", ".join(there),
            )
    for contest in ballot.contests:
        described = keys.manifest.contests.get(contest.label)
        place = f"{where}, contest {contest.label!r}"
        if described is None:
            continue  # the style has no such contest either
        if contest.order != described.order:
            report.fail(
                "F.3",
                place,
                "the contest has another sequence_order",
                expected=described.order,
                computed=contest.order,
            )
        options = [(option.label, option.order) for option in contest.selections]
        if options != list(described.options):
            report.fail("F.3", place, "the options are not those of the manifest, in order")
        _check_sealed(run, keys, contest, place)
        if (contest.pre_encryption is not None) != ballot.pre_encrypted:
            report.fail("F.3", place, "only a pre-encrypted ballot has, and it must have, chosen vectors")
    return report.found("F.3") == found


def _check_sealed(run: Run, keys: Keys, contest: Contest, where: str) -> None:
    """F.3: contest data, of which no verification speaks until it is opened, has the form of a ciphertext."""
    sealed = contest.data
    claimed(run, keys.group, sealed.c0, "F.3", f"{where}, contest data")
    if len(sealed.c1) != -(-sealed.size // DATA_BLOCK) * DATA_BLOCK:
        run.report.fail("F.3", f"{where}, contest data", "C1 has another length than its blocks")


# --- proofs ------------------------------------------------------------------------------------------


def _check_contest(
    run: Run,
    keys: Keys,
    seen: Seen,
    contest: Contest,
    described: ManifestContest,
    ids: Ids,
    members: Members,
    where: str,
) -> None:
    """5 and 6, or 15 and 16."""
    group, report = keys.group, run.report
    parts: list[tuple[Element, Element]] = []
    for selection in contest.selections:
        place = f"{where}, option {selection.label!r}"
        _check_repeated(run, seen, selection.pair.alpha, place)
        part = _check_selection(run, keys, selection, described.option_limit, ids, place)
        if part is not None:
            members[contest.label, selection.label] = part
            parts.append(part)
            if part[0] == group.identity:
                report.fail("F.7", place, "the ciphertext shows its vote, because alpha is the identity")
    _check_repeated(run, seen, contest.data.c0, f"{where}, contest data")
    if ids.members_of_contest is not None:
        report.count(ids.members_of_contest, 2 * len(contest.selections))
    if len(parts) != len(contest.selections) or not parts:
        if ids.members_of_contest is not None:
            report.fail(ids.members_of_contest, where, "a selection is not in the subgroup")
        run.skip((ids.limit_equation,), f"{where}: a selection is not in the subgroup")
        return
    alpha = group.product(part[0] for part in parts)
    beta = group.product(part[1] for part in parts)
    _check_range(
        run, keys, alpha, beta, described.limit, contest.proofs, ids.limit, ids.limit_equation, where
    )


def _check_selection(
    run: Run, keys: Keys, selection: Selection, limit: int, ids: Ids, where: str
) -> tuple[Element, Element] | None:
    """5 or 15 for one selection; its two parts if both are members."""
    run.report.count(ids.member, 2)
    alpha = claimed(run, keys.group, selection.pair.alpha, ids.member, where)
    beta = claimed(run, keys.group, selection.pair.beta, ids.member, where)
    if alpha is None or beta is None:
        run.skip((ids.selection_equation,), f"{where} is no element of the group ({ids.member})")
        return None
    try:
        found = _check_range(
            run, keys, alpha, beta, limit, selection.proofs, ids.selection, ids.selection_equation, where
        )
    except MembershipError as error:
        run.report.fail(ids.member, where, error.message)
        run.skip((ids.selection_equation,), f"{where} is not in the subgroup ({ids.member})")
        return None
    if found is not None:
        return found[alpha], found[beta]
    # The proof does not hold, and said nothing about membership.
    sides = [member(run, value, ids.member, where) for value in (alpha, beta)]
    return None if sides[0] is None or sides[1] is None else (sides[0], sides[1])


def _check_range(
    run: Run,
    keys: Keys,
    alpha: Claimed,
    beta: Claimed,
    limit: int,
    proofs: Sequence[Proof],
    letters: Letters,
    equation: str,
    where: str,
) -> Mapping[Claimed, Element] | None:
    """A proof that (alpha, beta) encrypts 0..limit; the members that it showed, or None if it is wrong.

    Raises :class:`MembershipError` for a value outside the subgroup.
    """
    group, report = keys.group, run.report
    report.count(equation)
    branches = [RelationProof(c, (v,)) for c, v in (scalars(run, group, p, letters, where) for p in proofs)]
    if len(branches) != limit + 1:
        report.fail(
            equation,
            where,
            "there is not one proof per allowed value",
            expected=limit + 1,
            computed=len(branches),
        )
        return None
    challenge = hashes.range_challenge(
        keys.profile, keys.extended, keys.encoded, alpha.encode(), beta.encode()
    )
    statement = range_statement(keys.public, alpha, beta, limit)
    try:
        return verify_disjunction(group, statement, DisjunctionProof(tuple(branches)), challenge)
    except MembershipError:
        raise
    except VerificationError as error:
        report.fail(equation, where, error.message, expected=error.expected, computed=error.computed)
        return None


# --- hashes ------------------------------------------------------------------------------------------


def _contest_hash(run: Run, keys: Keys, contest: Contest, described: ManifestContest, where: str) -> bytes:
    """7.A; the hash as computed."""
    pairs = [selection.pair for selection in contest.selections]
    computed = hashes.contest_hash(keys.extended, described.order, keys.encoded, pairs)
    run.report.compare("7.A", where, "the contest hash is wrong", expected=computed, computed=contest.hash)
    return computed


def _check_code(run: Run, keys: Keys, ballot: Ballot, computed: list[bytes], where: str) -> None:
    """7.B, or 17.B and 17.C."""
    if ballot.pre_encrypted:
        check_codes(run, keys, ballot, where)
        return
    code = hashes.confirmation_code(keys.extended, computed, ballot.aux)
    run.report.compare("7.B", where, "the confirmation code is wrong", expected=code, computed=ballot.code)


def _check_repeated_code(run: Run, seen: Seen, ballot: Ballot, where: str) -> None:
    """7.C and 17.D: among all submitted ballots, no code occurs twice."""
    check = "17.D" if ballot.pre_encrypted else "7.C"
    run.report.count(check)
    seen.entries.append(Entry(check, ballot.code))


def _check_repeated(run: Run, seen: Seen, data: bytes, where: str) -> None:
    """F.7: no first part of a ciphertext occurs twice."""
    run.report.count("F.7")
    seen.entries.append(Entry("F.7", sha256(data)))


# --- sums --------------------------------------------------------------------------------------------


def _count(keys: Keys, seen: Seen, ballot: Ballot) -> None:
    """Enter a ballot into what the checks on all ballots need."""
    for contest in ballot.contests:
        seen.voted[contest.label] = None
    if ballot.state is not State.CAST:
        return
    seen.cast[ballot.label] = None
    for contest in ballot.contests:
        seen.cast_contests[contest.label] = seen.cast_contests.get(contest.label, 0) + 1
        repeated = twice([option.label for option in contest.selections])
        for selection in contest.selections:
            sum_ = seen.sums.setdefault((contest.label, selection.label), Sum())
            sum_.ballots += 1
            _multiply(keys, sum_, selection.pair, broken=selection.label in repeated)


def _multiply(keys: Keys, sum_: Sum, pair: Pair, *, broken: bool) -> None:
    group = keys.group
    try:
        values = group.claim(pair.alpha), group.claim(pair.beta)
    except DecodeError:
        sum_.broken = True
        return
    sum_.broken |= broken
    if sum_.pair is None:
        sum_.pair = values
    else:
        sum_.pair = (
            group.product_of_claimed((sum_.pair[0], values[0])),
            group.product_of_claimed((sum_.pair[1], values[1])),
        )
