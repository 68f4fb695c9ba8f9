"""Reads the JSON files of a 2.0 record strictly: one typed value per file, or :class:`DecodeError`.

Members that a file must have and has not, members that no version of the two programs writes, wrong
types, wrong widths of hashes, numbers out of range: each is a :class:`DecodeError` with its path. An
optional member may be null. The manifest is read for what verifications need; its other members only
have to be JSON, since its raw bytes are what is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evote.codec import (
    MAX_CONTEST_DATA_BYTES,
    MAX_CONTESTS,
    MAX_COUNT,
    MAX_GUARDIANS,
    MAX_INDEX,
    MAX_LABEL_BYTES,
    MAX_OPTIONS,
    MAX_SELECTION_LIMIT,
    MAX_STYLES,
    MAX_TEXT_BYTES,
    MAX_UNITS,
)
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES
from evote.interop.electionguard2.layout import MAX_FILE_BYTES, Layout, base64_bytes, hexadecimal_bytes
from evote.interop.electionguard2.values import (
    Ballot,
    Chain,
    Commitment,
    Config,
    Constants,
    Contest,
    Decrypted,
    DecryptedContest,
    DecryptedOption,
    EncryptedTally,
    Guardian,
    Initialized,
    Manifest,
    ManifestContest,
    OpenedData,
    Pair,
    PreEncryption,
    Proof,
    Sealed,
    Selection,
    State,
    SummedContest,
    Vector,
)
from evote.manifest.strict_json import Node, read_json

MAX_BALLOTS: Final = 100_000_000
MAX_ELEMENT_TEXT: Final = 4096
_MAX_DATA_TEXT: Final = 2 * MAX_CONTEST_DATA_BYTES + 4


class Reader:
    """Reads the files of a record whose layout is known."""

    __slots__ = ("layout",)

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    # --- setup -----------------------------------------------------------------------------------

    def config(self, raw: bytes) -> Config:
        """``election_config.json``."""
        members = _members(
            Node(read_json(raw)),
            (
                "config_version",
                "number_of_guardians",
                "quorum",
                "parameter_base_hash",
                "manifest_hash",
                "election_base_hash",
                "chain_confirmation_codes",
                "baux0",
            ),
            ("metadata",),
        )
        guardians = members["number_of_guardians"].integer(1, MAX_GUARDIANS)
        if "metadata" in members:
            for value in members["metadata"].entries().values():
                value.text(MAX_TEXT_BYTES)
        return Config(
            version=members["config_version"].text(MAX_LABEL_BYTES),
            guardians=guardians,
            quorum=members["quorum"].integer(1, guardians),
            parameter_hash=self._hash(members["parameter_base_hash"]),
            manifest_hash=self._hash(members["manifest_hash"]),
            base_hash=self._hash(members["election_base_hash"]),
            chained=members["chain_confirmation_codes"].boolean(),
            device_bytes=self._shared_bytes(members["baux0"]),
        )

    def _shared_bytes(self, node: Node) -> bytes:
        if self.layout is Layout.MULTIPLATFORM:
            return _byte_values(node)
        return base64_bytes(node.text(MAX_TEXT_BYTES), node.where)

    def initialized(self, raw: bytes) -> Initialized:
        """``election_initialized.json``."""
        members = _members(
            Node(read_json(raw)), ("joint_public_key", "extended_base_hash", "guardians"), ("metadata",)
        )
        return Initialized(
            self._element(members["joint_public_key"]),
            self._hash(members["extended_base_hash"]),
            tuple(self._guardian(node) for node in members["guardians"].items(MAX_GUARDIANS)),
        )

    def _guardian(self, node: Node) -> Guardian:
        members = _members(node, ("guardian_id", "x_coordinate", "coefficient_proofs"))
        commitments = []
        for proof in members["coefficient_proofs"].items(MAX_GUARDIANS):
            parts = _members(proof, ("public_key", "challenge", "response"))
            commitments.append(
                Commitment(
                    self._element(parts["public_key"]),
                    Proof(self._element(parts["challenge"]), self._element(parts["response"])),
                )
            )
        return Guardian(
            members["guardian_id"].text(MAX_LABEL_BYTES),
            members["x_coordinate"].integer(1, MAX_INDEX),
            tuple(commitments),
        )

    # --- ballots ---------------------------------------------------------------------------------

    def ballot(self, raw: bytes) -> Ballot:
        """One ``eballot-*.json``."""
        members = _members(
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
            self._pair(members["encrypted_sn"])
        aux = members["code_baux"]
        return Ballot(
            label=members["ballot_id"].text(MAX_LABEL_BYTES),
            style=members["ballot_style_id"].text(MAX_LABEL_BYTES),
            device=members["encrypting_device"].text(MAX_LABEL_BYTES),
            aux=hexadecimal_bytes(aux.text(MAX_TEXT_BYTES), aux.where),
            code=self._hash(members["confirmation_code"]),
            election=self._hash(members["election_id"]),
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
        members = _members(
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
            hash=self._hash(members["contest_hash"]),
            selections=tuple(self._selection(each) for each in members["selections"].items(MAX_OPTIONS)),
            proofs=self._proofs(members["proof"]),
            data=self._sealed(members["encrypted_contest_data"]),
            pre_encryption=self._pre_encryption(members["pre_encryption"])
            if "pre_encryption" in members
            else None,
        )

    def _selection(self, node: Node) -> Selection:
        members = _members(node, ("selection_id", "sequence_order", "encrypted_vote", "proof"))
        return Selection(
            members["selection_id"].text(MAX_LABEL_BYTES),
            members["sequence_order"].integer(0, MAX_INDEX),
            self._pair(members["encrypted_vote"]),
            self._proofs(members["proof"]),
        )

    def _pre_encryption(self, node: Node) -> PreEncryption:
        members = _members(node, ("preencryption_hash", "all_selection_hashes", "selected_vectors"))
        vectors = []
        for vector in members["selected_vectors"].items(MAX_OPTIONS):
            parts = _members(vector, ("selection_hash", "short_code", "encryptions"))
            vectors.append(
                Vector(
                    self._hash(parts["selection_hash"]),
                    parts["short_code"].text(MAX_LABEL_BYTES),
                    tuple(self._pair(each) for each in parts["encryptions"].items(MAX_OPTIONS)),
                )
            )
        return PreEncryption(
            self._hash(members["preencryption_hash"]),
            tuple(self._hash(each) for each in members["all_selection_hashes"].items(2 * MAX_OPTIONS)),
            tuple(vectors),
        )

    def chain(self, raw: bytes) -> Chain:
        """``ballot_chain.json`` of a device."""
        members = _members(
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
            start=_byte_values(start) if ours else hexadecimal_bytes(start.text(MAX_TEXT_BYTES), start.where),
            election=None if election is None else self._hash(election),
            ballots=_labels(members["ballot_ids"]),
            last_code=self._hash(members["last_confirmation_code"]),
            closing_hash=None if closing is None else self._hash(closing),
        )

    # --- sums and decryptions --------------------------------------------------------------------

    def tally(self, raw: bytes) -> EncryptedTally:
        """``encrypted_tally.json``."""
        members = _members(
            Node(read_json(raw, limit=MAX_FILE_BYTES)),
            ("tally_id", "contests", "cast_ballot_ids", "election_id"),
        )
        members["tally_id"].text(MAX_LABEL_BYTES)
        return EncryptedTally(
            tuple(self._summed(node) for node in members["contests"].items(MAX_CONTESTS)),
            _labels(members["cast_ballot_ids"]),
            self._hash(members["election_id"]),
        )

    def _summed(self, node: Node) -> SummedContest:
        members = _members(node, ("contest_id", "sequence_order", "selections"), ("ballot_count",))
        members["sequence_order"].integer(0, MAX_INDEX)
        options = []
        for option in members["selections"].items(MAX_OPTIONS):
            parts = _members(option, ("selection_id", "sequence_order", "encrypted_vote"))
            parts["sequence_order"].integer(0, MAX_INDEX)
            options.append((parts["selection_id"].text(MAX_LABEL_BYTES), self._pair(parts["encrypted_vote"])))
        return SummedContest(
            members["contest_id"].text(MAX_LABEL_BYTES), tuple(options), _ballot_count(members)
        )

    def decrypted(self, raw: bytes) -> Decrypted:
        """``tally.json``, or one ``dballot-*.json``."""
        members = _members(
            Node(read_json(raw, limit=MAX_FILE_BYTES)), ("id", "contests", "election_id"), ("metadata",)
        )
        return Decrypted(
            members["id"].text(MAX_LABEL_BYTES),
            tuple(self._decrypted_contest(node) for node in members["contests"].items(MAX_CONTESTS)),
            self._hash(members["election_id"]),
        )

    def _decrypted_contest(self, node: Node) -> DecryptedContest:
        members = _members(node, ("contest_id", "selections"), ("ballot_count", "decrypted_contest_data"))
        options = []
        for option in members["selections"].items(MAX_OPTIONS):
            parts = _members(option, ("selection_id", "tally", "b_over_m", "encrypted_vote", "proof"))
            options.append(
                DecryptedOption(
                    parts["selection_id"].text(MAX_LABEL_BYTES),
                    parts["tally"].integer(0, MAX_INDEX),
                    self._element(parts["b_over_m"]),
                    self._pair(parts["encrypted_vote"]),
                    self._proof(parts["proof"]),
                )
            )
        data = members.get("decrypted_contest_data")
        return DecryptedContest(
            members["contest_id"].text(MAX_LABEL_BYTES),
            tuple(options),
            _ballot_count(members),
            None if data is None else self._opened(data),
        )

    def _opened(self, node: Node) -> OpenedData:
        members = _members(node, ("contest_data", "encrypted_contest_data", "proof", "beta"))
        said = _members(members["contest_data"], ("over_votes", "write_ins", "status"))
        return OpenedData(
            over_votes=tuple(
                each.integer(-(2**31), MAX_INDEX) for each in said["over_votes"].items(MAX_OPTIONS)
            ),
            write_ins=tuple(each.text(MAX_TEXT_BYTES) for each in said["write_ins"].items(MAX_OPTIONS)),
            status=said["status"].text(MAX_LABEL_BYTES),
            sealed=self._sealed(members["encrypted_contest_data"]),
            proof=self._proof(members["proof"]),
            beta=self._element(members["beta"]),
        )

    # --- parts -----------------------------------------------------------------------------------

    def _element(self, node: Node) -> bytes:
        """An element or a scalar: bytes, whose range a verification states."""
        return self.layout.octets(node.text(MAX_ELEMENT_TEXT), node.where)

    def _hash(self, node: Node) -> bytes:
        data = self._element(node)
        if len(data) != DIGEST_BYTES:
            raise DecodeError(f"a hash has {DIGEST_BYTES} bytes, not {len(data)}", node.where)
        return data

    def _pair(self, node: Node) -> Pair:
        members = _members(node, ("pad", "data"))
        return Pair(self._element(members["pad"]), self._element(members["data"]))

    def _proof(self, node: Node) -> Proof:
        members = _members(node, ("challenge", "response"))
        return Proof(self._element(members["challenge"]), self._element(members["response"]))

    def _proofs(self, node: Node) -> tuple[Proof, ...]:
        members = _members(node, ("proofs",))
        return tuple(self._proof(each) for each in members["proofs"].items(MAX_SELECTION_LIMIT + 1))

    def _sealed(self, node: Node) -> Sealed:
        members = _members(node, ("c0", "c1", "c2", "numBytes"))
        body = members["c1"]
        return Sealed(
            self._element(members["c0"]),
            self.layout.octets(body.text(_MAX_DATA_TEXT), body.where),
            self._hash(members["c2"]),
            members["numBytes"].integer(0, MAX_CONTEST_DATA_BYTES),
        )


# --- files that do not depend on the layout, or decide it ------------------------------------------


def constants(raw: bytes) -> tuple[Layout, Constants]:
    """``constants.json``, and the layout that it is written in."""
    node = Node(read_json(raw))
    if "constants" not in node.entries():
        names = ("large_prime", "small_prime", "cofactor", "generator")
        members = _members(node, names, ("name",))
        return Layout.MULTIPLATFORM, Constants("", {name: _number(members[name]) for name in names})
    members = _members(node, ("type", "protocolVersion", "constants"), ("name",))
    members["type"].text(MAX_LABEL_BYTES)
    numbers = {name: _number(each) for name, each in members["constants"].entries().items()}
    return Layout.EGK_EC, Constants(members["protocolVersion"].text(MAX_LABEL_BYTES), numbers)


def manifest(raw: bytes) -> Manifest:
    """``manifest.json``: contests with options and limits, and ballot styles."""
    members = Node(read_json(raw)).entries()
    _require(members, ("election_scope_id", "contests", "ballot_styles"), "")
    contests: dict[str, ManifestContest] = {}
    for node in members["contests"].items(MAX_CONTESTS):
        contest = _manifest_contest(node)
        if contest.label in contests:
            raise DecodeError(f"two contests are called {contest.label!r}", node.where)
        contests[contest.label] = contest
    orders = [contest.order for contest in contests.values()]
    if len(set(orders)) != len(orders):
        raise DecodeError("two contests have one sequence_order", "contests")
    styles: dict[str, frozenset[str]] = {}
    for node in members["ballot_styles"].items(MAX_STYLES):
        parts = node.entries()
        _require(parts, ("object_id", "geopolitical_unit_ids"), node.where)
        label = parts["object_id"].text(MAX_LABEL_BYTES)
        if label in styles:
            raise DecodeError(f"two ballot styles are called {label!r}", node.where)
        districts = parts["geopolitical_unit_ids"].items(MAX_UNITS)
        styles[label] = frozenset(each.text(MAX_LABEL_BYTES) for each in districts)
    return Manifest(members["election_scope_id"].text(MAX_TEXT_BYTES), contests, styles)


def _manifest_contest(node: Node) -> ManifestContest:
    members = node.entries()
    _require(
        members,
        ("object_id", "sequence_order", "electoral_district_id", "votes_allowed", "ballot_selections"),
        node.where,
    )
    options = []
    for option in members["ballot_selections"].items(MAX_OPTIONS):
        parts = option.entries()
        _require(parts, ("object_id", "sequence_order"), option.where)
        options.append(
            (parts["object_id"].text(MAX_LABEL_BYTES), parts["sequence_order"].integer(0, MAX_INDEX))
        )
    for place in (0, 1):
        if len({option[place] for option in options}) != len(options):
            raise DecodeError("two options have one object_id or one sequence_order", node.where)
    limit = members.get("option_selection_limit")
    return ManifestContest(
        label=members["object_id"].text(MAX_LABEL_BYTES),
        order=members["sequence_order"].integer(0, MAX_INDEX),
        district=members["electoral_district_id"].text(MAX_LABEL_BYTES),
        option_limit=1 if limit is None or limit.value is None else limit.integer(1, MAX_SELECTION_LIMIT),
        limit=members["votes_allowed"].integer(1, MAX_SELECTION_LIMIT),
        options=tuple(options),
    )


def _members(node: Node, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Node]:
    members = node.members(required, optional)
    return {name: each for name, each in members.items() if name in required or each.value is not None}


def _require(members: dict[str, Node], names: Sequence[str], where: str) -> None:
    for name in names:
        if name not in members:
            raise DecodeError(f"the field {name} is absent", where)


def _number(node: Node) -> int:
    """A constant in hexadecimal digits; the programs differ in case and leading zeros."""
    text = node.text(MAX_ELEMENT_TEXT)
    return int.from_bytes(hexadecimal_bytes("0" * (len(text) % 2) + text, node.where), "big")


def _byte_values(node: Node) -> bytes:
    """Bytes as a list of numbers from -128 to 127."""
    return bytes(each.integer(-128, 127) & 0xFF for each in node.items(MAX_TEXT_BYTES))


def _labels(node: Node) -> tuple[str, ...]:
    return tuple(each.text(MAX_LABEL_BYTES) for each in node.items(MAX_BALLOTS))


def _ballot_count(members: dict[str, Node]) -> int:
    return members["ballot_count"].integer(0, MAX_COUNT) if "ballot_count" in members else 0
