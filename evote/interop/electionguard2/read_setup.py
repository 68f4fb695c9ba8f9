"""Reads the files of the setup: parameters, configuration, manifest, guardians and keys.

The manifest is read for what verifications need; its other members only have to be JSON, since its raw
bytes are what is hashed.
"""

from __future__ import annotations

from evote.codec import (
    MAX_CONTESTS,
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
from evote.interop.electionguard2.layout import Layout, base64_bytes
from evote.interop.electionguard2.parts import Parts, byte_values, members_of, number_of, require
from evote.interop.electionguard2.values import (
    Commitment,
    Config,
    Constants,
    Guardian,
    Initialized,
    Manifest,
    ManifestContest,
    Proof,
)
from evote.manifest.strict_json import Node, read_json


def constants_of(raw: bytes) -> tuple[Layout, Constants]:
    """``constants.json``, and the layout that it is written in."""
    node = Node(read_json(raw))
    if "constants" not in node.entries():
        names = ("large_prime", "small_prime", "cofactor", "generator")
        members = members_of(node, names, ("name",))
        return Layout.MULTIPLATFORM, Constants("", {name: number_of(members[name]) for name in names})
    members = members_of(node, ("type", "protocolVersion", "constants"), ("name",))
    numbers = {name: number_of(each) for name, each in members["constants"].entries().items()}
    kind = "EllipticCurve" if "primeModulus" in numbers else "IntegerGroup"
    if members["type"].text(MAX_LABEL_BYTES) != kind:
        raise DecodeError(f"the parameters are those of the type {kind}", members["type"].where)
    return Layout.EGK_EC, Constants(members["protocolVersion"].text(MAX_LABEL_BYTES), numbers)


def manifest_of(raw: bytes) -> Manifest:
    """``manifest.json``: contests with options and limits, and ballot styles."""
    members = Node(read_json(raw)).entries()
    require(members, ("election_scope_id", "contests", "ballot_styles"), "")
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
        require(parts, ("object_id", "geopolitical_unit_ids"), node.where)
        label = parts["object_id"].text(MAX_LABEL_BYTES)
        if label in styles:
            raise DecodeError(f"two ballot styles are called {label!r}", node.where)
        districts = parts["geopolitical_unit_ids"].items(MAX_UNITS)
        styles[label] = frozenset(each.text(MAX_LABEL_BYTES) for each in districts)
    return Manifest(members["election_scope_id"].text(MAX_TEXT_BYTES), contests, styles)


def _manifest_contest(node: Node) -> ManifestContest:
    members = node.entries()
    require(
        members,
        ("object_id", "sequence_order", "electoral_district_id", "votes_allowed", "ballot_selections"),
        node.where,
    )
    options = []
    for option in members["ballot_selections"].items(MAX_OPTIONS):
        parts = option.entries()
        require(parts, ("object_id", "sequence_order"), option.where)
        options.append(
            (parts["object_id"].text(MAX_LABEL_BYTES), parts["sequence_order"].integer(0, MAX_INDEX))
        )
    if not options:
        raise DecodeError("a contest has at least one option", node.where)
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


class SetupReader(Parts):
    """Reads the files of the setup that a layout writes in its own way."""

    __slots__ = ()

    def config(self, raw: bytes) -> Config:
        """``election_config.json``."""
        members = members_of(
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
            parameter_hash=self.hash(members["parameter_base_hash"]),
            manifest_hash=self.hash(members["manifest_hash"]),
            base_hash=self.hash(members["election_base_hash"]),
            chained=members["chain_confirmation_codes"].boolean(),
            device_bytes=self._shared_bytes(members["baux0"]),
        )

    def _shared_bytes(self, node: Node) -> bytes:
        if self.layout is Layout.MULTIPLATFORM:
            return byte_values(node)
        return base64_bytes(node.text(MAX_TEXT_BYTES), node.where)

    def initialized(self, raw: bytes) -> Initialized:
        """``election_initialized.json``."""
        members = members_of(
            Node(read_json(raw)), ("joint_public_key", "extended_base_hash", "guardians"), ("metadata",)
        )
        return Initialized(
            self.element(members["joint_public_key"]),
            self.hash(members["extended_base_hash"]),
            tuple(self._guardian(node) for node in members["guardians"].items(MAX_GUARDIANS)),
        )

    def _guardian(self, node: Node) -> Guardian:
        members = members_of(node, ("guardian_id", "x_coordinate", "coefficient_proofs"))
        commitments = []
        for proof in members["coefficient_proofs"].items(MAX_GUARDIANS):
            parts = members_of(proof, ("public_key", "challenge", "response"))
            commitments.append(
                Commitment(
                    self.element(parts["public_key"]),
                    Proof(self.element(parts["challenge"]), self.element(parts["response"])),
                )
            )
        return Guardian(
            members["guardian_id"].text(MAX_LABEL_BYTES),
            members["x_coordinate"].integer(1, MAX_INDEX),
            tuple(commitments),
        )
