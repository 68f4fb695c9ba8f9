"""The guardian's side of key generation: one type per round (specification section 3.2.2).

======================================  ==============================  =========================
state                                   takes                           gives
======================================  ==============================  =========================
:class:`GuardianStart`                  nothing                         hash commitment (round 0)
:class:`AwaitingCommitments`            all hash commitments            own record (round 1)
:class:`AwaitingRecords`                all records                     a share for each other
:class:`AwaitingShares`                 all shares for this guardian    H_G of its view
:class:`AwaitingConfirmations`          all H_G, the published record   :class:`GuardianShare`
======================================  ==============================  =========================

Each state is made only by the one before (or read back from its own bytes), so a step out of order
cannot be written. A state answers once: asked again it raises :class:`RefusedError`, because a second
record or second shares for other inputs would give secrets away. After a
:class:`~evote.errors.CeremonyError` nothing has left the guardian in that round; the protocol says
to start again from scratch (a caller that only waited too briefly may ask again with all messages).

What it leaves out: verification 1 (the caller derives H_P and H_B), sealing, files, and the road that
messages take.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from evote.ceremony.assembly import first_difference, view_of
from evote.ceremony.check import (
    VerifiedGuardian,
    check_binding,
    check_commitment,
    verify_guardian_record,
)
from evote.ceremony.hashes import record_commitment
from evote.ceremony.inbox import Blame, compare_views, one_from_each
from evote.ceremony.joint import joint_keys, key_faults
from evote.ceremony.keys import GuardianSecrets, draw_secrets, evaluate, make_record
from evote.ceremony.keyshare import GuardianShare
from evote.ceremony.memory import (
    CommitmentsMemory,
    ConfirmationsMemory,
    Memory,
    RecordsMemory,
    SharesMemory,
    Stage,
    context,
    read_memory,
    read_secret,
)
from evote.ceremony.messages import (
    Confirmation,
    GuardianRecord,
    GuardianRecords,
    JointKeys,
    Round0Message,
    Round1Message,
    ShareMessage,
)
from evote.ceremony.setting import Setting
from evote.ceremony.shares import open_share, seal_share
from evote.errors import VerificationError
from evote.randomness import SYSTEM, Randomness
from evote.rounds.state import RoundState
from evote.secret import Secret

M = TypeVar("M", bound=Memory)


class _Round(RoundState[M]):
    """A state of one guardian in one ceremony."""

    __slots__ = ("index", "setting")

    def __init__(self, setting: Setting, memory: Secret[M]) -> None:
        self.setting = setting
        self.index: int = memory.reveal().context.index
        super().__init__(
            memory, f"guardian {self.index} has answered this round; a ceremony that failed starts again"
        )


class GuardianStart:
    """The way into a ceremony."""

    @staticmethod
    def begin(
        setting: Setting, index: int, rng: Randomness = SYSTEM
    ) -> tuple[AwaitingCommitments, Round0Message]:
        """Draw all secrets, make the record and commit to it.

        Raises ``ValueError`` unless ``1 <= index <= n``.
        """
        setting.require_index(index)
        secrets = draw_secrets(setting, rng)
        record = make_record(setting, index, secrets, rng)
        memory = CommitmentsMemory(
            context(setting, Stage.COMMITMENTS, index),
            tuple(secret.reveal().encode() for secret in secrets.vote),
            tuple(secret.reveal().encode() for secret in secrets.data),
            secrets.communication.reveal().encode(),
            record,
        )
        message = Round0Message(index, record_commitment(setting.base_hash, record))
        return AwaitingCommitments(setting, Secret(memory)), message


class AwaitingCommitments(_Round[CommitmentsMemory]):
    """Committed; opens its record once all commitments are there."""

    __slots__ = ()

    @classmethod
    def from_secret_bytes(cls, setting: Setting, data: Secret[bytes]) -> AwaitingCommitments:
        """The state of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        return cls(setting, read_memory(CommitmentsMemory, Stage.COMMITMENTS, setting, data))

    def receive(self, messages: Iterable[Round0Message]) -> tuple[AwaitingRecords, Round1Message]:
        """Take the commitments of all others and open the own record.

        Raises :class:`CeremonyError` for a message that is missing, comes twice or has a wrong sender.
        """
        with self._answering() as memory:
            own = Round0Message(self.index, record_commitment(self.setting.base_hash, memory.record))
            found = one_from_each(self.setting, self.index, messages, own, "round 0 commitment")
            seen = tuple(found[index].commitment for index in self.setting.indices)
            following = RecordsMemory(
                context(self.setting, Stage.RECORDS, self.index),
                memory.vote,
                memory.data,
                memory.communication,
                memory.record,
                seen,
            )
            return (
                AwaitingRecords(self.setting, Secret(following)),
                Round1Message(self.index, memory.record, seen),
            )


class AwaitingRecords(_Round[RecordsMemory]):
    """Opened its record; sends shares once all records are there and hold."""

    __slots__ = ()

    @classmethod
    def from_secret_bytes(cls, setting: Setting, data: Secret[bytes]) -> AwaitingRecords:
        """The state of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        return cls(setting, read_memory(RecordsMemory, Stage.RECORDS, setting, data))

    def receive(
        self, messages: Iterable[Round1Message], rng: Randomness = SYSTEM
    ) -> tuple[AwaitingShares, tuple[ShareMessage, ...]]:
        """Check all records and make an encrypted share for each other guardian, in their order.

        Raises :class:`CeremonyError` that names whose record differs from its commitment, was committed to
        differently before other guardians, has a wrong index or size, fails a proof (verification 2
        or the binding proof), or repeats a key.
        """
        with self._answering() as memory:
            own = Round1Message(self.index, memory.record, memory.round0)
            found = one_from_each(self.setting, self.index, messages, own, "record")
            guardians = self._check(found, memory.round0)
            group = self.setting.group
            secrets = GuardianSecrets(
                tuple(read_secret(group, data) for data in memory.vote),
                tuple(read_secret(group, data) for data in memory.data),
                read_secret(group, memory.communication),
            )
            shares = tuple(
                seal_share(
                    self.setting,
                    self.index,
                    guardian,
                    evaluate(secrets.vote, guardian.index),
                    evaluate(secrets.data, guardian.index),
                    rng,
                )
                for guardian in guardians
                if guardian.index != self.index
            )
            following = SharesMemory(
                context(self.setting, Stage.SHARES, self.index),
                memory.communication,
                evaluate(secrets.vote, self.index).reveal().encode(),
                evaluate(secrets.data, self.index).reveal().encode(),
                tuple(guardian.record for guardian in guardians),
                memory.round0,
            )
            return AwaitingShares(self.setting, Secret(following)), shares

    def _check(self, found: dict[int, Round1Message], round0: Sequence[bytes]) -> list[VerifiedGuardian]:
        setting = self.setting
        blame = Blame()
        for sender, message in found.items():
            if message.record.index != sender:
                blame.add(f"guardian {sender} sent a record with index {message.record.index}", sender)
            elif (fault := _commitment_fault(setting, message.record, round0[sender - 1])) is not None:
                blame.add(fault, sender)
        compare_views(self.index, round0, found, blame)
        guardians = []
        for index in setting.indices:
            if index in blame:
                continue
            record = found[index].record
            try:
                guardians.append(verify_guardian_record(setting, record))
                check_binding(setting, record)
            except VerificationError as error:
                blame.add(str(error), index)
        sound = [guardian.record for guardian in guardians if guardian.index not in blame]
        for key_fault in key_faults(setting, sound):
            # A guardian that repeats this one's key knows a secret of this one; it is not this one's doing.
            others = [index for index in key_fault.guardians if index != self.index]
            blame.add(key_fault.message, *others)
        blame.settle()
        keys = joint_keys(setting, [guardian.record for guardian in guardians])
        if setting.group.identity in (keys.vote_key, keys.data_key):
            blame.add("a joint key is the identity: guardians chose their keys to cancel each other")
        blame.settle()
        return guardians


class AwaitingShares(_Round[SharesMemory]):
    """Sent its shares; confirms its view once it holds valid shares from all."""

    __slots__ = ()

    @classmethod
    def from_secret_bytes(cls, setting: Setting, data: Secret[bytes]) -> AwaitingShares:
        """The state of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        return cls(setting, read_memory(SharesMemory, Stage.SHARES, setting, data))

    def receive(self, messages: Iterable[ShareMessage]) -> tuple[AwaitingConfirmations, Confirmation]:
        """Open the shares for this guardian, add them up (equation 24) and confirm the view (27).

        Raises :class:`CeremonyError` that names whose share is missing, is meant for somebody else, has a
        wrong proof, or does not fit its sender's keys (28, 29).
        """
        with self._answering() as memory:
            setting = self.setting
            found = one_from_each(setting, self.index, messages, None, "share")
            guardians = {record.index: verify_guardian_record(setting, record) for record in memory.records}
            me = guardians[self.index]
            communication = read_secret(setting.group, memory.communication)
            vote = setting.group.decode_scalar(memory.own_vote_share)
            data = setting.group.decode_scalar(memory.own_data_share)
            blame = Blame()
            for sender, message in found.items():
                if message.receiver != self.index:
                    blame.add(f"the share of guardian {sender} is meant for {message.receiver}", sender)
                    continue
                try:
                    vote_part, data_part = open_share(setting, message, guardians[sender], me, communication)
                except VerificationError as error:
                    blame.add(str(error), sender)
                else:
                    vote, data = vote + vote_part.reveal(), data + data_part.reveal()
            blame.settle()
            following = ConfirmationsMemory(
                context(setting, Stage.CONFIRMATIONS, self.index),
                vote.encode(),
                data.encode(),
                memory.records,
                memory.round0,
            )
            return (
                AwaitingConfirmations(setting, Secret(following)),
                Confirmation(self.index, view_of(setting, memory.records)[1]),
            )


class AwaitingConfirmations(_Round[ConfirmationsMemory]):
    """Holds its shares; ends once all guardians confirmed one view and the record shows it."""

    __slots__ = ()

    @classmethod
    def from_secret_bytes(cls, setting: Setting, data: Secret[bytes]) -> AwaitingConfirmations:
        """The state of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        return cls(setting, read_memory(ConfirmationsMemory, Stage.CONFIRMATIONS, setting, data))

    def receive(
        self, messages: Iterable[Confirmation], published: GuardianRecords
    ) -> tuple[GuardianShare, GuardianRecords, JointKeys]:
        """Compare all H_G and the published guardian record with the own view; the share for decryption.

        Raises :class:`CeremonyError` that names whose H_G is missing or differs. A published record
        that differs from the view names no guardian: who publishes it is not one of them.
        """
        with self._answering() as memory:
            setting = self.setting
            keys, view = view_of(setting, memory.records)
            mine = Confirmation(self.index, view)
            found = one_from_each(setting, self.index, messages, mine, "confirmation")
            blame = Blame()
            for sender, message in found.items():
                if message.guardian_hash != view:
                    blame.add(
                        f"guardian {sender} confirms the guardian hash {message.guardian_hash.hex()}, "
                        f"guardian {self.index} has {view.hex()}",
                        sender,
                    )
            blame.settle()
            own = GuardianRecords(memory.records, memory.round0, (view,) * setting.guardians)
            if published != own:
                blame.add(
                    f"the published guardian record is not what guardian {self.index} saw: "
                    f"{first_difference(published, own)}"
                )
            blame.settle()
            share = GuardianShare(
                self.index,
                read_secret(setting.group, memory.vote_share),
                read_secret(setting.group, memory.data_share),
                keys,
            )
            return share, own, keys


def _commitment_fault(setting: Setting, record: GuardianRecord, commitment: bytes) -> str | None:
    try:
        check_commitment(setting, record, commitment)
    except VerificationError as error:
        return str(error)
    return None
