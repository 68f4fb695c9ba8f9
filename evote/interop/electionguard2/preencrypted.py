"""Verifications 17 and 18: what pre-encrypted ballots have besides (2.0 specification, section 4).

The record publishes, per contest, all selection hashes in ascending order, and of the chosen vectors the
encryptions and short codes. Vectors that were not chosen are not published on a cast ballot, so that only
their hashes are covered (17.B). The short code is the first five hexadecimal digits of psi, in upper
case, which is how egk-ec makes it; the manifest does not state Omega.
"""

from __future__ import annotations

from evote.errors import DecodeError
from evote.interop.electionguard2 import hashes
from evote.interop.electionguard2.run import Keys, Run
from evote.interop.electionguard2.values import Ballot, Contest, ManifestContest

SHORT_CODE_DIGITS = 5


def check_chosen(run: Run, keys: Keys, contest: Contest, described: ManifestContest, where: str) -> None:
    """17.A and 18.A for one contest."""
    held = contest.pre_encryption
    if held is None:
        run.skip(("17.A", "17.B", "17.C", "18.A"), f"{where} has no chosen vectors (F.3)")
        return
    report = run.report
    for number, vector in enumerate(held.chosen):
        place = f"{where}, vector {number}"
        computed = hashes.vector_hash(keys.extended, keys.encoded, vector.pairs)
        report.compare("17.A", place, "the selection hash is wrong", expected=computed, computed=vector.hash)
        report.count("18.A")
        code = computed.hex().upper()[:SHORT_CODE_DIGITS]
        if vector.short_code != code:
            report.fail("18.A", place, "the short code is wrong", expected=code, computed=vector.short_code)
        if computed not in held.all_hashes:
            report.fail("17.A", place, "the vector is none of the contest")
    report.count("17.B")
    if len(held.all_hashes) != len(described.options) + described.limit:
        report.fail(
            "17.B",
            where,
            "there is not one hash per vector, null vectors included",
            expected=len(described.options) + described.limit,
            computed=len(held.all_hashes),
        )
    if list(held.all_hashes) != sorted(held.all_hashes):
        report.fail("17.B", where, "the selection hashes are not in ascending order")
    _check_product(run, keys, contest, described, where)


def _check_product(run: Run, keys: Keys, contest: Contest, described: ManifestContest, where: str) -> None:
    """18.A, second part: selections are the products of the chosen vectors, one per possible vote."""
    held, group = contest.pre_encryption, keys.group
    run.report.count("18.A")
    if held is None or len(held.chosen) != described.limit:
        run.report.fail("18.A", where, "there is not one chosen vector per vote")
        return
    if any(len(vector.pairs) != len(contest.selections) for vector in held.chosen):
        run.report.fail("18.A", where, "a vector has not one encryption per option")
        return
    for place, selection in enumerate(contest.selections):
        sides = selection.pair.alpha, selection.pair.beta
        try:
            alphas = [group.claim(vector.pairs[place].alpha) for vector in held.chosen]
            betas = [group.claim(vector.pairs[place].beta) for vector in held.chosen]
        except DecodeError as error:
            run.report.fail("18.A", where, error.message)
            return
        products = group.product_of_claimed(alphas).encode(), group.product_of_claimed(betas).encode()
        if products != sides:
            run.report.fail(
                "18.A",
                f"{where}, option {selection.label!r}",
                "the selection is not the product of the chosen vectors",
            )


def check_codes(run: Run, keys: Keys, ballot: Ballot, where: str) -> None:
    """17.B and 17.C: contest hashes over all vectors, and the code over them."""
    computed = []
    for contest in ballot.contests:
        if contest.pre_encryption is None:
            return  # F.3
        found = hashes.pre_encrypted_contest_hash(
            keys.extended,
            keys.manifest.contests[contest.label].order,
            keys.encoded,
            contest.pre_encryption.all_hashes,
        )
        run.report.compare(
            "17.B",
            f"{where}, contest {contest.label!r}",
            "the contest hash is wrong",
            expected=found,
            computed=contest.pre_encryption.hash,
        )
        computed.append(found)
    run.report.compare(
        "17.C",
        where,
        "the confirmation code is wrong",
        expected=hashes.pre_encrypted_code(keys.extended, computed, ballot.aux),
        computed=ballot.code,
    )
