"""What is published of a device: its hash, its chain, its closing."""

from __future__ import annotations

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.handmade import chain_start, chaining_field
from tests.vectors.oracle import hashed, u4
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "chaining.json"

DEVICE = "Bureau n° 7"


def make() -> Document:
    groups = []
    for mode in (0, 1):
        for name, kind in ((STANDARD, "question"), (TOY, "town")):
            w = world(f"chaining/{mode}", name, kind, mode)
            short = f"{'standard' if name == STANDARD else 'toy'}-mode-{mode}"
            cases = [_case(w, f"chain-{short}-{count}", mode, count) for count in (0, 1, 3)]
            groups.append(group(w.params(), cases))
    notes = [
        "input: the device's information string and the confirmation codes it made, in order.",
        "expect.record is what is published of the device (8.C, 8.F, 8.G); in mode 0 there is no chain.",
        "expect.next_field is the chaining field of the ballot after them (8.D, 8.E).",
        "The codes are made up; H_0 of a chain is a hash under H_E, the codes are hashes under H_I.",
    ]
    return document("sections 3.4.3 and 3.4.4; verification 8", notes, groups)


def _case(w: World, name: str, mode: int, count: int) -> Case:
    n, h_e = w.numbers, w.extended_hash
    rng = SeededRandomness(f"vectors/{name}")
    codes = [rng.token(32) for _ in range(count)]
    hashed_device, initial, start = chain_start(w, DEVICE)
    last = codes[-1] if codes else start
    record: dict[str, object] = {"device": DEVICE, "device_hash": hashed_device, "codes": codes}
    if mode == 0:
        names = ("initial_field", "initial_hash", "closing_field", "closing_hash")
        record |= dict.fromkeys(names)
    else:
        digest = hashed("closing_digest", n, key=h_e, last_code=last, initial_field=initial)
        closing = u4(1) + digest
        record |= {
            "initial_field": initial,
            "initial_hash": start,
            "closing_field": closing,
            "closing_hash": hashed("chain_code", n, key=h_e, chaining_field=closing),
        }
    expect = {"record": record, "next_field": chaining_field(w, DEVICE, codes[-1] if codes else None)}
    return case(name, f"{count} ballots, chaining mode {mode}", {"device": DEVICE, "codes": codes}, expect)
