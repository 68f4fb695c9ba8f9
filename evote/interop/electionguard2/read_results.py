"""Reads the encrypted tally, the decrypted one, and decrypted ballots."""

from __future__ import annotations

from evote.codec import MAX_CONTESTS, MAX_INDEX, MAX_LABEL_BYTES, MAX_OPTIONS, MAX_TEXT_BYTES
from evote.interop.electionguard2.layout import MAX_FILE_BYTES
from evote.interop.electionguard2.parts import Parts, ballot_count, labels_of, members_of
from evote.interop.electionguard2.values import (
    Decrypted,
    DecryptedContest,
    DecryptedOption,
    EncryptedTally,
    OpenedData,
    SummedContest,
)
from evote.manifest.strict_json import Node, read_json


class ResultReader(Parts):
    """Reads sums and decryptions."""

    __slots__ = ()

    def tally(self, raw: bytes) -> EncryptedTally:
        """``encrypted_tally.json``."""
        members = members_of(
            Node(read_json(raw, limit=MAX_FILE_BYTES)),
            ("tally_id", "contests", "cast_ballot_ids", "election_id"),
        )
        members["tally_id"].text(MAX_LABEL_BYTES)
        return EncryptedTally(
            tuple(self._summed(node) for node in members["contests"].items(MAX_CONTESTS)),
            labels_of(members["cast_ballot_ids"]),
            self.hash(members["election_id"]),
        )

    def _summed(self, node: Node) -> SummedContest:
        members = members_of(node, ("contest_id", "sequence_order", "selections"), ("ballot_count",))
        members["sequence_order"].integer(0, MAX_INDEX)
        options = []
        for option in members["selections"].items(MAX_OPTIONS):
            parts = members_of(option, ("selection_id", "sequence_order", "encrypted_vote"))
            parts["sequence_order"].integer(0, MAX_INDEX)
            options.append((parts["selection_id"].text(MAX_LABEL_BYTES), self.pair(parts["encrypted_vote"])))
        return SummedContest(
            members["contest_id"].text(MAX_LABEL_BYTES), tuple(options), ballot_count(members)
        )

    def decrypted(self, raw: bytes) -> Decrypted:
        """``tally.json``, or one ``dballot-*.json``."""
        members = members_of(
            Node(read_json(raw, limit=MAX_FILE_BYTES)), ("id", "contests", "election_id"), ("metadata",)
        )
        return Decrypted(
            members["id"].text(MAX_LABEL_BYTES),
            tuple(self._decrypted_contest(node) for node in members["contests"].items(MAX_CONTESTS)),
            self.hash(members["election_id"]),
        )

    def _decrypted_contest(self, node: Node) -> DecryptedContest:
        members = members_of(node, ("contest_id", "selections"), ("ballot_count", "decrypted_contest_data"))
        options = []
        for option in members["selections"].items(MAX_OPTIONS):
            parts = members_of(option, ("selection_id", "tally", "b_over_m", "encrypted_vote", "proof"))
            options.append(
                DecryptedOption(
                    parts["selection_id"].text(MAX_LABEL_BYTES),
                    parts["tally"].integer(0, MAX_INDEX),
                    self.element(parts["b_over_m"]),
                    self.pair(parts["encrypted_vote"]),
                    self.proof(parts["proof"]),
                )
            )
        data = members.get("decrypted_contest_data")
        return DecryptedContest(
            members["contest_id"].text(MAX_LABEL_BYTES),
            tuple(options),
            ballot_count(members),
            None if data is None else self._opened(data),
        )

    def _opened(self, node: Node) -> OpenedData:
        members = members_of(node, ("contest_data", "encrypted_contest_data", "proof", "beta"))
        said = members_of(members["contest_data"], ("over_votes", "write_ins", "status"))
        return OpenedData(
            over_votes=tuple(
                each.integer(-(2**31), MAX_INDEX) for each in said["over_votes"].items(MAX_OPTIONS)
            ),
            write_ins=tuple(each.text(MAX_TEXT_BYTES) for each in said["write_ins"].items(MAX_OPTIONS)),
            status=said["status"].text(MAX_LABEL_BYTES),
            sealed=self.sealed(members["encrypted_contest_data"]),
            proof=self.proof(members["proof"]),
            beta=self.element(members["beta"]),
        )
