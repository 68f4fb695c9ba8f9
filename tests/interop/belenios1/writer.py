"""Elections of Belenios in a small field, written out from the specification on plain integers.

Nothing of the package is used but the numbers of the group: an archive that this writer makes and the
reader accepts was understood twice. A test changes a part and writes the archive again; hashes of the
container and the chain are always right, as an attacker would make them.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from evote.groups import Profile
from evote.interop.belenios1.field import FieldGroup

P = 0x43E1DB337DB365B1A18F13A34BFC0A9FB
Q = 0xB504F333F9DE6484597D89B3754AC6FF
G = 0x3D09
"""p = 6 q + 1: the cofactor has the factor 3, as that of BELENIOS-2048, and vectors can be encoded."""

GROUP = FieldGroup("toy", Profile.TOY, p=P, q=Q, g=G, encoding=(8, 8))

UUID = "nEGsD8waKhqTkW"

Json = Any
Pairs = list[tuple[int, int]]


def compact(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def hashed(prefix: str, elements: Iterable[int] = ()) -> int:
    return int(sha((prefix + ",".join(map(str, elements))).encode()), 16) % Q


def order_of(order: int) -> int:
    """An element of that small order."""
    return next(x for x in (pow(base, (P - 1) // order, P) for base in range(2, 99)) if x != 1)


# --- proofs --------------------------------------------------------------------------------------


class Prover:
    """Proofs with nonces from a seed."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)

    def scalar(self) -> int:
        return self.rng.randrange(1, Q)

    def schnorr(self, prefix: str, secret: int, *bases: int) -> Json:
        w = self.scalar()
        challenge = hashed(prefix, [pow(base, w, P) for base in bases or (G,)])
        return proof(challenge, w - secret * challenge)

    def disjunction(self, prefix: str, key: int, branches: Pairs, true: int, nonce: int) -> Json:
        """One of the ciphertexts encrypts 0; ``true`` says which, and ``nonce`` is its nonce."""
        simulated = [(self.scalar(), self.scalar()) for _ in branches]
        w = self.scalar()
        commitments = []
        for index, ((alpha, beta), (c, z)) in enumerate(zip(branches, simulated, strict=True)):
            if index == true:
                commitments += [pow(G, w, P), pow(key, w, P)]
            else:
                commitments += [pow(G, z, P) * pow(alpha, c, P) % P, pow(key, z, P) * pow(beta, c, P) % P]
        rest = sum(c for index, (c, _) in enumerate(simulated) if index != true)
        c = (hashed(prefix, commitments) - rest) % Q
        simulated[true] = (c, w - nonce * c)
        return [proof(*each) for each in simulated]


def proof(challenge: int, response: int) -> Json:
    return {"challenge": str(challenge % Q), "response": str(response % Q)}


def less(pair: tuple[int, int], value: int) -> tuple[int, int]:
    """The ciphertext of the same, less ``value``."""
    return pair[0], pair[1] * pow(G, -value, P) % P


def product(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    alpha = beta = 1
    for a, b in pairs:
        alpha, beta = alpha * a % P, beta * b % P
    return alpha, beta


def text(pair: tuple[int, int]) -> str:
    return f"{pair[0]},{pair[1]}"


def shown(pair: tuple[int, int]) -> Json:
    return {"alpha": str(pair[0]), "beta": str(pair[1])}


# --- an election ---------------------------------------------------------------------------------


@dataclass
class Parts:
    """All parts of an archive as JSON values; :meth:`build` writes them."""

    election: Json
    trustees: Json
    credentials: Json
    certificate: Json = None
    ballots: list[Json] = field(default_factory=list)
    tally: Json = None
    sizes: dict[str, Json] = field(default_factory=dict)
    shuffles: list[tuple[int, Json]] = field(default_factory=list)
    shares: list[tuple[int, Json]] = field(default_factory=list)
    result: Json = None
    raw: dict[str, bytes] = field(default_factory=dict)
    """Bytes that stand instead of a part: "election", "trustees", "ballot 0", "result" and so on."""

    def bytes_of(self, name: str, value: Json) -> bytes:
        return self.raw.get(name, compact(value))

    def files(self) -> list[tuple[str, bytes]]:
        """Kind and body of every file but the first, in order."""
        chain = Events()
        setup = {
            "election": chain.data(self.bytes_of("election", self.election)),
            "trustees": chain.data(self.bytes_of("trustees", self.trustees)),
            "credentials": chain.data(self.bytes_of("credentials", self.credentials)),
        }
        if self.certificate is not None:
            setup["credentials_certificate"] = chain.data(self.bytes_of("certificate", self.certificate))
        chain.event("Setup", chain.data(compact(setup)))
        for number, ballot in enumerate(self.ballots):
            chain.event("Ballot", chain.data(self.bytes_of(f"ballot {number}", ballot)))
        if self.tally is None:
            return chain.files
        chain.event("EndBallots")
        tally = chain.data(self.bytes_of("tally", self.tally))
        chain.event("EncryptedTally", chain.data(compact({**self.sizes, "encrypted_tally": tally})))
        for owner, shuffle in self.shuffles:
            reference = chain.data(compact(shuffle))
            chain.event("Shuffle", chain.data(compact({"owner": owner, "payload": reference})))
        if self.shuffles:
            chain.event("EndShuffles")
        for number, (owner, share) in enumerate(self.shares):
            reference = chain.data(self.bytes_of(f"share {number}", share))
            chain.event("PartialDecryption", chain.data(compact({"owner": owner, "payload": reference})))
        if self.result is not None:
            chain.event("Result", chain.data(self.bytes_of("result", self.result)))
        return chain.files

    def build(self) -> bytes:
        return container(self.files())

    def copy(self) -> Parts:
        return copy.deepcopy(self)


class Events:
    """The chain."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []
        self.parent: str | None = None
        self.height = 0

    def data(self, body: bytes) -> str:
        self.files.append(("data", body))
        return sha(body)

    def event(self, kind: str, payload: str | None = None) -> None:
        value: dict[str, Json] = {} if self.parent is None else {"parent": self.parent}
        value |= {"height": self.height, "type": kind}
        if payload is not None:
            value["payload"] = payload
        body = compact(value)
        self.files.append(("event", body))
        self.parent = sha(body)
        self.height += 1


TIME = 1_700_000_000
FIRST = b'{"version":1,"timestamp":"1700000000"}'


def header(name: str, size: int, time: int = TIME) -> bytes:
    block = bytearray(512)
    block[: len(name)] = name.encode()
    for place, value in (
        (100, b"0000644"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, f"{size:011o}".encode()),
        (136, f"{time:011o}".encode()),
        (148, b"        "),
        (156, b"0"),
    ):
        block[place : place + len(value)] = value
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block)


def tar_file(name: str, body: bytes) -> bytes:
    return header(name, len(body)) + body + bytes(-len(body) % 512)


def container(files: Sequence[tuple[str, bytes]]) -> bytes:
    parts = [tar_file("BELENIOS", FIRST)]
    parts += [tar_file(f"{sha(body)}.{kind}.json", body) for kind, body in files]
    return b"".join(parts)


class Maker:
    """Makes whole elections; keeps the secrets, so that a test can sign again what it changed."""

    def __init__(
        self,
        questions: Sequence[Json],
        *,
        weights: Sequence[int] = (1, 1, 1),
        threshold: bool = True,
        old: bool = False,
        seed: str = "election",
        certificate: bool = False,
    ) -> None:
        self.prover = Prover(seed)
        self.questions = list(questions)
        self.secrets = [self.prover.scalar() for _ in weights]
        self.weights = list(weights)
        self.old = old
        self.shares: list[int] = []
        """The secrets of all trustees, in the order of their numbers."""
        trustees, joint = self._trustees(threshold)
        self.key = pow(G, joint, P)
        credentials = [
            str(pow(G, secret, P)) + (f",{weight}" if weight != 1 else "")
            for secret, weight in zip(self.secrets, weights, strict=True)
        ]
        election = {
            "version": 1,
            "description": "a test with a \u00fc",
            "name": "n",
            "group": "toy",
            "public_key": str(self.key),
            "questions": self.questions,
            "uuid": UUID,
        }
        self.parts = Parts(election, trustees, credentials)
        self.nonces: list[list[list[int]]] = []
        if certificate:
            self.certify()

    @property
    def fingerprint(self) -> str:
        return b64(compact(self.parts.election))

    def certify(self) -> None:
        secret = self.prover.scalar()
        body = {
            "uuid": UUID,
            "voter_list_length": len(self.weights),
            "public_creds_hash": sha(compact(self.parts.credentials)),
            "verification_key": str(pow(G, secret, P)),
            "encryption_key": str(pow(G, self.prover.scalar(), P)),
        }
        self.parts.certificate = {**body, "signature": self.message(sha(compact(body)), secret)}

    # --- trustees ---

    def message(self, text: str, secret: int) -> Json:
        return {"message": text, "signature": self.prover.schnorr(f"sigmsg|{text}|", secret)}

    def trustee(self, secret: int) -> Json:
        key = pow(G, secret, P)
        return {"pok": self.prover.schnorr(f"pok|toy|{key}|", secret), "public_key": str(key)}

    def _trustees(self, threshold: bool) -> tuple[Json, int]:
        single = self.prover.scalar()
        self.shares.append(single)
        items: list[Json] = [["Single", self.trustee(single)]]
        if not threshold:
            return items, single
        self.signers = [self.prover.scalar() for _ in range(3)]
        self.polynomials = [[self.prover.scalar(), self.prover.scalar()] for _ in range(3)]
        item = self.pedersen()
        items.append(["Pedersen", item])
        return items, (single + sum(each[0] for each in self.polynomials)) % Q

    def pedersen(self) -> Json:
        certificates = []
        for index, signer in enumerate(self.signers, start=1):
            content: Json = {
                "context": {"group": "toy", "size": 3, "threshold": 2, "index": index},
                "verification": str(pow(G, signer, P)),
                "encryption": str(pow(G, self.prover.scalar(), P)),
            }
            if self.old:
                del content["context"]
            certificates.append(self.message(compact(content).decode(), signer))
        coefficients = [[str(pow(G, each, P)) for each in row] for row in self.polynomials]
        keys, together = [], []
        for place, signer in enumerate(self.signers, start=1):
            secret = sum(row[0] + row[1] * place for row in self.polynomials) % Q
            self.shares.append(secret)
            key = self.trustee(secret)
            if not self.old:
                key["signature"] = self.message(key["public_key"], signer)["signature"]
            keys.append(key)
            joined = compact({"certs": certificates, "coefexps": coefficients[place - 1]}).decode()
            together.append(self.message("certs_sig|" + joined, signer)["signature"])
        item = {
            "threshold": 2,
            "certs": certificates,
            "coefexps": [
                self.message(compact({"coefexps": row}).decode(), signer)
                for row, signer in zip(coefficients, self.signers, strict=True)
            ],
            "signatures": together,
            "verification_keys": keys,
        }
        if self.old:
            del item["signatures"]
        return item

    # --- ballots ---

    def encrypt(self, value: int) -> tuple[tuple[int, int], int]:
        nonce = self.prover.scalar()
        return (pow(G, nonce, P), pow(self.key, nonce, P) * pow(G, value, P) % P), nonce

    def context(self, voter: int) -> str:
        return f"{self.fingerprint}|{pow(G, self.secrets[voter], P)}"

    def ballot(self, voter: int, votes: Sequence[Json], **changes: Json) -> Json:
        """A signed ballot; ``votes`` has, per question, marks, lists of marks, or a vector."""
        answers = [
            self.answer(question, vote, self.context(voter))
            for question, vote in zip(self.questions, votes, strict=True)
        ]
        ballot = {
            "election_uuid": UUID,
            "election_hash": self.fingerprint,
            "credential": str(pow(G, self.secrets[voter], P)),
            "answers": answers,
            **changes,
        }
        return self.sign(ballot, voter)

    def sign(self, ballot: Json, voter: int) -> Json:
        unsigned = {name: value for name, value in ballot.items() if name != "signature"}
        digest = b64(compact(unsigned))
        signature = {"hash": digest, "proof": self.prover.schnorr(f"sig|{digest}|", self.secrets[voter])}
        return {**unsigned, "signature": signature}

    def answer(self, question: Json, vote: Json, context: str) -> Json:
        if "type" not in question:
            return self.homomorphic(question, vote, context)
        if question["type"] == "Lists":
            return self.lists(vote, context)
        return self.sealed(vote, context)

    def bits(self, marks: Sequence[int], context: str) -> tuple[Pairs, list[int], list[Json]]:
        pairs, nonces, proofs = [], [], []
        for mark in marks:
            pair, nonce = self.encrypt(mark)
            prefix = f"prove|{context}|{text(pair)}|"
            branches = [less(pair, 0), less(pair, 1)]
            proofs.append(self.prover.disjunction(prefix, self.key, branches, min(mark, 1), nonce))
            pairs.append(pair)
            nonces.append(nonce)
        return pairs, nonces, proofs

    def homomorphic(self, question: Json, marks: Sequence[int], context: str) -> Json:
        """Proofs are made whether or not what they claim holds: then they do not verify."""
        pairs, nonces, individual = self.bits(marks, context)
        whole = f"{context}|{','.join(map(text, pairs))}"
        low, high = question["min"], question["max"]
        if not question.get("blank"):
            total, count = product(pairs), sum(marks)
            branches = [less(total, value) for value in range(low, high + 1)]
            true = min(max(count - low, 0), high - low)
            overall = self.prover.disjunction(
                f"prove|{whole}|{text(total)}|", self.key, branches, true, sum(nonces)
            )
            return {
                "choices": [*map(shown, pairs)],
                "individual_proofs": individual,
                "overall_proof": overall,
            }
        total, count = product(pairs[1:]), sum(marks[1:])
        branches = [less(pairs[0], 1), *(less(total, value) for value in range(low, high + 1))]
        true = 0 if marks[0] else 1 + min(max(count - low, 0), high - low)
        nonce = nonces[0] if marks[0] else sum(nonces[1:])
        overall = self.prover.disjunction(f"bproof1|{whole}|", self.key, branches, true, nonce)
        nonce = sum(nonces[1:]) if marks[0] else nonces[0]
        blank = self.prover.disjunction(
            f"bproof0|{whole}|", self.key, [pairs[0], total], 1 if marks[0] else 0, nonce
        )
        return {
            "choices": [*map(shown, pairs)],
            "individual_proofs": individual,
            "overall_proof": overall,
            "blank_proof": blank,
        }

    def lists(self, votes: Sequence[Sequence[int]], context: str) -> Json:
        rows = [self.bits(marks, context) for marks in votes]
        whole = f"{context}|{','.join(text(pair) for pairs, _, _ in rows for pair in pairs)}"
        heads = product(pairs[0] for pairs, _, _ in rows)
        overall = self.prover.disjunction(
            f"prove|{whole}|{text(heads)}|",
            self.key,
            [less(heads, 1)],
            0,
            sum(nonces[0] for _, nonces, _ in rows),
        )
        list_proofs = []
        for marks, (pairs, nonces, _) in zip(votes, rows, strict=True):
            branches = [less(pairs[0], 1), product(pairs[1:])]
            true = 0 if marks[0] else 1
            nonce = nonces[0] if marks[0] else sum(nonces[1:])
            list_proofs.append(self.prover.disjunction(f"lproof|{whole}|", self.key, branches, true, nonce))
        total = product(pair for pairs, _, _ in rows for pair in pairs[1:])
        return {
            "choices": [[*map(shown, pairs)] for pairs, _, _ in rows],
            "individual_proofs": [proofs for _, _, proofs in rows],
            "overall_proof": overall[0],
            "list_proofs": list_proofs,
            "nonzero_proof": self.nonzero(
                whole, total, sum(nonce for _, nonces, _ in rows for nonce in nonces[1:])
            ),
        }

    def nonzero(self, whole: str, total: tuple[int, int], nonce: int) -> Json:
        alpha, beta = total
        s, w1, w2 = self.prover.scalar(), self.prover.scalar(), self.prover.scalar()
        commitment = pow(beta, s, P) * pow(self.key, -s * nonce % Q, P) % P
        a1 = pow(alpha, w1, P) * pow(G, w2, P) % P
        a2 = pow(beta, w1, P) * pow(self.key, w2, P) % P
        challenge = hashed(f"nonzero|{whole}|", [commitment, a1, a2])
        responses = [str((w1 - s * challenge) % Q), str((w2 + s * nonce * challenge) % Q)]
        return {"commitment": str(commitment), "challenge": str(challenge), "response": responses}

    def sealed(self, vector: Sequence[int], context: str) -> Json:
        number = 0
        for value in vector:
            number = number << 8 | value
        number <<= 8
        while pow(number, Q, P) != 1:
            number += 1
        nonce = self.prover.scalar()
        pair = (pow(G, nonce, P), pow(self.key, nonce, P) * number % P)
        prefix = f"raweg|{context}|{self.key},{text(pair)}|"
        return {"choices": shown(pair), "proof": self.prover.schnorr(prefix, nonce)}

    # --- tally and result ---

    def finish(self, counted: dict[int, Json], owners: Sequence[int] = (1, 2, 4), shuffles: int = 0) -> Parts:
        """Tally, shuffles, shares and result of the ballots counted, by voter."""
        parts = self.parts
        rows = [self._row(place, question, counted) for place, question in enumerate(self.questions)]
        parts.tally = [nested(shown, row) for row in rows]
        total = sum(self.weights[voter] for voter in counted)
        parts.sizes = {"num_tallied": len(counted), "total_weight": total}
        sealed = [
            place for place, question in enumerate(self.questions) if question.get("type") == "NonHomomorphic"
        ]
        for _ in range(shuffles):
            outs, proofs = [], []
            for place in sealed:
                rows[place], shuffle_proof = self.shuffle(rows[place])
                outs.append([shown(pair) for pair in rows[place]])
                proofs.append(shuffle_proof)
            parts.shuffles.append((1, {"ciphertexts": outs, "proofs": proofs}))
        parts.shares = [(owner, self.share(owner, rows)) for owner in owners]
        parts.result = {"result": self.result(rows)}
        return parts

    def _row(self, place: int, question: Json, counted: dict[int, Json]) -> Json:
        answers = [
            (ballot["answers"][place]["choices"], self.weights[voter]) for voter, ballot in counted.items()
        ]
        if question.get("type") == "NonHomomorphic":
            return sorted((int(each["alpha"]), int(each["beta"])) for each, _ in answers)

        def summed(*path: int) -> tuple[int, int]:
            pairs = []
            for choices, weight in answers:
                value = choices
                for index in path:
                    value = value[index]
                pairs.append((pow(int(value["alpha"]), weight, P), pow(int(value["beta"]), weight, P)))
            return product(pairs)

        if question.get("type") == "Lists":
            lists = question["value"]["answers"]
            return [[summed(i, j) for j in range(len(each))] for i, each in enumerate(lists)]
        return [summed(i) for i in range(len(question["answers"]) + bool(question.get("blank")))]

    def share(self, owner: int, rows: Json, secret: int | None = None) -> Json:
        secret = self.shares[owner - 1] if secret is None else secret
        prefix = f"decrypt|{self.fingerprint}|{pow(G, self.shares[owner - 1], P)}|"
        factors = [nested(lambda pair: str(pow(pair[0], secret, P)), row) for row in rows]
        proofs = [nested(lambda pair: self.prover.schnorr(prefix, secret, G, pair[0]), row) for row in rows]
        return {"decryption_factors": factors, "decryption_proofs": proofs}

    def result(self, rows: Json) -> Json:
        joint = self.shares[0] + (sum(row[0] for row in self.polynomials) if len(self.shares) > 1 else 0)
        found = []
        for question, row in zip(self.questions, rows, strict=True):
            plain = nested(lambda pair: pair[1] * pow(pair[0], -joint % Q, P) % P, row)
            if question.get("type") == "NonHomomorphic":
                count = len(question["value"]["answers"])
                found.append(
                    [[each >> 8 + 8 * (count - 1 - i) & 255 for i in range(count)] for each in plain]
                )
            else:
                found.append(nested(logarithm, plain))
        return found

    def shuffle(self, before: Pairs) -> tuple[Pairs, Json]:
        """The proof of CHVote 1.3.2, as a shuffler makes it."""
        n, rng = len(before), self.prover.scalar
        order = list(range(n))
        self.prover.rng.shuffle(order)
        renewed = [rng() for _ in before]
        again = [
            (a * pow(G, r, P) % P, b * pow(self.key, r, P) % P)
            for (a, b), r in zip(before, renewed, strict=True)
        ]
        after = [again[place] for place in order]
        start, bases = independent(-1), [independent(i) for i in range(n)]
        openings = [rng() for _ in before]
        committed = [0] * n
        for i, place in enumerate(order):
            committed[place] = pow(G, openings[place], P) * bases[i] % P
        joined = "".join(f"{text(pair)}," for pair in [*before, *after]) + "".join(f"{c}," for c in committed)
        seed = sha(f"shuffle-challenges|{self.fingerprint}|{joined}".encode())
        powers = [int(sha((seed + sha(str(i).encode())).encode()), 16) % Q for i in range(n)]
        permuted = [powers[place] for place in order]
        link_openings = [rng() for _ in before]
        links: list[int] = []
        for opening, power in zip(link_openings, permuted, strict=True):
            links.append(pow(G, opening, P) * pow(links[-1] if links else start, power, P) % P)
        w = [rng() for _ in range(4)]
        w_chain, w_values = [rng() for _ in before], [rng() for _ in before]
        t3 = pow(G, w[2], P)
        t41, t42 = pow(self.key, -w[3] % Q, P), pow(G, -w[3] % Q, P)
        for base, (alpha, beta), each in zip(bases, after, w_values, strict=True):
            t3 = t3 * pow(base, each, P) % P
            t41, t42 = t41 * pow(beta, each, P) % P, t42 * pow(alpha, each, P) % P
        fixed = [pow(G, w[0], P), pow(G, w[1], P), t3, t41, t42]
        previous = [start, *links][:n]
        chain = [pow(G, a, P) * pow(c, b, P) % P for a, b, c in zip(w_chain, w_values, previous, strict=True)]
        head = "".join(f"{each}," for each in [*fixed, *chain])
        tail = "".join(f"{each}," for each in links)
        challenge = hashed(f"shuffle-challenge|{self.fingerprint}|{head}{joined}{tail}{self.key}")
        after_product, hat = 1, 0
        for opening, power in zip(reversed(link_openings), reversed(permuted), strict=True):
            hat += opening * after_product
            after_product = after_product * power % Q
        secrets = [
            sum(openings),
            hat,
            sum(r * u for r, u in zip(openings, powers, strict=True)),
            sum(r * u for r, u in zip(renewed, powers, strict=True)),
        ]
        s = [str((nonce + challenge * secret) % Q) for nonce, secret in zip(w, secrets, strict=True)]
        s_chain = [str((a + challenge * b) % Q) for a, b in zip(w_chain, link_openings, strict=True)]
        s_values = [str((a + challenge * b) % Q) for a, b in zip(w_values, permuted, strict=True)]
        t = [*map(str, fixed[:3]), [str(t41), str(t42)], [*map(str, chain)]]
        return after, [t, [*s, s_chain, s_values], [*map(str, committed)], [*map(str, links)]]


def independent(number: int) -> int:
    """A generator from a hash."""
    return pow(int(sha(f"ggen|{number}".encode()), 16), (P - 1) // Q, P)


def logarithm(value: int) -> int:
    return next(count for count in range(10_000) if pow(G, count, P) == value)


def nested(function: Callable[[Any], Json], row: Json) -> Json:
    """The function of every leaf, in the same lists."""
    return [nested(function, each) if isinstance(each, list) else function(each) for each in row]


# --- elections that tests use --------------------------------------------------------------------

PLAIN = {"answers": ["a", "b"], "min": 0, "max": 1, "question": "Which?"}
BLANK = {"answers": ["a", "b"], "blank": True, "min": 1, "max": 2, "question": "Which, if any?"}
LISTS = {"type": "Lists", "value": {"answers": [["x", "x1", "x2"], ["y", "y1"]], "question": "List?"}}
SEALED = {"type": "NonHomomorphic", "value": {"answers": ["c", "d"], "question": "Rank?"}}


def whole(threshold: bool = True, **options: Any) -> Maker:
    """Two homomorphic questions, a threshold group, weights, and a voter who votes twice."""
    maker = Maker([PLAIN, BLANK], weights=(1, 5, 1), threshold=threshold, **options)
    first = maker.ballot(0, [[1, 0], [0, 1, 1]])
    second = maker.ballot(1, [[0, 0], [1, 0, 0]])
    again = maker.ballot(0, [[0, 1], [0, 0, 1]])
    maker.parts.ballots = [first, second, again]
    maker.finish({0: again, 1: second}, owners=(1, 2, 4) if threshold else (1,))
    return maker


def small() -> Parts:
    """One question, one trustee, one ballot."""
    maker = Maker([PLAIN], weights=(1,), threshold=False, seed="small")
    ballot = maker.ballot(0, [[1, 0]])
    maker.parts.ballots = [ballot]
    return maker.finish({0: ballot}, owners=(1,))


def mixed(shuffles: int = 2) -> Maker:
    """A question of each other kind, one trustee, two shuffles."""
    maker = Maker([LISTS, SEALED, PLAIN], threshold=False, seed="mixed")
    ballots = [
        maker.ballot(0, [[[1, 1, 0], [0, 0]], [1, 2], [1, 0]]),
        maker.ballot(1, [[[0, 0, 0], [1, 1]], [2, 1], [0, 1]]),
        maker.ballot(2, [[[1, 1, 1], [0, 0]], [255, 0], [0, 0]]),
    ]
    maker.parts.ballots = ballots
    maker.finish(dict(enumerate(ballots)), owners=(1,), shuffles=shuffles)
    return maker
