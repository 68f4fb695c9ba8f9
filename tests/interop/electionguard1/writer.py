"""Writes small ElectionGuard 1.x records, honest ones and ones with a deviation; of tests alone.

Independent of the reader: hashes, proofs and JSON are made here once more, over plain integers. A record is
a dictionary from paths to JSON values; numbers stand in it as the texts that they are written as. A
:class:`Deviation` is what a cheat does while the record is made, so that everything downstream follows.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import gmpy2

Json = Any
Votes = dict[str, list[int]]

CONTESTS: dict[str, tuple[int, list[str]]] = {
    "Mayor": (1, ["Ada", "Grace"]),
    "Council": (2, ["Alan", "Kurt", "Emil"]),
}
"""Contest to limit and options."""

VOTES: tuple[Votes, ...] = (
    {"Mayor": [1, 0], "Council": [1, 1, 0]},
    {"Mayor": [0, 1], "Council": [0, 1, 0]},
    {"Mayor": [1, 0], "Council": [0, 0, 0]},
    {"Mayor": [0, 0], "Council": [1, 0, 1]},
)
SPOILED = frozenset({1})
"""Ballots, counted from 0, that are spoiled."""


def hexadecimal(number: int) -> str:
    """A number as the format writes it."""
    digits = f"{number:X}"
    return "0" * (len(digits) % 2) + digits


def power(base: int, exponent: int, modulus: int) -> int:
    """The power, by gmpy2, which is faster than Python alone at 4096 bits."""
    return int(gmpy2.powmod(base, exponent, modulus))


@dataclass
class Deviation:
    """What is done differently; each is called with what was made and says what stands instead."""

    pair: Callable[[Maker, int, str, int, int], tuple[int, int]] | None = None
    """Ballot, option, alpha, beta: the ciphertext, before its proof is made."""
    vote: Callable[[int, str, int], int] | None = None
    """Ballot, selection (placeholders too), value: what is encrypted, whatever the proof can say."""
    limit: Callable[[int], int] | None = None
    """The number of votes that contest proofs are about."""
    secrets: Callable[[list[list[int]]], None] | None = None
    factor: Callable[[Maker, str, str, int], int] | None = None
    """Option, guardian, M_i or part: what is published and proven instead."""
    seed: Callable[[int, str], str] | None = None
    files: Callable[[dict[str, Json]], None] | None = None

    @property
    def only_files(self) -> bool:
        """Whether nothing deviates while the record is made."""
        return not any((self.pair, self.vote, self.limit, self.secrets, self.factor, self.seed))


class Maker:
    """Makes one record in the group of p, q and g; ``present`` are the guardians at the decryption."""

    def __init__(
        self,
        p: int,
        q: int,
        g: int,
        *,
        deviation: Deviation | None = None,
        votes: Sequence[Votes] = VOTES,
        spoiled: frozenset[int] = SPOILED,
        guardians: int = 3,
        quorum: int = 2,
        present: tuple[int, ...] = (1, 3),
    ) -> None:
        self.p, self.q, self.g = p, q, g
        self.deviation = deviation or Deviation()
        self.votes, self.spoiled = votes, spoiled
        self.guardians, self.quorum, self.present = guardians, quorum, present
        self.random = random.Random(1)
        self.files: dict[str, Json] = {}
        self.secrets: list[list[int]] = []
        self.key = 1
        self.base = ""
        self.manifest_hash = ""
        self.descriptions: dict[str, list[tuple[str, int, str, bool]]] = {}

    def h(self, *fields: Json) -> str:
        """The hash of 1.x."""
        parts = []
        for each in fields:
            if isinstance(each, list | tuple):
                parts.append(self.h(*each) if each else "null")
            else:
                parts.append("null" if each is None else str(each))
        digest = sha256(("|" + "".join(f"{part}|" for part in parts)).encode()).digest()
        return hexadecimal(int.from_bytes(digest, "big") % self.q)

    def draw(self) -> int:
        return self.random.randrange(1, self.q)

    def power(self, exponent: int) -> int:
        return power(self.g, exponent % self.q, self.p)

    # --- the whole -------------------------------------------------------------------------------

    def make(self) -> Maker:
        """Make everything."""
        self._setup()
        ballots = [self._ballot(number, votes) for number, votes in enumerate(self.votes)]
        self._tally(ballots)
        for number in sorted(self.spoiled):
            self._decrypt_ballot(number, ballots[number])
        if self.deviation.files is not None:
            self.deviation.files(self.files)
        return self

    def write(self, folder: Path) -> Path:
        """Write all files; a value of bytes is written as it is."""
        for name, value in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        return folder

    # --- setup -----------------------------------------------------------------------------------

    def _setup(self) -> None:
        p, q, g = self.p, self.q, self.g
        self.files["constants.json"] = {
            "large_prime": hexadecimal(p),
            "small_prime": hexadecimal(q),
            "cofactor": hexadecimal((p - 1) // q),
            "generator": hexadecimal(g),
        }
        self._manifest()
        self.secrets = [[self.draw() for _ in range(self.quorum)] for _ in range(self.guardians)]
        if self.deviation.secrets is not None:
            self.deviation.secrets(self.secrets)
        commitments = []
        for number, secrets in enumerate(self.secrets, start=1):
            public = [self.power(secret) for secret in secrets]
            commitments += public
            self.key = self.key * public[0] % p
            self.files[f"guardians/guardian_g{number}.json"] = {
                "guardian_id": f"g{number}",
                "sequence_order": number,
                "election_public_key": hexadecimal(public[0]),
                "election_commitments": [hexadecimal(each) for each in public],
                "election_proofs": [self._schnorr(*each) for each in zip(public, secrets, strict=True)],
            }
        base = self.h(
            *(hexadecimal(each) for each in (p, q, g)), self.guardians, self.quorum, self.manifest_hash
        )
        commitment_hash = self.h([hexadecimal(each) for each in commitments])
        self.base = self.h(base, commitment_hash)
        self.files["context.json"] = {
            "number_of_guardians": self.guardians,
            "quorum": self.quorum,
            "elgamal_public_key": hexadecimal(self.key),
            "commitment_hash": commitment_hash,
            "manifest_hash": self.manifest_hash,
            "crypto_base_hash": base,
            "crypto_extended_base_hash": self.base,
            "extended_data": None,
            "configuration": {"allow_overvotes": True, "max_votes": 1000000},
        }
        self.files["encryption_devices/device_5.json"] = {
            "device_id": 5,
            "session_id": 6,
            "launch_code": 7,
            "location": "hall",
        }
        self.files["coefficients.json"] = {
            "coefficients": {f"g{each}": hexadecimal(self.coefficient(each)) for each in self.present}
        }

    def _schnorr(self, public: int, secret: int) -> Json:
        nonce = self.draw()
        commitment = hexadecimal(self.power(nonce))
        challenge = self.h(hexadecimal(public), commitment)
        return {
            "public_key": hexadecimal(public),
            "commitment": commitment,
            "challenge": challenge,
            "response": hexadecimal((nonce + int(challenge, 16) * secret) % self.q),
            "usage": "Prove knowledge of secret value",
        }

    def _manifest(self) -> None:
        contests, hashes = [], []
        for order, (label, (limit, options)) in enumerate(CONTESTS.items(), start=1):
            selections = [
                (name, place, f"{name} the candidate") for place, name in enumerate(options, start=1)
            ]
            hidden = [
                (f"{label}-{place}-placeholder", place, f"{label}-{place}-candidate")
                for place in range(len(options) + 1, len(options) + 1 + limit)
            ]
            self.descriptions[label] = [
                (name, place, self.h(name, place, candidate), (name, place, candidate) in hidden)
                for name, place, candidate in selections + hidden
            ]
            visible = [digest for _, _, digest, placeholder in self.descriptions[label] if not placeholder]
            hashes.append(
                self.h(label, order, "town", "n_of_m", None, None, f"The {label}", limit, None, visible)
            )
            contests.append(
                {
                    "object_id": label,
                    "sequence_order": order,
                    "electoral_district_id": "town",
                    "vote_variation": "n_of_m",
                    "number_elected": limit,
                    "votes_allowed": None,
                    "name": f"The {label}",
                    "ballot_selections": [
                        {"object_id": name, "sequence_order": place, "candidate_id": candidate}
                        for name, place, candidate in selections
                    ],
                    "ballot_title": None,
                    "ballot_subtitle": None,
                }
            )
        self.contest_hashes = dict(zip(CONTESTS, hashes, strict=True))
        title = self.h([self.h("Vote", "en")])
        self.manifest_hash = self.h(
            "test",
            "general",
            "2024-06-30T06:00:00Z",
            "2024-06-30T18:00:00Z",
            title,
            None,
            [self.h("town", "Town", "city", None)],
            [],
            hashes,
            [self.h("all", ["town"], None, None)],
        )
        self.files["manifest.json"] = {
            "election_scope_id": "test",
            "spec_version": "1.0",
            "type": "general",
            "start_date": "2024-06-30T08:00:00+02:00",
            "end_date": "2024-06-30T18:00:00+00:00",
            "geopolitical_units": [
                {"object_id": "town", "name": "Town", "type": "city", "contact_information": None}
            ],
            "parties": [],
            "candidates": [],
            "contests": contests,
            "ballot_styles": [
                {"object_id": "all", "geopolitical_unit_ids": ["town"], "party_ids": None, "image_uri": None}
            ],
            "name": {"text": [{"value": "Vote", "language": "en"}]},
            "contact_information": None,
        }

    # --- ballots ---------------------------------------------------------------------------------

    def _ballot(self, number: int, votes: Votes) -> Json:
        label = f"b{number}"
        before = self.h(5, 6, 7, "hall") if number == 0 else self.files[self.path(number - 1)]["code"]
        if self.deviation.seed is not None:
            before = self.deviation.seed(number, before)
        contests = [
            self._contest(number, order, name, values)
            for order, (name, values) in enumerate(votes.items(), 1)
        ]
        digest = self.h(label, self.manifest_hash, *(contest["crypto_hash"] for contest in contests))
        ballot = {
            "object_id": label,
            "style_id": "all",
            "manifest_hash": self.manifest_hash,
            "code_seed": before,
            "contests": contests,
            "code": self.h(before, 1719730000 + number, digest),
            "timestamp": 1719730000 + number,
            "crypto_hash": digest,
            "nonce": None,
            "state": 2 if number in self.spoiled else 1,
        }
        self.files[self.path(number)] = ballot
        return ballot

    @staticmethod
    def path(number: int) -> str:
        """The file of a ballot."""
        return f"submitted_ballots/submitted_ballot_b{number}.json"

    def _contest(self, number: int, order: int, label: str, values: list[int]) -> Json:
        limit = CONTESTS[label][0]
        missing = limit - sum(values)
        values = [*values, *(1 if place < missing else 0 for place in range(limit))]
        selections, nonces, sums = [], 0, [1, 1]
        for (name, place, digest, placeholder), value in zip(self.descriptions[label], values, strict=True):
            if self.deviation.vote is not None:
                value = self.deviation.vote(number, name, value)
            nonce = self.draw()
            alpha, beta = self.power(nonce), self.power(value) * power(self.key, nonce, self.p) % self.p
            if self.deviation.pair is not None:
                alpha, beta = self.deviation.pair(self, number, name, alpha, beta)
            pair = {"pad": hexadecimal(alpha), "data": hexadecimal(beta)}
            nonces += nonce
            sums = [sums[0] * alpha % self.p, sums[1] * beta % self.p]
            selections.append(
                {
                    "object_id": name,
                    "sequence_order": place,
                    "description_hash": digest,
                    "ciphertext": pair,
                    "crypto_hash": self.h(name, digest, self.h(pair["pad"], pair["data"])),
                    "is_placeholder_selection": placeholder,
                    "nonce": None,
                    "proof": self.disjunction(alpha, beta, value, nonce),
                }
            )
        digest = self.contest_hashes[label]
        return {
            "object_id": label,
            "sequence_order": order,
            "description_hash": digest,
            "ballot_selections": selections,
            "ciphertext_accumulation": {"pad": hexadecimal(sums[0]), "data": hexadecimal(sums[1])},
            "crypto_hash": self.h(label, digest, *(each["crypto_hash"] for each in selections)),
            "nonce": None,
            "proof": self._constant(*sums, limit, nonces),
            "extended_data": None,
        }

    def disjunction(self, alpha: int, beta: int, value: int, nonce: int) -> Json:
        """A 0/1 proof; for any other value one whose branch for 1 is false."""
        p, q = self.p, self.q
        real = 1 if value == 1 else 0
        if value not in (0, 1):
            real = 1
        fake, c, v, u = 1 - real, self.draw(), self.draw(), self.draw()
        shifted = beta * pow(self.power(fake), -1, p) % p
        commitments: list[int] = [0, 0, 0, 0]
        commitments[2 * fake] = self.power(v) * power(alpha, -c % q, p) % p
        commitments[2 * fake + 1] = power(self.key, v, p) * power(shifted, -c % q, p) % p
        commitments[2 * real] = self.power(u)
        commitments[2 * real + 1] = power(self.key, u, p)
        texts = [hexadecimal(each) for each in commitments]
        challenge = int(self.h(self.base, hexadecimal(alpha), hexadecimal(beta), *texts), 16)
        challenges, responses = [0, 0], [0, 0]
        challenges[fake], responses[fake] = c, v
        challenges[real] = (challenge - c) % q
        responses[real] = (u + challenges[real] * nonce) % q
        names = ("proof_zero_pad", "proof_zero_data", "proof_one_pad", "proof_one_data")
        return {
            **dict(zip(names, texts, strict=True)),
            "proof_zero_challenge": hexadecimal(challenges[0]),
            "proof_one_challenge": hexadecimal(challenges[1]),
            "challenge": hexadecimal(challenge),
            "proof_zero_response": hexadecimal(responses[0]),
            "proof_one_response": hexadecimal(responses[1]),
            "usage": "Prove selection's value (0 or 1)",
        }

    def _constant(self, alpha: int, beta: int, limit: int, nonce: int) -> Json:
        proven = limit if self.deviation.limit is None else self.deviation.limit(limit)
        u = self.draw()
        texts = [hexadecimal(self.power(u)), hexadecimal(power(self.key, u, self.p))]
        challenge = self.h(self.base, hexadecimal(alpha), hexadecimal(beta), *texts)
        return {
            "pad": texts[0],
            "data": texts[1],
            "challenge": challenge,
            "response": hexadecimal((u + int(challenge, 16) * nonce) % self.q),
            "constant": proven,
            "usage": "Prove value within selection's limit",
        }

    # --- results ---------------------------------------------------------------------------------

    def coefficient(self, number: int) -> int:
        """w_l."""
        found = 1
        for other in self.present:
            if other != number:
                found = found * other * pow(other - number, -1, self.q) % self.q
        return found

    def backup(self, owner: int, receiver: int) -> int:
        """P_owner(receiver)."""
        return sum(secret * receiver**place for place, secret in enumerate(self.secrets[owner - 1])) % self.q

    def share_proof(self, pair: Json, secret: int, factor: int) -> Json:
        """A Chaum-Pedersen proof for a share or a part."""
        u, alpha = self.draw(), int(pair["pad"], 16)
        texts = [hexadecimal(self.power(u)), hexadecimal(power(alpha, u, self.p))]
        challenge = self.h(self.base, pair["pad"], pair["data"], *texts, hexadecimal(factor))
        return {
            "pad": texts[0],
            "data": texts[1],
            "challenge": challenge,
            "response": hexadecimal((u + int(challenge, 16) * secret) % self.q),
            "usage": "Prove knowledge of secret value",
        }

    def decrypt(self, option: str, pair: Json, count: int) -> Json:
        """One decrypted option with all shares."""
        alpha, shares = int(pair["pad"], 16), []
        for number in range(1, self.guardians + 1):
            name = f"g{number}"
            secret = self.secrets[number - 1][0]
            factor = power(alpha, secret, self.p)
            share = {"object_id": option, "guardian_id": name, "proof": None, "recovered_parts": None}
            if number in self.present:
                factor = self._factor(option, name, factor)
                share["proof"] = self.share_proof(pair, secret, factor)
            else:
                share["recovered_parts"] = self._parts(option, pair, number)
            shares.append({**share, "share": hexadecimal(factor)})
        value = self.power(count)
        return {
            "object_id": option,
            "tally": count,
            "value": hexadecimal(value),
            "message": pair,
            "shares": shares,
        }

    def _factor(self, option: str, guardian: str, factor: int) -> int:
        change = self.deviation.factor
        return factor if change is None else change(self, option, guardian, factor)

    def _parts(self, option: str, pair: Json, missing: int) -> Json:
        parts = {}
        for number in self.present:
            secret = self.backup(missing, number)
            factor = self._factor(
                option, f"g{missing} by g{number}", power(int(pair["pad"], 16), secret, self.p)
            )
            parts[f"g{number}"] = {
                "object_id": option,
                "guardian_id": f"g{number}",
                "missing_guardian_id": f"g{missing}",
                "share": hexadecimal(factor),
                "recovery_key": hexadecimal(self.power(secret)),
                "proof": self.share_proof(pair, secret, factor),
            }
        return parts

    def _tally(self, ballots: list[Json]) -> None:
        encrypted: Json = {"object_id": "results", "contests": {}}
        decrypted: Json = {"object_id": "results", "contests": {}}
        for order, label in enumerate(CONTESTS, start=1):
            options: Json = {}
            values: Json = {}
            for index, (name, place, digest, placeholder) in enumerate(self.descriptions[label]):
                if placeholder:
                    continue
                pads, datas, count = 1, 1, 0
                for number, ballot in enumerate(ballots):
                    if number not in self.spoiled:
                        pair = ballot["contests"][order - 1]["ballot_selections"][index]["ciphertext"]
                        pads, datas = (
                            pads * int(pair["pad"], 16) % self.p,
                            datas * int(pair["data"], 16) % self.p,
                        )
                        count += self._voted(number, name, self.votes[number][label][index])
                pair = {"pad": hexadecimal(pads), "data": hexadecimal(datas)}
                options[name] = {
                    "object_id": name,
                    "sequence_order": place,
                    "description_hash": digest,
                    "ciphertext": pair,
                }
                values[name] = self.decrypt(name, dict(pair), count)
            encrypted["contests"][label] = {
                "object_id": label,
                "sequence_order": order,
                "description_hash": self.contest_hashes[label],
                "selections": options,
            }
            decrypted["contests"][label] = {"object_id": label, "selections": values}
        self.files["encrypted_tally.json"] = encrypted
        self.files["tally.json"] = decrypted

    def _voted(self, number: int, option: str, value: int) -> int:
        change = self.deviation.vote
        return value if change is None else change(number, option, value)

    def _decrypt_ballot(self, number: int, ballot: Json) -> None:
        contests: Json = {}
        for contest in ballot["contests"]:
            label = contest["object_id"]
            values = {}
            for index, name in enumerate(CONTESTS[label][1]):
                pair = dict(contest["ballot_selections"][index]["ciphertext"])
                count = self._voted(number, name, self.votes[number][label][index])
                values[name] = self.decrypt(name, pair, count)
            contests[label] = {"object_id": label, "selections": values}
        name = f"spoiled_ballots/spoiled_ballot_b{number}.json"
        self.files[name] = {"object_id": f"b{number}", "contests": contests}
