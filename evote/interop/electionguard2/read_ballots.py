"""Reads encrypted ballots, and the chains of confirmation codes."""

from __future__ import annotations

from evote.codec import (
    MAX_CONTESTS,
    MAX_COUNT,
    MAX_INDEX,
    MAX_LABEL_BYTES,
    MAX_OPTIONS,
    MAX_SELECTION_LIMIT,
    MAX_TEXT_BYTES,
)
from evote.errors import DecodeError
from evote.interop.electionguard2.layout import MAX_FILE_BYTES, Layout, hexadecimal_bytes
from evote.interop.electionguard2.parts import Parts, byte_values, labels_of, members_of
from evote.interop.electionguard2.values import (
    Ballot,
    Chain,
    Contest,
    PreEncryption,
    Selection,
    State,
    Vector,
)
from evote.manifest.strict_json import Node, read_json


class BallotReader(Parts):
    """Reads ballots and chains."""

    __slots__ = ()

    def ballot(self, raw: bytes) -> Ballot:
        """One ``eballot-*.json``."""
        members = members_of(
            Node(read_json(raw, limit=MAX_FILE_BYTES)),
            (
                "ballot_id",
                "ballot_style_id",
                "encrypting_device",
                "timestamp",
                "code_baux",
                "confirmation_code",
                "election_id",
                "contests",
                "state",
                "is_preencrypt",
            ),
            ("encrypted_sn",),
        )
        members["timestamp"].integer(0, MAX_COUNT)
        if "encrypted_sn" in members:
            self.pair(members["encrypted_sn"])
        aux = members["code_baux"]
        return Ballot(
            label=members["ballot_id"].text(MAX_LABEL_BYTES),
            style=members["ballot_style_id"].text(MAX_LABEL_BYTES),
            device=members["encrypting_device"].text(MAX_LABEL_BYTES),
            aux=hexadecimal_bytes(aux.text(MAX_TEXT_BYTES), aux.where),
            code=self.hash(members["confirmation_code"]),
            election=self.hash(members["election_id"]),
            contests=tuple(self._contest(node) for node in members["contests"].items(MAX_CONTESTS)),
            state=self._state(members["state"]),
            pre_encrypted=members["is_preencrypt"].boolean(),
        )

    def _state(self, node: Node) -> State:
        text = node.text(MAX_LABEL_BYTES)
        if text == "CAST":
            return State.CAST
        if text == self.layout.challenged:
            return State.CHALLENGED
        raise DecodeError(f"the state is CAST or {self.layout.challenged}", node.where)

    def _contest(self, node: Node) -> Contest:
        members = members_of(
            node,
            (
                "contest_id",
                "sequence_order",
                "contest_hash",
                "selections",
                "proof",
                "encrypted_contest_data",
            ),
            ("votes_allowed", "pre_encryption"),
        )
        if "votes_allowed" in members:
            members["votes_allowed"].integer(1, MAX_SELECTION_LIMIT)
        return Contest(
            label=members["contest_id"].text(MAX_LABEL_BYTES),
            order=members["sequence_order"].integer(0, MAX_INDEX),
            hash=self.hash(members["contest_hash"]),
            selections=tuple(self._selection(each) for each in members["selections"].items(MAX_OPTIONS)),
            proofs=self.proofs(members["proof"]),
            data=self.sealed(members["encrypted_contest_data"]),
            pre_encryption=self._pre_encryption(members["pre_encryption"])
            if "pre_encryption" in members
            else None,
        )

    def _selection(self, node: Node) -> Selection:
        members = members_of(node, ("selection_id", "sequence_order", "encrypted_vote", "proof"))
        return Selection(
            members["selection_id"].text(MAX_LABEL_BYTES),
            members["sequence_order"].integer(0, MAX_INDEX),
            self.pair(members["encrypted_vote"]),
            self.proofs(members["proof"]),
        )

    def _pre_encryption(self, node: Node) -> PreEncryption:
        members = members_of(node, ("preencryption_hash", "all_selection_hashes", "selected_vectors"))
        vectors = []
        for vector in members["selected_vectors"].items(MAX_OPTIONS):
            parts = members_of(vector, ("selection_hash", "short_code", "encryptions"))
            vectors.append(
                Vector(
                    self.hash(parts["selection_hash"]),
                    parts["short_code"].text(MAX_LABEL_BYTES),
                    tuple(self.pair(each) for each in parts["encryptions"].items(MAX_OPTIONS)),
                )
            )
        return PreEncryption(
            self.hash(members["preencryption_hash"]),
            tuple(self.hash(each) for each in members["all_selection_hashes"].items(2 * MAX_OPTIONS)),
            tuple(vectors),
        )

    def chain(self, raw: bytes) -> Chain:
        """``ballot_chain.json`` of a device."""
        members = members_of(
            Node(read_json(raw, limit=MAX_FILE_BYTES)),
            ("encrypting_device", "baux0", "ballot_ids", "last_confirmation_code"),
            ("election_base_hash", "closing_hash", "chaining", "metadata"),
        )
        start = members["baux0"]
        ours = self.layout is Layout.EGK_EC
        closing = members.get("closing_hash")
        election = members.get("election_base_hash")
        if "chaining" in members and not members["chaining"].boolean():
            raise DecodeError("a chain says that it is none", members["chaining"].where)
        return Chain(
            device=members["encrypting_device"].text(MAX_LABEL_BYTES),
            start=byte_values(start) if ours else hexadecimal_bytes(start.text(MAX_TEXT_BYTES), start.where),
            election=None if election is None else self.hash(election),
            ballots=labels_of(members["ballot_ids"]),
            last_code=self.hash(members["last_confirmation_code"]),
            closing_hash=None if closing is None else self.hash(closing),
        )
