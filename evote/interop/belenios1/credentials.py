"""The public credentials: who may vote, and with what weight ("Credentials").

An array of texts ``<element>`` or ``<element>,<weight>``, no element twice. Each element must be in the
group; a list of hundreds is tested by products of random subsets, which is sound for every cofactor
(``specs/batch-verification.md``), and one by one where that finds something. A list of newer versions
may come with a certificate of the authority that made it.
"""

from __future__ import annotations

from typing import Final

from evote.errors import DecodeError
from evote.groups import Claimed, Element, MembershipError
from evote.hashing import sha256
from evote.interop.belenios1 import texts
from evote.interop.belenios1.election import Election
from evote.interop.belenios1.groups import TextGroup
from evote.interop.belenios1.statements import signed
from evote.interop.belenios1.texts import MAX_MEMBERS, members
from evote.interop.belenios1.values import Reader, member
from evote.manifest.strict_json import Node
from evote.proofs.weights import FRESH_BITS, FreshWeights
from evote.report import ReportBuilder

FEW: Final = 2 * FRESH_BITS
"""So many credentials are tested one by one: subsets take one power per bit of a weight."""


class Credentials:
    """Weights and elements by the credentials' texts."""

    __slots__ = ("elements", "weights")

    def __init__(self, weights: dict[str, int]) -> None:
        self.weights = weights
        self.elements: dict[str, Element] = {}
        """Those that are in the group; filled by :func:`check_members`."""

    @property
    def weighted(self) -> bool:
        """Whether a credential has another weight than 1."""
        return any(weight != 1 for weight in self.weights.values())


def read_credentials(raw: bytes, reader: Reader) -> tuple[Credentials, dict[str, Claimed]]:
    """The list of the bytes, and the elements as they stand there; raises :class:`DecodeError`."""
    weights: dict[str, int] = {}
    claimed: dict[str, Claimed] = {}
    for node in texts.read_compact(raw).items(MAX_MEMBERS):
        text, comma, weight = node.text(1000).partition(",")
        element = reader.element(Node(text, node.where))
        if text in weights:
            raise DecodeError("the credential stands twice in the list", node.where)
        weights[text] = texts.number_text(weight, node.where) if comma else 1
        claimed[text] = element
    if sum(weights.values()) > texts.MAX_WEIGHT:
        raise DecodeError(f"the weights add up to more than {texts.MAX_WEIGHT}")
    return Credentials(weights), claimed


def check_members(
    group: TextGroup, credentials: Credentials, claimed: dict[str, Claimed], report: ReportBuilder
) -> None:
    """CREDENTIALS.2."""
    report.count("CREDENTIALS.2", len(claimed))
    names, values = list(claimed), list(claimed.values())
    if len(values) > FEW:
        found = group.admit(
            values,
            [0] * len(values),
            (),
            (),
            group.identity,
            draw=FreshWeights().draw,
            bits=FRESH_BITS,
            by_subsets=True,
        )
        if found is not None:
            credentials.elements = dict(zip(names, found, strict=True))
            return
    for number, (name, value) in enumerate(zip(names, values, strict=True), start=1):
        try:
            credentials.elements[name] = member(group, value)
        except MembershipError as error:
            report.fail("CREDENTIALS.2", f"credential {number} ({name[:16]}…)", error.message)


def check_certificate(
    election: Election, raw: bytes | None, digest: str, count: int, report: ReportBuilder
) -> None:
    """CREDENTIALS.3: ``digest`` and ``count`` are those of the list that the certificate speaks of."""
    if raw is None:
        report.not_applicable("CREDENTIALS.3", "the setup has no certificate of credentials")
        return
    report.count("CREDENTIALS.3")
    where, group, reader = "credentials certificate", election.group, election.reader
    names = ("uuid", "voter_list_length", "public_creds_hash", "verification_key", "encryption_key")
    try:
        node = texts.read_compact(raw)
        fields = members(node, (*names, "signature"))
        parts = members(fields["signature"], ("message", "signature"))
        key = reader.element(fields["verification_key"])
        other = reader.element(fields["encryption_key"])
        proof = reader.proof(parts["signature"])
        stated = texts.digest(fields["public_creds_hash"])
        length = fields["voter_list_length"].integer(0, MAX_MEMBERS)
        message = texts.digest(parts["message"])
    except DecodeError as error:
        report.fail("CREDENTIALS.3", where, f"the certificate does not decode: {error}")
        return
    signed_part = texts.compact({name: fields[name].value for name in names})
    facts: tuple[tuple[str, object, object], ...] = (
        ("identifier of the election", election.description.uuid, fields["uuid"].value),
        ("hash of the list", digest, stated),
        ("length of the list", count, length),
        ("hash that is signed", sha256(signed_part).hex(), message),
    )
    for what, expected, found in facts:
        if expected != found:
            report.fail("CREDENTIALS.3", where, f"the {what} is another", expected=expected, computed=found)
    try:
        signer = member(group, key)
        member(group, other)
    except MembershipError as error:
        report.fail("CREDENTIALS.3", where, f"a key of the certificate: {error.message}")
        return
    if not signed(group, signer, message, proof):
        report.fail("CREDENTIALS.3", where, "the certificate is not signed by its own key")
