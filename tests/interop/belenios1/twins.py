"""Archives that are wrong in one place, made as well as somebody who has every secret could make them.

Each twin is a function that gives the bytes of an archive; ``TWINS`` says which checks must fail, and no
others. Hashes of the container and the chain are always right, and ballots are signed again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.interop.belenios1 import writer
from tests.interop.belenios1.writer import BLANK, PLAIN, UUID, Maker, Parts, compact, mixed, whole

Twin = Callable[[], bytes]
TWINS: dict[str, tuple[Twin, set[str]]] = {}
"""By name: how to make it, and the checks that fail."""

REQUESTS: dict[str, dict[str, Any]] = {}
"""Further arguments of the request for some twins."""


def twin(*checks: str, **request: Any) -> Callable[[Twin], Twin]:
    def keep(function: Twin) -> Twin:
        TWINS[function.__name__] = (function, set(checks))
        REQUESTS[function.__name__] = request
        return function

    return keep


def other(number: str) -> str:
    """Another scalar."""
    return str((int(number) + 1) % writer.Q)


def edited(maker: Maker, number: int, voter: int, change: Callable[[Any], None]) -> bytes:
    """The archive with one ballot changed and signed again."""
    ballot = maker.parts.ballots[number]
    change(ballot)
    maker.parts.ballots[number] = maker.sign(ballot, voter)
    return maker.parts.build()


def with_files(parts: Parts, change: Callable[[list[tuple[str, bytes]]], None]) -> bytes:
    """The archive with its list of files changed; the chain is not made again."""
    files = parts.files()
    change(files)
    return writer.container(files)


# --- the archive ---------------------------------------------------------------------------------


@twin("ARCHIVE.1")
def a_header_with_an_owner() -> bytes:
    data = bytearray(whole().parts.build())
    at = data.index(b"0000000", 1024)
    data[at : at + 7] = b"0001750"
    return bytes(data)


@twin("ARCHIVE.1")
def a_header_with_another_time() -> bytes:
    data = whole().parts.build()
    body = writer.compact({"a": 1})
    return (
        data
        + writer.header(f"{writer.sha(body)}.data.json", len(body), writer.TIME + 1)
        + body
        + bytes(512 - len(body))
    )


@twin("ARCHIVE.2")
def a_file_under_another_name() -> bytes:
    parts = whole().parts
    data = parts.build()
    body = parts.files()[-2][1]
    name, wrong = writer.sha(body), writer.sha(b"other")
    old = writer.header(f"{name}.data.json", len(body))
    assert data.count(old) == 1
    return data.replace(old, writer.header(f"{wrong}.data.json", len(body)))


@twin("ARCHIVE.3")
def an_event_with_another_predecessor() -> bytes:
    return relinked(whole().parts, 2, "parent", writer.sha(b"another"))


@twin("ARCHIVE.3")
def an_event_with_another_height() -> bytes:
    return relinked(whole().parts, -1, "height", 17)


@twin("ARCHIVE.3")
def an_event_without_a_predecessor() -> bytes:
    return relinked(whole().parts, 3, "parent", None)


def relinked(parts: Parts, place: int, name: str, value: Any) -> bytes:
    """One event changed, and the parents of all later ones made right again."""
    files = parts.files()
    events = [index for index, (kind, _) in enumerate(files) if kind == "event"]
    change_at, parent = events[place], None
    for index in events:
        event = json.loads(files[index][1])
        if parent is not None and index > change_at:
            event["parent"] = parent
        if index == change_at:
            event[name] = value
            if value is None:
                del event[name]
        body = compact(event)
        files[index] = ("event", body)
        parent = writer.sha(body)
    return writer.container(files)


@twin("ARCHIVE.4")
def data_that_no_event_names() -> bytes:
    return with_files(whole().parts, lambda files: files.append(("data", b'{"a":1}')))


@twin("ARCHIVE.4")
def data_beside_the_payload_of_a_ballot() -> bytes:
    maker = whole()
    extra = maker.ballot(2, [[1, 0], [1, 0, 0]])
    # Before an event whose data are then not handed on: a ballot that is replaced by a later one.
    return with_files(maker.parts, lambda files: files.insert(5, ("data", compact(extra))))


@twin("ARCHIVE.4")
def a_ballot_after_the_end_of_ballots() -> bytes:
    maker = whole()
    late = maker.ballot(2, [[1, 0], [1, 0, 0]])
    parts = maker.parts
    chain = writer.Events()
    for kind, body in parts.files():
        if kind == "data":
            chain.files.append((kind, body))
            continue
        event = json.loads(body)
        chain.event(event["type"], event.get("payload"))
        if event["type"] == "EndBallots":
            chain.event("Ballot", chain.data(compact(late)))
    return writer.container(chain.files)


# --- the setup -----------------------------------------------------------------------------------


@twin("ELECTION.1")
def an_election_of_another_protocol() -> bytes:
    maker = whole()
    maker.parts.election["version"] = 2
    return maker.parts.build()


@twin("ELECTION.1")
def an_election_with_a_question_of_another_kind() -> bytes:
    maker = whole()
    maker.parts.election["questions"][0] = {"type": "Riddle", "value": {}}
    return maker.parts.build()


@twin("ELECTION.2")
def an_election_in_another_group() -> bytes:
    maker = whole()
    maker.parts.election["group"] = "toy2"
    return maker.parts.build()


@twin("ELECTION.2")
def a_public_key_outside_the_group() -> bytes:
    maker = whole()
    maker.parts.election["public_key"] = str(writer.P - maker.key)
    return maker.parts.build()


@twin("ELECTION.3", expect="00" * 32)
def another_election_than_the_expected_one() -> bytes:
    return whole().parts.build()


@twin("TRUSTEES.1")
def a_threshold_of_none() -> bytes:
    maker = whole()
    maker.parts.trustees[1][1]["threshold"] = 0
    return maker.parts.build()


@twin("TRUSTEES.2")
def a_trustee_who_does_not_know_the_secret() -> bytes:
    maker = whole()
    proof = maker.parts.trustees[0][1]["pok"]
    proof["response"] = other(proof["response"])
    return maker.parts.build()


def together(maker: Maker) -> bytes:
    """The archive, with the common signatures made again."""
    item = maker.parts.trustees[1][1]
    item["signatures"] = []
    for signer, polynomial in zip(maker.signers, item["coefexps"], strict=True):
        coefficients = json.loads(polynomial["message"])["coefexps"]
        text = compact({"certs": item["certs"], "coefexps": coefficients}).decode()
        item["signatures"].append(maker.message("certs_sig|" + text, signer)["signature"])
    return maker.parts.build()


@twin("TRUSTEES.3")
def a_certificate_with_a_wrong_signature() -> bytes:
    maker = whole()
    signature = maker.parts.trustees[1][1]["certs"][1]["signature"]
    signature["challenge"] = other(signature["challenge"])
    return together(maker)


def recertified(maker: Maker, place: int, change: Callable[[Any], None]) -> bytes:
    certificates = maker.parts.trustees[1][1]["certs"]
    content = json.loads(certificates[place]["message"])
    change(content)
    certificates[place] = maker.message(compact(content).decode(), maker.signers[place])
    return together(maker)


@twin("TRUSTEES.3")
def a_certificate_with_a_key_outside_the_group() -> bytes:
    return recertified(whole(), 0, lambda content: content.update(encryption=str(writer.P - 1)))


@twin("TRUSTEES.4")
def a_certificate_for_another_place() -> bytes:
    return recertified(whole(), 0, lambda content: content["context"].update(index=2))


@twin("TRUSTEES.4")
def a_certificate_without_a_context() -> bytes:
    return recertified(whole(), 2, lambda content: content.pop("context"))


@twin("TRUSTEES.5")
def a_polynomial_with_a_wrong_signature() -> bytes:
    maker = whole()
    signature = maker.parts.trustees[1][1]["coefexps"][1]["signature"]
    signature["response"] = other(signature["response"])
    return maker.parts.build()


@twin("TRUSTEES.5")
def a_polynomial_that_is_longer_than_the_threshold() -> bytes:
    maker = whole()
    item = maker.parts.trustees[1][1]
    coefficients = json.loads(item["coefexps"][0]["message"])["coefexps"]
    longer = compact({"coefexps": [*coefficients, str(writer.G)]}).decode()
    item["coefexps"][0] = maker.message(longer, maker.signers[0])
    return together(maker)


@twin("TRUSTEES.6")
def a_common_signature_that_is_wrong() -> bytes:
    maker = whole()
    signature = maker.parts.trustees[1][1]["signatures"][2]
    signature["response"] = other(signature["response"])
    return maker.parts.build()


@twin("TRUSTEES.7")
def a_verification_key_of_another_secret() -> bytes:
    maker = whole()
    # The second member of the group, who takes no part in the decryption.
    key = maker.trustee(maker.prover.scalar())
    key["signature"] = maker.message(key["public_key"], maker.signers[1])["signature"]
    maker.parts.trustees[1][1]["verification_keys"][1] = key
    return maker.parts.build()


@twin("TRUSTEES.8")
def a_verification_key_with_a_wrong_signature() -> bytes:
    maker = whole()
    signature = maker.parts.trustees[1][1]["verification_keys"][0]["signature"]
    signature["response"] = other(signature["response"])
    return maker.parts.build()


@twin("TRUSTEES.8")
def a_verification_key_without_a_signature() -> bytes:
    maker = whole()
    del maker.parts.trustees[1][1]["verification_keys"][0]["signature"]
    return maker.parts.build()


@twin("TRUSTEES.9")
def a_public_key_with_one_more_share() -> bytes:
    """Only as long as nothing is decrypted; afterwards RESULT.2 fails as well."""
    maker = Maker([PLAIN, BLANK])
    maker.key = maker.key * writer.G % writer.P
    maker.parts.election["public_key"] = str(maker.key)
    maker.parts.ballots = [maker.ballot(0, [[1, 0], [0, 1, 1]])]
    return maker.parts.build()


@twin("CREDENTIALS.1")
def a_credential_that_is_listed_twice() -> bytes:
    maker = whole()
    maker.parts.credentials.append(maker.parts.credentials[0])
    return maker.parts.build()


@twin("CREDENTIALS.1")
def a_credential_with_a_leading_zero() -> bytes:
    maker = whole()
    maker.parts.credentials[2] = "0" + maker.parts.credentials[2]
    return maker.parts.build()


@twin("CREDENTIALS.2")
def a_credential_outside_the_group() -> bytes:
    maker = whole()
    maker.parts.credentials.append(str(writer.order_of(3)))
    return maker.parts.build()


@twin("CREDENTIALS.3")
def a_certificate_of_credentials_with_a_wrong_signature() -> bytes:
    maker = whole(certificate=True)
    signature = maker.parts.certificate["signature"]["signature"]
    signature["response"] = other(signature["response"])
    return maker.parts.build()


@twin("CREDENTIALS.3")
def a_certificate_of_other_credentials() -> bytes:
    maker = whole(certificate=True)
    maker.parts.credentials.append(str(pow(writer.G, 77, writer.P)))
    return maker.parts.build()


# --- ballots -------------------------------------------------------------------------------------


def _space() -> bytes:
    parts = whole().parts
    parts.raw["ballot 1"] = compact(parts.ballots[1]).replace(b":", b": ", 1)
    return parts.build()


@twin("BALLOTS.1")
def a_ballot_with_a_space() -> bytes:
    return _space()


@twin("BALLOTS.1")
def a_ballot_with_one_proof_too_many() -> bytes:
    def change(ballot: Any) -> None:
        overall = ballot["answers"][0]["overall_proof"]
        overall.append(overall[0])

    return edited(whole(), 1, 1, change)


@twin("BALLOTS.1")
def a_ballot_without_its_blank_proof() -> bytes:
    return edited(whole(), 1, 1, lambda ballot: ballot["answers"][1].pop("blank_proof"))


@twin("BALLOTS.1")
def a_ballot_with_a_blank_proof_that_the_question_does_not_have() -> bytes:
    def change(ballot: Any) -> None:
        ballot["answers"][0]["blank_proof"] = ballot["answers"][1]["blank_proof"]

    return edited(whole(), 1, 1, change)


@twin("BALLOTS.1")
def a_ballot_with_one_choice_too_many() -> bytes:
    def change(ballot: Any) -> None:
        answer = ballot["answers"][0]
        answer["choices"].append(answer["choices"][0])
        answer["individual_proofs"].append(answer["individual_proofs"][0])

    return edited(whole(), 1, 1, change)


@twin("BALLOTS.1")
def a_ballot_without_an_answer() -> bytes:
    return edited(whole(), 1, 1, lambda ballot: ballot["answers"].pop())


@twin("BALLOTS.1")
def a_ballot_with_a_response_beyond_the_order() -> bytes:
    def change(ballot: Any) -> None:
        proof = ballot["answers"][0]["individual_proofs"][0][0]
        proof["response"] = str(int(proof["response"]) + writer.Q)

    return edited(whole(), 1, 1, change)


@twin("BALLOTS.1")
def a_ballot_with_its_members_in_another_order() -> bytes:
    maker = whole()
    ballot = maker.parts.ballots[1]
    maker.parts.ballots[1] = maker.sign(dict(reversed(ballot.items())), 1)
    return maker.parts.build()


@twin("BALLOTS.1")
def a_ballot_without_a_signature() -> bytes:
    maker = whole()
    del maker.parts.ballots[1]["signature"]
    return maker.parts.build()


@twin("BALLOTS.2")
def a_ballot_for_another_election() -> bytes:
    return edited(whole(), 1, 1, lambda ballot: ballot.update(election_uuid=UUID[::-1]))


@twin("BALLOTS.2")
def a_ballot_for_an_election_with_another_fingerprint() -> bytes:
    return edited(whole(), 1, 1, lambda ballot: ballot.update(election_hash=writer.b64(b"other")))


@twin("BALLOTS.3")
def a_ballot_of_a_credential_that_is_not_listed() -> bytes:
    maker = whole()
    maker.secrets.append(maker.prover.scalar())
    maker.parts.ballots.append(maker.ballot(3, [[1, 0], [1, 0, 0]]))
    return maker.parts.build()


@twin("BALLOTS.4")
def a_ballot_that_was_sent_twice() -> bytes:
    maker = whole()
    maker.parts.ballots.append(maker.parts.ballots[-1])
    return maker.parts.build()


@twin("BALLOTS.5")
def a_ballot_with_a_wrong_signature() -> bytes:
    maker = whole()
    proof = maker.parts.ballots[1]["signature"]["proof"]
    proof["response"] = other(proof["response"])
    return maker.parts.build()


@twin("BALLOTS.5")
def a_ballot_signed_by_somebody_else() -> bytes:
    maker = whole()
    maker.parts.ballots[1] = maker.sign(maker.parts.ballots[1], 2)
    return maker.parts.build()


@twin("BALLOTS.5")
def a_signature_of_another_ballot() -> bytes:
    maker = whole()
    maker.parts.ballots[2]["signature"] = maker.parts.ballots[0]["signature"]
    return maker.parts.build()


def _multiplied(place: str, factor: int) -> Callable[[Any], None]:
    def change(ballot: Any) -> None:
        pair = ballot["answers"][0]["choices"][0]
        pair[place] = str(int(pair[place]) * factor % writer.P)

    return change


@twin("BALLOTS.6")
def a_ciphertext_times_an_element_of_order_3() -> bytes:
    return edited(whole(), 1, 1, _multiplied("alpha", writer.order_of(3)))


@twin("BALLOTS.6")
def a_ciphertext_with_its_sign_changed() -> bytes:
    return edited(whole(), 1, 1, _multiplied("beta", writer.P - 1))


@twin("BALLOTS.7")
def a_choice_with_a_wrong_proof() -> bytes:
    def change(ballot: Any) -> None:
        proof = ballot["answers"][0]["individual_proofs"][1][0]
        proof["response"] = other(proof["response"])

    return edited(whole(), 1, 1, change)


def voted(*votes: Any) -> bytes:
    """The archive whose second ballot has these votes, counted as they are."""
    maker = whole()
    ballots = maker.parts.ballots
    ballots[1] = maker.ballot(1, votes)
    maker.finish({0: ballots[2], 1: ballots[1]})
    return maker.parts.build()


@twin("BALLOTS.7")
def a_choice_of_two() -> bytes:
    return voted([0, 0], [0, 2, 0])


@twin("BALLOTS.8")
def more_choices_than_allowed() -> bytes:
    return voted([1, 1], [0, 1, 0])


@twin("BALLOTS.8")
def fewer_choices_than_demanded() -> bytes:
    return voted([1, 0], [0, 0, 0])


@twin("BALLOTS.9")
def a_blank_vote_with_a_choice() -> bytes:
    return voted([1, 0], [1, 1, 0])


def listed(votes: Any) -> bytes:
    maker = mixed()
    ballots = maker.parts.ballots
    ballots[1] = maker.ballot(1, [votes, [2, 1], [0, 1]])
    maker.parts.shuffles = []
    maker.finish(dict(enumerate(ballots)), owners=(1,), shuffles=1)
    return maker.parts.build()


@twin("BALLOTS.8")
def two_lists() -> bytes:
    return listed([[1, 1, 0], [1, 0]])


@twin("BALLOTS.10")
def a_candidate_of_another_list() -> bytes:
    return listed([[1, 1, 0], [0, 1]])


@twin("BALLOTS.11")
def a_list_without_a_candidate() -> bytes:
    return listed([[1, 0, 0], [0, 0]])


@twin("BALLOTS.11")
def a_proof_of_non_zero_that_is_wrong() -> bytes:
    def change(ballot: Any) -> None:
        response = ballot["answers"][0]["nonzero_proof"]["response"]
        response[1] = other(response[1])

    return edited(mixed(), 1, 1, change)


@twin("BALLOTS.12")
def a_sealed_answer_by_somebody_who_does_not_know_its_nonce() -> bytes:
    def change(ballot: Any) -> None:
        proof = ballot["answers"][1]["proof"]
        proof["challenge"] = other(proof["challenge"])

    return edited(mixed(), 1, 1, change)


# --- tally, shuffles, decryption, result ---------------------------------------------------------


@twin("TALLY.1")
def a_tally_with_one_sum_too_many() -> bytes:
    maker = whole()
    maker.parts.tally[0].append(maker.parts.tally[0][0])
    return maker.parts.build()


@twin("TALLY.2")
def a_wrong_number_of_ballots() -> bytes:
    maker = whole()
    maker.parts.sizes["num_tallied"] += 1
    return maker.parts.build()


@twin("TALLY.2")
def a_wrong_sum_of_weights() -> bytes:
    maker = whole()
    maker.parts.sizes["total_weight"] -= 1
    return maker.parts.build()


@twin("TALLY.3")
def a_tally_of_the_ballot_that_was_replaced() -> bytes:
    maker = whole()
    ballots = maker.parts.ballots
    maker.finish({0: ballots[0], 1: ballots[1]})
    return maker.parts.build()


@twin("TALLY.3")
def a_tally_with_another_weight() -> bytes:
    maker = whole()
    ballots = maker.parts.ballots
    maker.weights[1] = 4
    maker.finish({0: ballots[2], 1: ballots[1]})
    maker.parts.sizes["total_weight"] = 6
    return maker.parts.build()


@twin("TALLY.3")
def a_sealed_answer_that_is_not_shuffled_with_the_others() -> bytes:
    maker = mixed()
    ballots = dict(enumerate(maker.parts.ballots))
    changed = json.loads(json.dumps(ballots[0]))
    changed["answers"][1] = ballots[1]["answers"][1]
    maker.parts.shuffles = []
    maker.finish({**ballots, 0: changed}, owners=(1,), shuffles=1)
    return maker.parts.build()


@twin("SHUFFLES.1")
def a_shuffle_that_drops_an_answer() -> bytes:
    maker = mixed()
    maker.parts.shuffles[1][1]["ciphertexts"][0].pop()
    return maker.parts.build()


@twin("SHUFFLES.2")
def a_shuffle_with_a_wrong_proof() -> bytes:
    maker = mixed()
    responses = maker.parts.shuffles[0][1]["proofs"][0][1]
    responses[3] = other(responses[3])
    return maker.parts.build()


@twin("SHUFFLES.2")
def a_shuffle_with_a_commitment_outside_the_group() -> bytes:
    maker = mixed()
    links = maker.parts.shuffles[1][1]["proofs"][0][3]
    links[0] = str(writer.P - int(links[0]))
    return maker.parts.build()


@twin("DECRYPTIONS.1")
def a_share_of_nobody() -> bytes:
    maker = whole()
    maker.parts.shares.append((9, maker.parts.shares[1][1]))
    return maker.parts.build()


@twin("DECRYPTIONS.1")
def two_shares_of_one_trustee() -> bytes:
    maker = whole()
    maker.parts.shares.append(maker.parts.shares[1])
    return maker.parts.build()


@twin("DECRYPTIONS.2")
def a_share_with_a_wrong_factor() -> bytes:
    maker = whole()
    _, share = maker.parts.shares[0]
    factors = share["decryption_factors"][0]
    factors[0] = str(int(factors[0]) * writer.G % writer.P)
    return maker.parts.build()


@twin("DECRYPTIONS.2")
def a_factor_outside_the_group() -> bytes:
    maker = whole()
    _, share = maker.parts.shares[1]
    factors = share["decryption_factors"][1]
    factors[2] = str(int(factors[2]) * writer.order_of(3) % writer.P)
    return maker.parts.build()


@twin("DECRYPTIONS.2")
def a_share_that_nobody_needs_with_a_wrong_proof() -> bytes:
    maker = whole()
    ballots = maker.parts.ballots
    maker.finish({0: ballots[2], 1: ballots[1]}, owners=(1, 2, 4, 3))
    proof = maker.parts.shares[3][1]["decryption_proofs"][0][0]
    proof["response"] = other(proof["response"])
    return maker.parts.build()


@twin("DECRYPTIONS.3")
def too_few_members_of_a_threshold_group() -> bytes:
    maker = whole()
    maker.parts.shares.pop()
    return maker.parts.build()


@twin("DECRYPTIONS.3")
def no_share_of_the_ordinary_trustee() -> bytes:
    maker = whole()
    maker.parts.shares.pop(0)
    return maker.parts.build()


@twin("RESULT.1")
def a_result_with_one_count_too_many() -> bytes:
    maker = whole()
    maker.parts.result["result"][0].append(0)
    return maker.parts.build()


@twin("RESULT.2")
def a_result_with_one_vote_more() -> bytes:
    maker = whole()
    maker.parts.result["result"][0][1] += 1
    return maker.parts.build()


@twin("RESULT.2")
def a_result_of_lists_with_one_vote_more() -> bytes:
    maker = mixed()
    maker.parts.result["result"][0][1][0] += 1
    return maker.parts.build()


@twin("RESULT.3")
def a_result_with_two_answers_exchanged() -> bytes:
    maker = mixed()
    vectors = maker.parts.result["result"][1]
    vectors[0], vectors[1] = vectors[1], vectors[0]
    return maker.parts.build()
