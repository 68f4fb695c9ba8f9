"""The log and its receipts: ``python -m benches.log`` from the top of the repository.

Makes the tree over as many leaves as ballots came by Internet in one real election, inclusion proofs of
leaves all over it, and final receipts of ballots in it as voters keep them: the promise, a proof that leads
to the unit's head, one from there to a head of the election's log (10,000 leaves) that three witnesses
cosigned. A check reads the text of a receipt and looks at everything, as a voter's program does, in process.
Of several rounds the quickest counts; wall time and processor time are shown.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import click

from evote.bench.machine import machine
from evote.board.admission import RECEIPT_TAG, Admission
from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.board.entries import UnitHeadEntry, leaf_data
from evote.board.note import KeyKind, NoteKey
from evote.board.receipt import Ballot, Inclusion, Promise, Receipt
from evote.board.receipt_check import ReceiptVerdict, check_receipt
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import read_text, write_text
from evote.board.submission import NO_PREVIOUS
from evote.codec import encode
from evote.hashing import sha256
from evote.manifest.moments import moment_of, seconds_of
from evote.merkle import Tree, leaf_hash, verify_inclusion
from evote.randomness import SYSTEM
from evote.signing import SigningKey, openssl
from evote.testing.boards import CLOSES, ORIGIN, unit_origin
from evote.testing.electorate import Electorate

LEAVES = 416_601
"""Internet ballots of French voters abroad, first round of June 2024."""
UNIT_HEADS = 10_000
PROOFS = 200_000
RECEIPTS = 200
UNIT = "North"


def timed(rounds: int, work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of the round that took the processor least."""
    found = []
    for _ in range(rounds):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(found, key=lambda taken: taken[1])


def receipts(leaves: list[bytes]) -> tuple[ReceiptSetting, list[bytes], Tree]:
    """Texts of final receipts whose ballots stand in ``leaves``, which is changed; the setting; the tree."""
    signers = {f"w{number}.example/w": SigningKey.generate() for number in (1, 2, 3)}
    keys = [NoteKey(name, KeyKind.COSIGNATURE, key.verify_key) for name, key in signers.items()]
    lines = [f"witness {name} {key}" for name, key in zip("abc", keys, strict=True)]
    policy = "\n".join((*lines, "group q 2 a b c", "quorum q", ""))
    electorate = Electorate([(UNIT, "plain")], witnesses=policy)
    setting = ReceiptSetting(electorate.manifest, electorate.election.extended_hash)
    unit_key, voter, now = electorate.authorities.units[UNIT], electorate.voters[0], seconds_of(CLOSES) - 3600
    fingerprint, origin = setting.fingerprint, unit_origin(UNIT)
    places = random.Random(len(leaves)).sample(range(len(leaves)), RECEIPTS)
    ballots = {}
    for place in places:
        name = voter.holder.pseudonym
        ballots[place] = Ballot(UNIT, "plain", False, name, SYSTEM.token(32), NO_PREVIOUS)
        leaves[place] = ballots[place].leaf(fingerprint, origin)
    tree = Tree(map(leaf_hash, leaves))
    head = sign_checkpoint(Checkpoint.of_tree(origin, tree), unit_key)
    entry = UnitHeadEntry(UNIT, tree.size, tree.root(), tree.consistency(tree.size // 2, tree.size), False)
    heads = [SYSTEM.token(32) for _ in range(UNIT_HEADS)]
    heads[UNIT_HEADS // 3] = leaf_data(fingerprint, ORIGIN, "", entry)
    above = Tree(map(leaf_hash, heads))
    checkpoint = Checkpoint.of_tree(ORIGIN, above)
    note = sign_checkpoint(checkpoint, electorate.authorities.log)
    note = note.having(*(cosign(checkpoint, name, key, now + 60) for name, key in signers.items()))
    texts = []
    for place, ballot in ballots.items():
        leaf = leaves[place]
        admission = Admission(1, fingerprint, origin, leaf, moment_of(now), moment_of(now + 600))
        signature = unit_key.sign(RECEIPT_TAG, fingerprint, origin, encode(admission))
        promise = Promise(admission.time, admission.deadline, signature)
        inclusion = Inclusion.made(
            (tree, place, head), (above, UNIT_HEADS // 3, note), entry.proof, entry.closing
        )
        texts.append(write_text(Receipt(fingerprint, ballot, promise, None).having(inclusion)))
    return setting, texts, tree


@click.command()
@click.option("--leaves", type=click.IntRange(min=1000), default=LEAVES, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
def main(leaves: int, rounds: int) -> None:
    """Measure log and receipts."""
    click.echo(f"{machine()}")
    click.echo(openssl.used())
    data = [sha256(b"leaf %d" % number) for number in range(leaves)]
    setting, texts, tree = receipts(data)

    trees: list[Tree] = []

    def build() -> None:
        trees[:] = [Tree(map(leaf_hash, data))]

    wall, processor = timed(rounds, build)
    assert trees[0].root() == tree.root()
    click.echo(f"tree of {leaves} leaves: {wall:.2f} s ({processor:.2f} s of processor)")

    places = [random.Random(number).randrange(leaves) for number in range(PROOFS)]
    proofs: list[tuple[bytes, ...]] = []

    def prove() -> None:
        proofs[:] = [tree.inclusion(place) for place in places]

    wall, processor = timed(rounds, prove)
    root = tree.root()
    for place, proof in list(zip(places, proofs, strict=True))[:1000]:
        verify_inclusion(leaf_hash(data[place]), place, leaves, proof, root)
    click.echo(f"inclusion proofs: {PROOFS / wall:.0f} per second ({PROOFS / processor:.0f} of processor)")

    at = seconds_of(CLOSES)
    verdicts: list[ReceiptVerdict] = []

    def check() -> None:
        verdicts[:] = [check_receipt(setting, read_text(text), at=at).verdict for text in texts]

    wall, processor = timed(rounds, check)
    assert verdicts == [ReceiptVerdict.LOGGED] * RECEIPTS
    size = max(map(len, texts))
    click.echo(
        f"check of a final receipt, {size} bytes of text: {wall / RECEIPTS * 1e3:.2f} ms"
        f" ({processor / RECEIPTS * 1e3:.2f} ms of processor)"
    )


if __name__ == "__main__":
    main()
