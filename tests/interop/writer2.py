"""Writes small ElectionGuard 2.0 records, honest ones and ones with a deviation; of tests alone.

Independent of the reader: hashes, proofs and JSON are made here once more. Values stand in the record as
``bytes`` until it is written, so that a test changes one where it likes. A :class:`Deviation` is what a
cheat does while the record is made, so that everything downstream follows from it.
"""

from __future__ import annotations

import base64
import hmac
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evote.groups import Element, Scalar
from evote.interop.electionguard2.layout import Layout
from evote.interop.electionguard2.profile import Profile

Json = Any

CONTESTS = {"Mayor": (1, ["Ada", "Grace", "Emmy"]), "Council": (2, ["Alan", "Kurt"])}
"""Contest to limit and options; the option limit is 1."""

VOTES = (
    {"Mayor": [1, 0, 0], "Council": [1, 1]},
    {"Mayor": [0, 1, 0], "Council": [0, 1]},
    {"Mayor": [1, 0, 0], "Council": [1, 0]},
    {"Mayor": [0, 0, 1], "Council": [0, 0]},
)
CHALLENGED = {1}
"""Ballots, counted from 0, that are challenged."""

DEVICE = "device 1"


def h(key: bytes, domain: int, *fields: bytes | int) -> bytes:
    """HMAC-SHA-256 over a domain byte and fields; integers have four bytes."""
    parts = [part.to_bytes(4, "big") if isinstance(part, int) else part for part in fields]
    return hmac.digest(key, bytes([domain]) + b"".join(parts), "sha256")


@dataclass
class Deviation:
    """What is done differently; each is called with what was made and says what stands instead."""

    pair: Callable[[Maker, str, str, int, bytes, bytes], tuple[bytes, bytes]] | None = None
    no_nonce: tuple[str, str, int] | None = None
    """Ballot, contest and place of a selection that is encrypted with nonce 0."""
    votes: Sequence[dict[str, list[int]]] = VOTES
    challenged: frozenset[int] = frozenset(CHALLENGED)
    secrets: Callable[[list[list[int]]], None] | None = None
    key: Callable[[Maker, int, int, bytes], bytes] | None = None
    aux: Callable[[int, bytes], bytes] | None = None
    files: Callable[[dict[str, Json]], None] | None = None


@dataclass
class Maker:
    """Makes one record. ``record`` is path to JSON value, ready after :meth:`make`."""

    profile: Profile
    layout: Layout = Layout.EGK_EC
    chained: bool = False
    guardians: int = 3
    quorum: int = 2
    pre_encrypted: bool = False
    opened_tally: bool = False
    shared_bytes: bytes = b"place"
    devices: Sequence[str] = (DEVICE,)
    deviation: Deviation = field(default_factory=Deviation)
    record: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random("electionguard 2.0")
        self.group = self.profile.group

    # --- arithmetic ----------------------------------------------------------------------------

    def draw(self) -> Scalar:
        return self.group.scalar(self.random.randrange(1, self.group.order))

    def scalar(self, number: int) -> Scalar:
        return self.group.scalar(number)

    def g(self, exponent: Scalar) -> Element:
        return self.group.power(self.group.generator, exponent)

    def k(self, exponent: Scalar) -> Element:
        return self.group.power(self.joint, exponent)

    def hash_scalar(self, key: bytes, domain: int, *fields: bytes | int) -> Scalar:
        return self.profile.to_scalar(h(key, domain, *fields))

    def negated(self, data: bytes) -> bytes:
        """The element times -1, which is outside the subgroup (integers only)."""
        p = int.from_bytes(self.group.published_parameters()[0], "big")
        return (p - int.from_bytes(data, "big")).to_bytes(len(data), "big")

    # --- the whole record ----------------------------------------------------------------------

    def make(self) -> Maker:
        self._setup()
        self._ballots()
        self._sums()
        if self.deviation.files is not None:
            self.deviation.files(self.record)
        return self

    def write(self, folder: Path) -> Path:
        """Write all files; returns the folder."""
        for name, value in self.record.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = value if isinstance(value, bytes) else json.dumps(self._text(value), indent=1).encode()
            path.write_bytes(raw)
        return folder

    def _text(self, value: Json) -> Json:
        if isinstance(value, bytes):
            if self.layout is Layout.EGK_EC:
                return base64.b64encode(value).decode()
            return value.hex().upper()
        if isinstance(value, dict):
            return {name: self._text(each) for name, each in value.items()}
        return [self._text(each) for each in value] if isinstance(value, list) else value

    # --- setup ---------------------------------------------------------------------------------

    def _setup(self) -> None:
        ours = self.layout is Layout.EGK_EC
        numbers = {}
        for name, (_, number) in self.profile.numbers.items():
            if ours != ("_" in name) or name in ("cofactor", "generator"):
                numbers[name] = f"{number:x}"
        self.record["constants.json"] = (
            {
                "name": "test",
                "type": "EllipticCurve" if "primeModulus" in numbers else "IntegerGroup",
                "protocolVersion": self.profile.version,
                "constants": numbers,
            }
            if ours
            else {"name": "test", **numbers}
        )
        manifest = {
            "election_scope_id": "TestElection",
            "spec_version": "v2.0.0",
            "contests": [
                {
                    "object_id": label,
                    "sequence_order": order,
                    "electoral_district_id": "here",
                    "votes_allowed": limit,
                    "ballot_selections": [
                        {"object_id": option, "sequence_order": place, "candidate_id": option}
                        for place, option in enumerate(options, 1)
                    ],
                }
                for order, (label, (limit, options)) in enumerate(CONTESTS.items(), 1)
            ],
            "ballot_styles": [{"object_id": "all", "geopolitical_unit_ids": ["here"]}],
        }
        raw = json.dumps(manifest).encode()
        self.record["manifest.json"] = raw
        version = self.profile.version.encode().ljust(32, b"\0")
        hp = h(version, 0x00, self.group.parameter_bytes())
        hm = h(hp, 0x01, len(raw), raw)
        hb = h(hp, 0x02, hm, self.guardians, self.quorum)
        self.record["election_config.json"] = {
            "config_version": self.profile.version if not ours else "2.1.0",
            "number_of_guardians": self.guardians,
            "quorum": self.quorum,
            "parameter_base_hash": hp,
            "manifest_hash": hm,
            "election_base_hash": hb,
            "chain_confirmation_codes": self.chained,
            "baux0": self.shared_bytes if ours else list(self.shared_bytes),
            "metadata": {"made by": "tests"},
        }
        self._keys(hp, hb)

    def _keys(self, hp: bytes, hb: bytes) -> None:
        secrets = [[self.draw().value for _ in range(self.quorum)] for _ in range(self.guardians)]
        if self.deviation.secrets is not None:
            self.deviation.secrets(secrets)
        self.secret = self.scalar(sum(row[0] for row in secrets))
        guardians = []
        for i, row in enumerate(secrets, 1):
            proofs = []
            for j, secret in enumerate(row):
                key = self.g(self.scalar(secret)).encode()
                if self.deviation.key is not None:
                    key = self.deviation.key(self, i, j, key)
                u = self.draw()
                c = self.hash_scalar(hp, 0x10, i, j, key, self.g(u).encode())
                v = u - c * self.scalar(secret)
                proofs.append({"public_key": key, "challenge": c.encode(), "response": v.encode()})
            guardians.append({"guardian_id": f"guardian{i}", "x_coordinate": i, "coefficient_proofs": proofs})
        joint = self.g(self.secret)
        self.joint = joint
        self.key = joint.encode()
        self.he = h(hb, 0x12, self.key)
        self.record["election_initialized.json"] = {
            "joint_public_key": self.key,
            "extended_base_hash": self.he,
            "guardians": guardians,
        }

    # --- ballots -------------------------------------------------------------------------------

    def ballot_path(self, number: int) -> str:
        device = self.devices[number % len(self.devices)]
        return f"encrypted_ballots/{device}/eballot-b{number}.json"

    def _ballots(self) -> None:
        previous: dict[str, bytes] = {}
        self.links: dict[str, list[tuple[str, bytes]]] = {device: [] for device in self.devices}
        self.cast: list[Json] = []
        for number, votes in enumerate(self.deviation.votes):
            device = self.devices[number % len(self.devices)]
            own = self.shared_bytes or device.encode()
            aux = self.shared_bytes
            if self.chained:
                start = h(self.he, 0x24, own)
                alone = device not in previous and self.layout is Layout.MULTIPLATFORM
                aux = previous.get(device, start) + (b"" if alone else own)
            if self.deviation.aux is not None:
                aux = self.deviation.aux(number, aux)
            ballot = self._ballot(number, votes, device, aux)
            previous[device] = ballot["confirmation_code"]
            self.links[device].append((ballot["ballot_id"], ballot["confirmation_code"]))
            self.record[self.ballot_path(number)] = ballot
            if number in self.deviation.challenged:
                ballot["state"] = "CHALLENGED" if self.layout is Layout.EGK_EC else "SPOILED"
                self.record[f"challenged_ballots/dballot-b{number}.json"] = self._decrypt_ballot(
                    ballot, votes
                )
            else:
                self.cast.append((ballot, votes))
        if self.chained:
            for device, links in self.links.items():
                self._chain(device, links)

    def _chain(self, device: str, links: list[tuple[str, bytes]]) -> None:
        own = self.shared_bytes or device.encode()
        chain: Json = {
            "encrypting_device": device,
            "ballot_ids": [label for label, _ in links],
            "last_confirmation_code": links[-1][1],
            "closing_hash": h(self.he, 0x24, links[-1][1], own, b"CLOSE"),
        }
        if self.layout is Layout.EGK_EC:
            chain |= {"baux0": list(own), "election_base_hash": self.he}
        else:
            chain |= {"baux0": h(self.he, 0x24, own), "chaining": True}
        self.record[f"encrypted_ballots/{device}/ballot_chain.json"] = chain

    def _ballot(self, number: int, votes: dict[str, list[int]], device: str, aux: bytes) -> Json:
        contests = [
            self._contest(f"b{number}", order, label, votes[label]) for order, label in enumerate(CONTESTS, 1)
        ]
        ballot = {
            "ballot_id": f"b{number}",
            "ballot_style_id": "all",
            "encrypting_device": device,
            "timestamp": 1700000000 + number,
            "code_baux": aux.hex().upper(),
            "confirmation_code": b"",
            "election_id": self.he,
            "contests": contests,
            "state": "CAST",
            "encrypted_sn": None,
            "is_preencrypt": self.pre_encrypted,
        }
        if self.pre_encrypted:
            hashes = [contest["pre_encryption"]["preencryption_hash"] for contest in contests]
            ballot["confirmation_code"] = h(self.he, 0x42, *hashes, aux)
        else:
            hashes = [contest["contest_hash"] for contest in contests]
            ballot["confirmation_code"] = h(self.he, 0x24, *hashes, aux)
        return ballot

    def _contest(self, ballot: str, order: int, label: str, votes: list[int]) -> Json:
        limit, options = CONTESTS[label]
        nonces = [self.draw() for _ in options]
        extra: Json = {}
        if self.pre_encrypted:
            extra, nonces = self._vectors(order, label, votes)
        selections, pairs = [], []
        if self.deviation.no_nonce is not None and self.deviation.no_nonce[:2] == (ballot, label):
            nonces[self.deviation.no_nonce[2] - 1] = self.scalar(0)
        for place, (option, vote, nonce) in enumerate(zip(options, votes, nonces, strict=True), 1):
            alpha, beta = self.encrypt(vote, nonce)
            if self.deviation.pair is not None:
                alpha, beta = self.deviation.pair(self, ballot, label, place, alpha, beta)
            pairs.append((alpha, beta))
            selections.append(
                {
                    "selection_id": option,
                    "sequence_order": place,
                    "encrypted_vote": {"pad": alpha, "data": beta},
                    "proof": self.range_proof(alpha, beta, vote, nonce, 1),
                }
            )
        alphas, betas = (self.product([pair[side] for pair in pairs]) for side in (0, 1))
        total = self.scalar(sum(nonce.value for nonce in nonces))
        return {
            "contest_id": label,
            "sequence_order": order,
            "contest_hash": h(self.he, 0x23, order, self.key, *(part for pair in pairs for part in pair)),
            "selections": selections,
            "proof": self.range_proof(alphas, betas, sum(votes), total, limit),
            "encrypted_contest_data": self.seal(label, content("normal", [], []), 64),
            **extra,
        }

    def encrypt(self, vote: int, nonce: Scalar) -> tuple[bytes, bytes]:
        return self.g(nonce).encode(), self.k(nonce + self.scalar(vote)).encode()

    def product(self, parts: Sequence[bytes]) -> bytes:
        group = self.group
        return group.product_of_claimed([group.claim(part) for part in parts]).encode()

    def range_proof(self, alpha: bytes, beta: bytes, value: int, nonce: Scalar, limit: int) -> Json:
        """A proof that 0 <= value <= limit; for another value one in the place of 0, which is false."""
        true = value if value <= limit else 0
        u, commitments, branches = self.draw(), [], []
        for j in range(limit + 1):
            c = self.scalar(0) if j == true else self.draw()
            w = u if j == true else self.draw()
            # For j != value: v = w - c * nonce opens (g^w, K^(w + (value - j) c)).
            commitments += [self.g(w).encode(), self.k(w + self.scalar(true - j) * c).encode()]
            branches.append((c, w))
        whole = self.hash_scalar(self.he, 0x21, self.key, alpha, beta, *commitments)
        rest = whole
        for c, _ in branches:
            rest = rest - c
        branches[true] = (rest, branches[true][1])
        return {
            "proofs": [{"challenge": c.encode(), "response": (w - c * nonce).encode()} for c, w in branches]
        }

    def _vectors(self, order: int, label: str, votes: list[int]) -> tuple[Json, list[Scalar]]:
        """What a pre-encrypted contest has besides, and the nonces of the products that were chosen."""
        limit, options = CONTESTS[label]
        made = []
        for number in range(len(options) + limit):
            row = [self.draw() for _ in options]
            pairs = [self.encrypt(int(place == number), nonce) for place, nonce in enumerate(row)]
            psi = h(self.he, 0x40, self.key, *(part for pair in pairs for part in pair))
            made.append((psi, pairs, row))
        marked = [place for place, vote in enumerate(votes) if vote]
        nulls = range(len(options), len(options) + limit - len(marked))
        chosen = [made[place] for place in (*marked, *nulls)]
        every = sorted(psi for psi, _, _ in made)
        nonces = [self.scalar(sum(row[place].value for _, _, row in chosen)) for place in range(len(options))]
        extra = {
            "pre_encryption": {
                "preencryption_hash": h(self.he, 0x41, order, self.key, *every),
                "all_selection_hashes": every,
                "selected_vectors": [
                    {
                        "selection_hash": psi,
                        "short_code": psi.hex().upper()[:5],
                        "encryptions": [{"pad": alpha, "data": beta} for alpha, beta in pairs],
                    }
                    for psi, pairs, _ in chosen
                ],
            }
        }
        return extra, nonces

    # --- contest data --------------------------------------------------------------------------

    def seal(self, label: str, plain: bytes, size: int) -> Json:
        nonce = self.draw()
        c0, beta = self.g(nonce).encode(), self.k(nonce).encode()
        key = h(self.he, 0x22, self.key, c0, beta)
        blocks = self._stream(key, label, size)
        padded = plain.ljust(size, b"\0").ljust(-(-size // 32) * 32, b"\0")
        c1 = bytes(left ^ right for left, right in zip(padded, b"".join(blocks[1:]), strict=False))
        return {"c0": c0, "c1": c1, "c2": hmac.digest(blocks[0], c0 + c1, "sha256"), "numBytes": size}

    def _stream(self, key: bytes, label: str, size: int) -> list[bytes]:
        tail = b"share_enc_keys\0contest_data" + label.encode() + (8 * size).to_bytes(4, "big")
        count = -(-size // 32) + 1
        return [hmac.digest(key, place.to_bytes(4, "big") + tail, "sha256") for place in range(count)]

    def open(self, sealed: Json, status: str = "normal") -> Json:
        c0 = self.group.decode(sealed["c0"])
        beta = self.group.power(c0, self.secret)
        u = self.draw()
        c = self.hash_scalar(
            self.he,
            0x31,
            self.key,
            sealed["c0"],
            sealed["c1"].hex().upper().encode(),
            sealed["c2"],
            self.g(u).encode(),
            self.group.power(c0, u).encode(),
            beta.encode(),
        )
        return {
            "contest_data": {"over_votes": [], "write_ins": [], "status": status},
            "encrypted_contest_data": dict(sealed),
            "proof": {"challenge": c.encode(), "response": (u - c * self.secret).encode()},
            "beta": beta.encode(),
        }

    # --- decryption ----------------------------------------------------------------------------

    def decrypt(self, label: str, pair: Json, count: int) -> Json:
        alpha, beta = (self.group.claim(pair[side]) for side in ("pad", "data"))
        a = Element(self.group, alpha.raw)
        factor = self.group.power(a, self.secret)
        value = self.group.multiply(Element(self.group, beta.raw), self.group.invert(factor))
        u = self.draw()
        c = self.hash_scalar(
            self.he,
            0x30,
            self.key,
            pair["pad"],
            pair["data"],
            self.g(u).encode(),
            self.group.power(a, u).encode(),
            factor.encode(),
        )
        return {
            "selection_id": label,
            "tally": count,
            "b_over_m": value.encode(),
            "encrypted_vote": dict(pair),
            "proof": {"challenge": c.encode(), "response": (u - c * self.secret).encode()},
        }

    def _decrypt_ballot(self, ballot: Json, votes: dict[str, list[int]]) -> Json:
        return {
            "id": ballot["ballot_id"],
            "contests": [
                {
                    "contest_id": contest["contest_id"],
                    "selections": [
                        self.decrypt(selection["selection_id"], selection["encrypted_vote"], vote)
                        for selection, vote in zip(
                            contest["selections"], votes[contest["contest_id"]], strict=True
                        )
                    ],
                    "decrypted_contest_data": self.open(contest["encrypted_contest_data"]),
                }
                for contest in ballot["contests"]
            ],
            "election_id": self.he,
        }

    def _sums(self) -> None:
        sums, decrypted = [], []
        for order, (label, (_, options)) in enumerate(CONTESTS.items(), 1):
            rows, results = [], []
            for place, option in enumerate(options):
                pairs = [
                    ballot["contests"][order - 1]["selections"][place]["encrypted_vote"]
                    for ballot, _ in self.cast
                ]
                count = sum(votes[label][place] for _, votes in self.cast)
                pair = {side: self.product([each[side] for each in pairs]) for side in ("pad", "data")}
                rows.append({"selection_id": option, "sequence_order": place + 1, "encrypted_vote": pair})
                results.append(self.decrypt(option, pair, count))
            sums.append(
                {
                    "contest_id": label,
                    "sequence_order": order,
                    "selections": rows,
                    "ballot_count": len(self.cast),
                }
            )
            contest: Json = {"contest_id": label, "selections": results, "ballot_count": 0}
            if self.opened_tally:
                contest["decrypted_contest_data"] = self.open(
                    self.cast[0][0]["contests"][order - 1]["encrypted_contest_data"]
                )
            decrypted.append(contest)
        self.record["encrypted_tally.json"] = {
            "tally_id": "tally",
            "contests": sums,
            "cast_ballot_ids": [ballot["ballot_id"] for ballot, _ in self.cast],
            "election_id": self.he,
        }
        self.record["tally.json"] = {"id": "tally", "contests": decrypted, "election_id": self.he}


def content(status: str, over_votes: list[int], write_ins: list[str]) -> bytes:
    """Contest data in the later encoding; numbers and lengths below 128."""
    parts = [bytes([len(over_votes), *over_votes, len(write_ins)])]
    for text in (*write_ins, status):
        parts.append(bytes([len(text.encode())]) + text.encode())
    return b"".join(parts)
