"""More records that are wrong in one place: second ways to fail a check, and what is then not checked.

The catalogue proper is :mod:`tests.verifier.alone`; here stand variants that take another way
through the verifier, with the checks that must fail and some of those that cannot be made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evote.ballots import DeviceRecord, Election, EncryptedBallot
from evote.ballots.values import OpenedContest
from evote.ceremony import (
    GuardianRecord,
    GuardianRecords,
    extended_base_hash,
    guardian_hash,
    joint_keys,
    record_commitment,
)
from evote.ceremony.keys import GuardianSecrets, draw_secrets, make_record
from evote.codec import encode
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.forge import Cheat, Forge
from evote.testing.randomness import SeededRandomness
from tests.verifier.alone import VOTES, honest, voted

Make = Callable[[Kit], Published]


@dataclass(frozen=True)
class Case:
    """One deviation: which checks fail, and which cannot be made because of it."""

    name: str
    fails: frozenset[str]
    not_checked: frozenset[str]
    draft: str
    make: Make


CASES: list[Case] = []


def case(*fails: str, not_checked: tuple[str, ...] = (), draft: str = "small") -> Callable[[Make], Make]:
    """Enter a case; the function's name says what is wrong."""

    def enter(make: Make) -> Make:
        CASES.append(Case(make.__name__, frozenset(fails), frozenset(not_checked), draft, make))
        return make

    return enter


def other(data: bytes) -> bytes:
    """The same number of bytes, and not the same bytes."""
    return bytes((data[0] ^ 1,)) + data[1:]


def minus(kit: Kit, data: bytes) -> bytes:
    """p - x: outside the subgroup for every member x."""
    return (kit.p - int.from_bytes(data, "big")).to_bytes(len(data), "big")


def ballot_edited(kit: Kit, edit: Callable[[EncryptedBallot], EncryptedBallot]) -> Published:
    """The first ballot changed before everything downstream was made."""
    voted(kit)
    submitted = kit.submitted[0]
    kit.submitted[0] = replace(submitted, ballot=edit(submitted.ballot))
    return kit.publish()


def sealed_results(kit: Kit, published: Published) -> Published:
    """The record with its result files fixed as they are now, whatever is changed later."""
    published.result, published.csv = kit.result_of(published, published.submitted)
    return published


def recommitted(kit: Kit, guardians: tuple[GuardianRecord, ...]) -> GuardianRecords:
    """Guardian records with the commitments and confirmations that belong to them."""
    base = kit.setting.base_hash
    confirmed = guardian_hash(base, kit.keys.vote_key, kit.keys.data_key, guardians)
    return GuardianRecords(
        guardians,
        tuple(record_commitment(base, guardian) for guardian in guardians),
        (confirmed,) * len(guardians),
    )


# --- guardians ---------------------------------------------------------------------------------------


@case("2.A", not_checked=("2.C", "E.9"))
def a_communication_key_outside_the_subgroup(kit: Kit) -> Published:
    published = honest(kit)
    first, second, third = kit.records.guardians
    second = replace(second, communication_key=minus(kit, second.communication_key))
    published.guardians = recommitted(kit, (first, second, third))
    return published


@case("2.A", not_checked=("2.C", "6.D", "9.A"))
def a_joint_key_that_is_no_member_because_a_guardians_is_none(kit: Kit) -> Published:
    published = honest(kit)
    first, *rest = kit.records.guardians
    keys = (minus(kit, first.vote_commitments[0]), *first.vote_commitments[1:])
    guardians = (replace(first, vote_commitments=keys), *rest)
    base, joint = kit.setting.base_hash, minus(kit, kit.keys.vote_key)
    confirmed = guardian_hash(base, joint, kit.keys.data_key, guardians)
    fingerprint = extended_base_hash(base, joint, kit.keys.data_key)
    published.guardians = replace(recommitted(kit, guardians), confirmations=(confirmed,) * 3)
    published.keys = replace(kit.keys, vote_key=joint, extended_hash=fingerprint)
    published.edit_index = lambda index: replace(index, fingerprint=fingerprint)
    return published


@case("E.8")
def a_confirmation_that_is_missing(kit: Kit) -> Published:
    published = honest(kit)
    confirmations = published.guardians.confirmations[:-1]
    published.guardians = replace(published.guardians, confirmations=confirmations)
    return published


@case("E.9")
def a_commitment_that_is_missing(kit: Kit) -> Published:
    published = honest(kit)
    published.guardians = replace(published.guardians, round0=published.guardians.round0[:-1])
    return published


@case("E.15", not_checked=("E.9",))
def round_0_declared_and_stripped(kit: Kit) -> Published:
    published = honest(kit)
    published.guardians = replace(published.guardians, round0=())
    return published


def own_ceremony(edit: Callable[[list[GuardianSecrets]], GuardianSecrets]) -> Kit:
    """An election whose second guardian chose its keys in its own way, before any vote."""
    kit = Kit(SMALL, seed="own ceremony")
    rng = SeededRandomness("own ceremony/secrets")
    secrets = [draw_secrets(kit.setting, rng) for _ in kit.setting.indices]
    secrets[1] = edit(secrets)
    guardians = tuple(
        make_record(kit.setting, index, mine, rng)
        for index, mine in zip(kit.setting.indices, secrets, strict=True)
    )
    computed = joint_keys(kit.setting, guardians)
    kit.keys = computed.encode()
    kit.election = Election.of(kit.parameters, kit.manifest, computed.vote_key, computed.data_key)
    kit.forge = Forge(kit.election, "own ceremony/ballots")
    kit.vote_secret = sum(mine.vote[0].reveal().value for mine in secrets) % kit.q
    kit.data_secret = sum(mine.data[0].reveal().value for mine in secrets) % kit.q
    kit.records = recommitted(kit, guardians)
    return kit


# --- ballots -----------------------------------------------------------------------------------------


@case("6.A", "7.A", not_checked=("6.D", "7.D", "E.7", "9.A", "9.B"))
def a_selection_that_is_zero(kit: Kit) -> Published:
    """No product over the ballots exists then; the tally and all behind it stay those without the change."""
    published = sealed_results(kit, honest(kit))
    submitted = kit.submitted[0]
    contest = submitted.ballot.contests[0]
    zero = replace(contest.selections[0], alpha=bytes(kit.group.element_bytes))
    contest = replace(contest, selections=(zero, *contest.selections[1:]))
    ballot = replace(submitted.ballot, contests=(contest, *submitted.ballot.contests[1:]))
    kit.submitted[0] = replace(submitted, ballot=kit.forge.rehash(ballot))
    published.submitted = list(kit.submitted)
    published.devices = kit.devices(kit.submitted)
    published.head = kit.head(kit.submitted)
    published.tally = replace(published.tally, head=published.head)
    return published


@case("6.A", "7.A", not_checked=("10.A", "10.B", "10.C"))
def one_selection_outside_the_subgroup_so_that_its_sum_is_outside_too(kit: Kit) -> Published:
    return voted(kit, (0, Cheat(flip=frozenset({("Mayor", "Ada")})))).publish()


@case("8.C", draft="chained")
def another_device_hash_in_a_chain(kit: Kit) -> Published:
    return device_edited(kit, lambda device: replace(device, device_hash=bytes(32)))


@case("8.E", draft="chained")
def a_first_ballot_that_does_not_start_its_chain(kit: Kit) -> Published:
    voted(kit)
    kit._last["device 2"] = bytes(32)
    kit.vote("North", VOTES[0][1], device="device 2")
    return kit.publish()


@case("8.F", "8.G", draft="chained")
def a_chain_that_is_not_published(kit: Kit) -> Published:
    return device_edited(
        kit,
        lambda device: replace(
            device, initial_field=None, initial_hash=None, closing_field=None, closing_hash=None
        ),
    )


@case("E.16")
def a_chain_that_the_manifest_does_not_declare(kit: Kit) -> Published:
    return device_edited(
        kit,
        lambda device: replace(
            device,
            initial_field=bytes(36),
            initial_hash=bytes(32),
            closing_field=bytes(36),
            closing_hash=bytes(32),
        ),
    )


def device_edited(kit: Kit, edit: Callable[[DeviceRecord], DeviceRecord]) -> Published:
    published = honest(kit)
    first, *rest = published.devices.devices
    published.devices = replace(published.devices, devices=(edit(first), *rest))
    return published


SHAPE = ("6.D", "7.D", "8.A", "8.B", "8.D", "E.1", "E.3", "E.4", "E.5", "E.7")


@case("E.2", not_checked=SHAPE)
def contest_data_of_another_length(kit: Kit) -> Published:
    return voted(kit, (0, Cheat(data_blocks=1))).publish()


@case("E.2", not_checked=SHAPE)
def a_limit_proof_with_a_branch_too_many(kit: Kit) -> Published:
    def edit(ballot: EncryptedBallot) -> EncryptedBallot:
        first, *rest = ballot.contests
        more = replace(first, limit_proof=(*first.limit_proof, first.limit_proof[0]))
        return replace(ballot, contests=(more, *rest))

    return ballot_edited(kit, edit)


@case("E.2", not_checked=SHAPE)
def a_contest_twice_on_a_ballot(kit: Kit) -> Published:
    def edit(ballot: EncryptedBallot) -> EncryptedBallot:
        first, *rest = ballot.contests
        again = kit.forge._contest(
            ballot.identifier_hash, b"again".ljust(32), kit.manifest.contest(1), {}, Cheat()
        )
        return kit.forge.rehash(replace(ballot, contests=(first, again, *rest)))

    return ballot_edited(kit, edit)


UNREAD = ("5.A", "5.B", "6.A", "7.A", "8.A", "9.A", "9.B", "11.D", "13.A", "E.6", "E.12", "E.13", "E.14")


@case("E.2", not_checked=UNREAD)
def a_frame_that_is_no_ballot(kit: Kit) -> Published:
    published = sealed_results(kit, honest(kit))
    frames = [encode(ballot) for ballot in published.submitted]
    published.frames = [frames[0], b"no ballot", *frames[1:]]
    published.head = kit.head_of_frames(published.frames)
    published.tally = replace(published.tally, head=published.head)
    return published


@case("E.4", "E.6")
def the_encrypted_nonce_of_another_ballot(kit: Kit) -> Published:
    return ballot_edited(kit, lambda ballot: replace(ballot, nonce=kit.submitted[1].ballot.nonce))


@case("E.5", "E.6")
def the_encrypted_nonce_of_another_ballot_as_contest_data(kit: Kit) -> Published:
    def edit(ballot: EncryptedBallot) -> EncryptedBallot:
        first, second = ballot.contests
        assert second.data is not None
        data = replace(second.data, c0=kit.submitted[1].ballot.nonce.c0)
        return kit.forge.rehash(replace(ballot, contests=(first, replace(second, data=data))))

    return ballot_edited(kit, edit)


@case("E.6")
def a_nonce_used_twice_on_one_ballot(kit: Kit) -> Published:
    nonces = {("Mayor", "Ada"): 4711, ("Council", "Emmy"): 4711}
    return voted(kit, (0, Cheat(fixed_nonces=nonces))).publish()


@case("5.A", "E.6", "8.E", draft="chained")
def a_ballot_that_stands_there_twice(kit: Kit) -> Published:
    voted(kit)
    kit.submitted.append(kit.submitted[0])
    return kit.publish()


# --- the record --------------------------------------------------------------------------------------


@case("9.A", "9.B")
def a_vote_added_to_a_sum(kit: Kit) -> Published:
    published = honest(kit)
    first, *rest = published.tally.cells
    head, *fields = first.fields
    alpha = int.from_bytes(head.alpha, "big") * pow(kit.forge.g, 3, kit.p) % kit.p
    beta = int.from_bytes(head.beta, "big") * pow(kit.forge.vote_key, 4, kit.p) % kit.p
    size = kit.group.element_bytes
    head = replace(head, alpha=alpha.to_bytes(size, "big"), beta=beta.to_bytes(size, "big"))
    published.tally = replace(published.tally, cells=(replace(first, fields=(head, *fields)), *rest))
    published.decryption = kit.decryption(published.tally)
    return published


@case("13.B")
def another_nonce_on_a_challenged_ballot(kit: Kit) -> Published:
    published = honest(kit)
    opened = published.openings[0]
    first, *rest = opened.contests
    published.openings = [replace(opened, contests=(with_nonce(first), *rest))]
    return published


def with_nonce(contest: OpenedContest) -> OpenedContest:
    first, *rest = contest.selections
    return replace(contest, selections=(replace(first, nonce=bytes(32)), *rest))


@case("E.11")
def an_index_with_another_closing_head(kit: Kit) -> Published:
    published = honest(kit)
    published.head = replace(published.head, size=published.head.size + 1)
    return published


@case("E.12")
def cells_in_another_order(kit: Kit) -> Published:
    published = honest(kit)
    published.tally = replace(published.tally, cells=published.tally.cells[::-1])
    return published


@case("E.13")
def a_ballot_that_is_opened_twice(kit: Kit) -> Published:
    published = honest(kit)
    published.openings = [*published.openings, *published.openings]
    return published


@case("E.13")
def a_device_that_lists_a_ballot_too_many(kit: Kit) -> Published:
    return device_edited(kit, lambda device: replace(device, codes=(*device.codes, bytes(32))))


@case("8.E", "8.G", draft="chained")
def a_device_that_lists_its_chain_in_another_order(kit: Kit) -> Published:
    return device_edited(kit, lambda device: replace(device, codes=device.codes[::-1]))


@case("E.13")
def a_device_that_is_not_listed(kit: Kit) -> Published:
    published = honest(kit)
    published.devices = replace(published.devices, devices=())
    return published


@case("E.20")
def contest_data_that_is_decrypted_without_leave(kit: Kit) -> Published:
    published = sealed_results(kit, honest(kit))
    published.data = kit.contest_data(published.submitted)
    return published


@case("E.20", not_checked=("E.14",), draft="opened")
def contest_data_in_another_order(kit: Kit) -> Published:
    published = sealed_results(kit, honest(kit))
    published.data = published.data[::-1]
    return published


@case("E.21")
def a_guardian_that_does_not_exist(kit: Kit) -> Published:
    published = honest(kit)
    published.decryption = replace(published.decryption, guardians=(1, 4))
    return published
