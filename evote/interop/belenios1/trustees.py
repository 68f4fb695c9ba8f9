"""The trustees and what shows that their keys are theirs ("Trustees", "Threshold trustees").

An item is one ordinary trustee, or a group of n of whom t + 1 decrypt ("Pedersen"). Formats grew: the
context of a certificate and the common signatures came with 2.5.1, the signature of a verification key
with 3.0. A check verifies what is there; where an archive has none of it, the check is NOT_CHECKED and
says so, and where some have it and others not, it fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evote.errors import DecodeError
from evote.groups import Claimed, Element, MembershipError
from evote.interop.belenios1 import hashes, texts
from evote.interop.belenios1.election import Election
from evote.interop.belenios1.statements import holds, signed
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.values import Reader, exactly, member
from evote.manifest.strict_json import Node
from evote.proofs.relation import RelationProof
from evote.report import ReportBuilder

MAX_TRUSTEES: Final = 1000

OLDER: Final = "archives of older versions do not have this"


@dataclass(frozen=True, slots=True)
class TrusteeKey:
    """A public key with its proof; ``signature`` is by the trustee's certificate, in threshold groups."""

    key: Claimed
    key_text: str
    proof: RelationProof
    signature: RelationProof | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed message, with its bytes as they are hashed."""

    message: str
    signature: RelationProof
    raw: object


@dataclass(frozen=True, slots=True)
class Certificate:
    """The keys with which a member of a threshold group signs and receives."""

    signed: Signed
    context: tuple[str, int, int, int] | None
    verification: Claimed
    encryption: Claimed


@dataclass(frozen=True, slots=True)
class Item:
    """One ordinary trustee (``threshold`` 0), or the members of a threshold group."""

    threshold: int
    keys: tuple[TrusteeKey, ...]
    certificates: tuple[Certificate, ...] = ()
    polynomials: tuple[tuple[Signed, tuple[Claimed, ...]], ...] = ()
    signatures: tuple[RelationProof, ...] | None = None

    @property
    def needed(self) -> int:
        """How many of the item's trustees must decrypt."""
        return self.threshold or 1


def read_trustees(raw: bytes, reader: Reader) -> tuple[Item, ...]:
    """The items of the bytes; raises :class:`DecodeError`."""
    items = []
    for node in texts.read(raw).items(MAX_TRUSTEES):
        kind, value = exactly(node, 2)
        if kind.value == "Single":
            items.append(Item(0, (_key(value, reader),)))
        elif kind.value == "Pedersen":
            items.append(_threshold(value, reader))
        else:
            raise DecodeError("an item is Single or Pedersen", kind.where)
    if not items:
        raise DecodeError("an election without a trustee")
    if sum(len(item.keys) for item in items) > MAX_TRUSTEES:
        raise DecodeError(f"more than {MAX_TRUSTEES} trustees")
    return tuple(items)


def _key(node: Node, reader: Reader) -> TrusteeKey:
    fields = members(node, ("pok", "public_key"), (":signature", ":name"))
    if "name" in fields:
        texts.free_text(fields["name"])
    return TrusteeKey(
        reader.element(fields["public_key"]),
        str(fields["public_key"].value),
        reader.proof(fields["pok"]),
        reader.proof(fields["signature"]) if "signature" in fields else None,
    )


def _threshold(node: Node, reader: Reader) -> Item:
    fields = members(
        node, ("threshold", "certs", "coefexps", "verification_keys"), ("verification_keys:signatures",)
    )
    certificates = fields["certs"].items(MAX_TRUSTEES)
    count = len(certificates)
    if not count:
        raise DecodeError("a threshold group without a member", fields["certs"].where)
    signatures = None
    if "signatures" in fields:
        signatures = tuple(reader.proof(each) for each in exactly(fields["signatures"], count))
    return Item(
        fields["threshold"].integer(1, count),
        tuple(_key(each, reader) for each in exactly(fields["verification_keys"], count)),
        tuple(_certificate(each, reader) for each in certificates),
        tuple(_polynomial(each, reader) for each in exactly(fields["coefexps"], count)),
        signatures,
    )


def _signed(node: Node, reader: Reader) -> tuple[Signed, Node]:
    """A signed message, and the value that it holds as JSON in a text."""
    fields = members(node, ("message", "signature"))
    message = fields["message"].text(texts.MAX_BYTES)
    try:
        inner = texts.read_compact(message.encode("utf-8"))
    except DecodeError as error:
        raise DecodeError(f"the message does not decode: {error}", fields["message"].where) from None
    held = Signed(message, reader.proof(fields["signature"]), node.value)
    return held, Node(inner.value, f"{fields['message'].where}.message")


def _certificate(node: Node, reader: Reader) -> Certificate:
    held, inner = _signed(node, reader)
    fields = members(inner, ("verification", "encryption"), ("verification:context",))
    context = None
    if "context" in fields:
        parts = members(fields["context"], ("group", "size", "threshold", "index"))
        context = (
            parts["group"].text(64),
            parts["size"].integer(0, MAX_TRUSTEES),
            parts["threshold"].integer(0, MAX_TRUSTEES),
            parts["index"].integer(0, MAX_TRUSTEES),
        )
    return Certificate(
        held, context, reader.element(fields["verification"]), reader.element(fields["encryption"])
    )


def _polynomial(node: Node, reader: Reader) -> tuple[Signed, tuple[Claimed, ...]]:
    held, inner = _signed(node, reader)
    fields = members(inner, ("coefexps",))
    return held, tuple(reader.element(each) for each in fields["coefexps"].items(MAX_TRUSTEES))


def check_trustees(
    election: Election, items: Sequence[Item], report: ReportBuilder
) -> list[list[Element]] | None:
    """Every check on the trustees; returns their keys item by item, if all are in the group."""
    check = _TrusteeCheck(election, report)
    for number, item in enumerate(items, start=1):
        check.item(item, f"trustees item {number}")
    if all(item.threshold == 0 for item in items):
        report.not_applicable(
            [f"TRUSTEES.{number}" for number in range(3, 9)],
            "the election has no threshold group",
        )
    check.joint_key()
    return check.keys


class _TrusteeCheck:
    def __init__(self, election: Election, report: ReportBuilder) -> None:
        self._election = election
        self._group = election.group
        self._report = report
        self._shares: list[Element] | None = []
        self.keys: list[list[Element]] | None = []

    def item(self, item: Item, where: str) -> None:
        keys = []
        for number, key in enumerate(item.keys, start=1):
            place = where if not item.threshold else f"{where}, key {number}"
            element = self._key(key, place)
            if element is not None:
                keys.append(element)
        if len(keys) != len(item.keys):
            self.keys = None
        elif self.keys is not None:
            self.keys.append(keys)
        if not item.threshold:
            if self._shares is not None:
                self._shares = [*self._shares, *keys] if keys else None
            return
        signers = [self._certificate(item, index, where) for index in range(len(item.certificates))]
        self._contexts(item, where)
        polynomials = self._polynomials(item, signers, where)
        self._together(item, signers, where)
        if polynomials is None:
            self._shares = None
            self._report.skip("TRUSTEES.7", "not every polynomial could be read")
        else:
            self._derived(item, polynomials, where)
            if self._shares is not None:
                self._shares = self._shares + [coefficients[0] for coefficients in polynomials]
        self._key_signatures(item, signers, where)

    def _key(self, key: TrusteeKey, where: str) -> Element | None:
        report, group = self._report, self._group
        report.count("TRUSTEES.2")
        try:
            element = member(group, key.key)
        except MembershipError as error:
            report.fail("TRUSTEES.2", where, f"the key: {error.message}")
            return None
        if element == group.identity:
            report.fail("TRUSTEES.2", where, "the key is 1, whose secret everybody knows")
        if not holds(group, element, hashes.trustee_key(group, key.key_text), key.proof):
            report.fail("TRUSTEES.2", where, "the proof of knowledge of the secret does not hold")
        return element

    def _certificate(self, item: Item, index: int, where: str) -> Element | None:
        report, group = self._report, self._group
        certificate = item.certificates[index]
        where = f"{where}, certificate {index + 1}"
        report.count("TRUSTEES.3")
        try:
            signer = member(group, certificate.verification)
            member(group, certificate.encryption)
        except MembershipError as error:
            report.fail("TRUSTEES.3", where, f"a key of the certificate: {error.message}")
            return None
        if not signed(group, signer, certificate.signed.message, certificate.signed.signature):
            report.fail("TRUSTEES.3", where, "the certificate is not signed by its own key")
        return signer

    def _contexts(self, item: Item, where: str) -> None:
        report = self._report
        if all(certificate.context is None for certificate in item.certificates):
            report.skip("TRUSTEES.4", f"certificates do not say for which group and place they are: {OLDER}")
            return
        for number, certificate in enumerate(item.certificates, start=1):
            report.count("TRUSTEES.4")
            expected = (self._group.name, len(item.certificates), item.threshold, number)
            if certificate.context != expected:
                report.fail(
                    "TRUSTEES.4",
                    f"{where}, certificate {number}",
                    "the certificate is for another group or place, or for none",
                    expected=expected,
                    computed=certificate.context,
                )

    def _polynomials(
        self, item: Item, signers: Sequence[Element | None], where: str
    ) -> list[list[Element]] | None:
        report, group = self._report, self._group
        found: list[list[Element]] | None = []
        for number, ((held, claimed), signer) in enumerate(
            zip(item.polynomials, signers, strict=True), start=1
        ):
            place = f"{where}, polynomial {number}"
            report.count("TRUSTEES.5")
            if signer is not None and not signed(group, signer, held.message, held.signature):
                report.fail("TRUSTEES.5", place, "the polynomial is not signed by its trustee")
            if len(claimed) != item.threshold:
                report.fail(
                    "TRUSTEES.5",
                    place,
                    "the polynomial is not as long as the threshold",
                    expected=item.threshold,
                    computed=len(claimed),
                )
                found = None
                continue
            try:
                elements = [member(group, value) for value in claimed]
            except MembershipError as error:
                report.fail("TRUSTEES.5", place, f"a coefficient: {error.message}")
                found = None
                continue
            if found is not None:
                found.append(elements)
        return found

    def _together(self, item: Item, signers: Sequence[Element | None], where: str) -> None:
        report, group = self._report, self._group
        if item.signatures is None:
            report.skip("TRUSTEES.6", f"certificates and polynomials are not signed together: {OLDER}")
            return
        certificates = [certificate.signed.raw for certificate in item.certificates]
        for number, (signature, signer) in enumerate(zip(item.signatures, signers, strict=True), start=1):
            report.count("TRUSTEES.6")
            if signer is None:
                continue
            coefficients = [group.text_of(value.encode()) for value in item.polynomials[number - 1][1]]
            text = texts.compact({"certs": certificates, "coefexps": coefficients}).decode("utf-8")
            if not signed(group, signer, f"certs_sig|{text}", signature):
                report.fail("TRUSTEES.6", f"{where}, signature {number}", "the signature does not hold")

    def _derived(self, item: Item, polynomials: Sequence[Sequence[Element]], where: str) -> None:
        """Key j is the product over i and k of ``A_ik ^ (j^k)``."""
        group = self._group
        sums = [group.product(column) for column in zip(*polynomials, strict=True)]
        for number, key in enumerate(item.keys, start=1):
            powers = [group.power(each, group.scalar(number**degree)) for degree, each in enumerate(sums)]
            self._report.compare(
                "TRUSTEES.7",
                f"{where}, key {number}",
                "the key does not follow from the polynomials",
                expected=group.product(powers).encode(),
                computed=key.key.encode(),
            )

    def _key_signatures(self, item: Item, signers: Sequence[Element | None], where: str) -> None:
        report = self._report
        if all(key.signature is None for key in item.keys):
            report.skip("TRUSTEES.8", f"verification keys are not signed: {OLDER}")
            return
        for number, (key, signer) in enumerate(zip(item.keys, signers, strict=True), start=1):
            report.count("TRUSTEES.8")
            place = f"{where}, key {number}"
            if key.signature is None:
                report.fail("TRUSTEES.8", place, "the key has no signature, and others have")
            elif signer is not None and not signed(self._group, signer, key.key_text, key.signature):
                report.fail("TRUSTEES.8", place, "the key is not signed by its trustee")

    def joint_key(self) -> None:
        """y is the product of the ordinary keys and the constant coefficients."""
        if self._shares is None:
            self._report.skip("TRUSTEES.9", "the keys of the trustees are not all known")
            return
        self._report.compare(
            "TRUSTEES.9",
            "election",
            "the public key is not the product of the trustees' keys",
            expected=self._group.product(self._shares).encode(),
            computed=self._election.key.base.encode(),
        )
