"""A whole small election in memory, with every published value open to change.

:class:`Kit` holds all secrets of an election on a toy group and computes tally and decryption in
the slow, direct way (with the joint secret key and plain integers), from the bytes of the ballots as
they are: whatever a test did to a ballot flows into consistent products, proofs and results, so
that only the check in question can object. A test changes a value, calls the steps that lie
downstream of it, and writes the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evote.ballots import Election, ceremony_setting
from evote.ballots.chain import device_record, family_of, initial_of
from evote.ballots.device import Device
from evote.ballots.hints import BallotHint
from evote.ballots.opening import open_ballot
from evote.ballots.preencrypted_make import Sheet, _make_sheet
from evote.ballots.preencrypted_record import Marks, _record_cast, record_uncast
from evote.ballots.unseal import open_data
from evote.ballots.values import BallotState, OpenedBallot, SubmittedBallot
from evote.ceremony import GuardianRecords, GuardianShare, JointKeys, run_local
from evote.codec import encode
from evote.decryption.withheld import too_few
from evote.groups import Group, Scalar
from evote.groups.modp import ModPGroup
from evote.hashing import hmac, sha256, u32
from evote.manifest import (
    ChainingMode,
    Contest,
    Manifest,
    Parameters,
)
from evote.record import layout
from evote.record.closing import closing_head
from evote.record.counts import RecordCounter
from evote.record.election import parameters_file
from evote.record.index import seal_index
from evote.record.result import compute_result, result_csv, result_json
from evote.record.segments import frame_bytes
from evote.record.values import (
    FORMAT,
    CheckpointsFile,
    DecryptionFile,
    DevicesFile,
    Index,
    IndexEntry,
    LogFrame,
    ParametersFile,
    ReturnFrame,
    Stage,
)
from evote.returns import completeness, merge_returns
from evote.returns.result import returns_json
from evote.secret import Secret
from evote.signing import SigningKey
from evote.tally import (
    ClosingHead,
    DecryptedCell,
    DecryptedData,
    DecryptedField,
    PublishedTally,
    TalliedCell,
    TalliedField,
    UnitClosing,
    WithheldCell,
)
from evote.testing.forge import HONEST, Cheat, Forge
from evote.testing.groups import toy
from evote.testing.randomness import SeededRandomness

if TYPE_CHECKING:
    from evote.testing.boxes import Boxes

SMALL: Mapping[str, object] = {
    "label": "Town of Testing 2026",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Mayor", "options": ["Ada", "Grace", "blank"]},
        {
            "label": "Council",
            "limit": 2,
            "options": ["Alan", "Emmy", {"label": "Kurt", "limit": 2}],
            "write_ins": 1,
        },
    ],
    "units": ["North", "South"],
}
"""Two contests (one with L = 2, an option with R = 2, and contest data), two units, one style."""


@dataclass
class BoardFiles:
    """Roll, logs, closing checkpoints and ballots aside; open to change too."""

    roll: list[bytes]
    """Frames."""
    log: list[LogFrame] = field(default_factory=list)
    checkpoints: CheckpointsFile = field(default_factory=lambda: CheckpointsFile((), ()))
    aside: list[SubmittedBallot] = field(default_factory=list)
    aside_frames: list[bytes] | None = None
    """The frames of ballots aside, where they are not those of ``aside``."""
    closings: list[UnitClosing] = field(default_factory=list)
    """Statements that units are closed, where that is not done together."""


@dataclass
class Published:
    """Everything that a record publishes; a test may change any of it before it is written."""

    manifest: Manifest
    parameters: ParametersFile
    guardians: GuardianRecords
    keys: JointKeys
    devices: DevicesFile
    submitted: list[SubmittedBallot]
    head: ClosingHead
    tally: PublishedTally
    decryption: DecryptionFile
    openings: list[OpenedBallot]
    data: list[DecryptedData]
    result: bytes | None = None
    """What stands in result.json and, as ``csv``, in result.csv; computed where it is None."""
    csv: bytes | None = None
    left_out: set[str] = field(default_factory=set)
    """Files that are not written, and that the index does not know."""
    board: BoardFiles | None = None
    """What an election with a board publishes in addition."""
    returns: list[bytes] | None = None
    """Files of unit returns; None where the election has none."""
    returns_result: bytes | None = None
    """What stands in returns.json; computed where it is None."""
    frames: list[bytes] | None = None
    """The frames of the ballots, where they are not those of ``submitted``."""
    edit_index: Callable[[Index], Index] = lambda index: index
    signer: SigningKey | None = None
    """Who seals the index, instead of the authority."""


class Kit:
    """An election with all its secrets in one place. ``seed`` names all randomness.

    ``draft`` may be a function of the salt, for a draft with proofs of possession.
    """

    def __init__(
        self,
        draft: Mapping[str, object] | Callable[[bytes], Mapping[str, object]] = SMALL,
        *,
        guardians: int = 3,
        quorum: int = 2,
        seed: str = "kit",
        group: Group | None = None,
    ) -> None:
        self.rng = SeededRandomness(seed)
        self.group = group or toy()
        if not isinstance(self.group, ModPGroup):
            raise TypeError("the kit works with integers modulo p")
        self.p, self.q = self.group.modulus, self.group.order
        self.authority = SigningKey.generate(self.rng)
        salt = self.rng.token(32)
        described = draft(salt) if callable(draft) else draft
        self.manifest = Manifest.build(described, salt=salt, authority_key=self.authority.verify_key.encoded)
        self.parameters = Parameters(self.group, guardians, quorum)
        self.setting = ceremony_setting(self.parameters, self.manifest)
        self.records: GuardianRecords
        self.keys: JointKeys
        self.shares: tuple[GuardianShare, ...]
        self.records, self.keys, self.shares = run_local(self.setting, self.rng)
        self.election = Election.from_keys(self.parameters, self.manifest, self.keys)
        self.vote_secret = self._secret([share.vote_share for share in self.shares])
        self.data_secret = self._secret([share.data_share for share in self.shares])
        self._seed = seed
        self.restart()

    @staticmethod
    def with_board(*arguments: Any, **parts: Any) -> Boxes:
        """An election with ballot boxes in memory; arguments as :class:`evote.testing.boxes.Boxes`."""
        from evote.testing.boxes import Boxes

        return Boxes(*arguments, **parts)

    # --- voting ----------------------------------------------------------------------------------

    def restart(self) -> None:
        """Forget all ballots; the next ones are made from the beginning of their random stream."""
        self.forge = Forge(self.election, f"{self._seed}/ballots")
        self.submitted: list[SubmittedBallot] = []
        self.nonces: dict[bytes, bytes] = {}
        self.hints: dict[bytes, BallotHint] = {}
        self._tools: dict[str, Device] = {}
        self._openings: dict[bytes, OpenedBallot] = {}
        self._last: dict[str, bytes] = {}
        self._classes: dict[tuple[str, str], Counter[int]] = {}

    def vote(
        self,
        unit: str,
        marks: Mapping[str, Mapping[str, int]],
        *,
        style: str | None = None,
        challenge: bool = False,
        device: str = "device 1",
        cheat: Cheat = HONEST,
    ) -> SubmittedBallot:
        """Make a ballot and submit it: cast, or challenged."""
        style = self.manifest.unit(unit).styles[0] if style is None else style
        state = BallotState.CHALLENGED if challenge else BallotState.CAST
        submitted, nonce = self.forge.ballot(
            unit, style, marks, device=device, chain=self._chain(device), state=state, cheat=cheat
        )
        self.submitted.append(submitted)
        self.nonces[submitted.ballot.identifier] = nonce
        self.hints[submitted.ballot.identifier] = self.forge.hint(submitted)
        self._last[device] = submitted.ballot.confirmation_code
        return submitted

    def _chain(self, device: str) -> bytes | None:
        if self.manifest.chaining is ChainingMode.NONE:
            return None
        family = family_of(self.election, device)
        hashed = family.device_hash(self.election.extended_hash, device)
        return self._last.get(device) or initial_of(self.election, hashed, family)[1]

    # --- pre-encrypted ballots -------------------------------------------------------------------

    def sheet(self, unit: str, style: str | None = None, *, tool: str = "printer 1") -> Sheet:
        """A ballot that is encrypted before anybody chooses."""
        style = self.manifest.unit(unit).styles[0] if style is None else style
        if tool not in self._tools:
            self._tools[tool] = Device(self.election, tool, rng=self.forge.rng)
        return _make_sheet(self._tools[tool], unit, style, self.forge.rng)

    def mark(self, sheet: Sheet, marks: Marks) -> SubmittedBallot:
        """Record a marked sheet."""
        cast = _record_cast(self.election, sheet.ballot, sheet.context, sheet.nonce, marks, self.forge.rng)
        self.submitted.append(cast)
        return cast

    def uncast(self, sheet: Sheet) -> SubmittedBallot:
        """Record a sheet that was not cast, and open it."""
        submitted, self._openings[sheet.ballot.identifier] = record_uncast(
            self.election, sheet.ballot, sheet.nonce
        )
        self.submitted.append(submitted)
        return submitted

    # --- publication -----------------------------------------------------------------------------

    def publish(self) -> Published:
        """The record of what was voted so far; everything consistent."""
        submitted = list(self.submitted)
        head = self.head(submitted)
        tally = self.tally(submitted, head)
        return Published(
            self.manifest,
            self.parameters_file(),
            self.records,
            self.keys,
            self.devices(submitted),
            submitted,
            head,
            tally,
            self.decryption(tally),
            [self.opening(ballot) for ballot in submitted if ballot.state is BallotState.CHALLENGED],
            self.contest_data(submitted) if self.manifest.decrypt_contest_data else [],
        )

    def parameters_file(self) -> ParametersFile:
        """Parameters as published."""
        return parameters_file(self.parameters, self.manifest)

    def devices(self, submitted: Sequence[SubmittedBallot]) -> DevicesFile:
        """Every device with its codes in the order of the record."""
        codes: dict[str, list[bytes]] = {}
        for ballot in submitted:
            codes.setdefault(ballot.ballot.device, []).append(ballot.ballot.confirmation_code)
        return DevicesFile(
            tuple(device_record(self.election, name, tuple(made)) for name, made in codes.items())
        )

    def head(self, submitted: Sequence[SubmittedBallot]) -> ClosingHead:
        """Size and root over the ballots as they are."""
        return self.head_of_frames([encode(ballot) for ballot in submitted])

    def head_of_frames(self, frames: Sequence[bytes]) -> ClosingHead:
        """Size and root over the frames as they are stored."""
        return closing_head(frames, self.election.extended_hash)

    def tally(self, submitted: Sequence[SubmittedBallot], head: ClosingHead) -> PublishedTally:
        """Products over the cast ballots as they are, verified or not (equation 80)."""
        cells = []
        for contest in self.manifest.contests:
            for cell in self.manifest.cells(contest.index):
                products = [[1, 1] for _ in contest.options]
                ballots = weight = 0
                classes: Counter[int] = Counter()
                for ballot in submitted:
                    made = ballot.ballot
                    if ballot.state is not BallotState.CAST or made.unit not in cell.units:
                        continue
                    for encrypted in made.contests:
                        if encrypted.contest != contest.index:
                            continue
                        ballots, weight = ballots + 1, weight + made.weight
                        classes[made.weight] += 1
                        for product, selection in zip(products, encrypted.selections, strict=True):
                            for side, data in enumerate((selection.alpha, selection.beta)):
                                factor = pow(self._int(data), made.weight, self.p)
                                product[side] = product[side] * factor % self.p
                self._classes[contest.label, cell.label] = classes
                fields = tuple(
                    TalliedField(option.label, self._bytes(a), self._bytes(b))
                    for option, (a, b) in zip(contest.options, products, strict=True)
                )
                cells.append(TalliedCell(contest.label, cell.label, ballots, weight, fields))
        return PublishedTally(head, tuple(cells))

    def decryption(self, tally: PublishedTally) -> DecryptionFile:
        """Every cell that is large enough, decrypted with the joint secret key."""
        participants = tuple(range(1, self.parameters.quorum + 1))
        cells, withheld = [], []
        for cell in tally.cells:
            reason = too_few(
                self.manifest.minimum_cell, tuple(self._classes[cell.contest, cell.cell].items())
            )
            if reason:
                withheld.append(WithheldCell(cell.contest, cell.cell, reason))
            else:
                cells.append(self.decrypt_cell(cell))
        return DecryptionFile(participants, tuple(cells), tuple(withheld))

    def decrypt_cell(self, cell: TalliedCell) -> DecryptedCell:
        """One cell, field by field."""
        contest = self.manifest.contest_by_label(cell.contest)
        return DecryptedCell(
            cell.contest,
            cell.cell,
            tuple(
                self.decrypt_field(contest, contest.option(field.option).index, field)
                for field in cell.fields
            ),
        )

    def decrypt_field(
        self, contest: Contest, option: int, tallied: TalliedField, *, count: int | None = None
    ) -> DecryptedField:
        """T, t and the joint proof (equations 82, 90 to 93); ``count`` states another t."""
        p, q = self.p, self.q
        a, b = self._int(tallied.alpha), self._int(tallied.beta)
        m = pow(a, self.vote_secret, p)
        power = b * pow(m, -1, p) % p
        while True:
            u = self.rng.below(q)
            first, second = pow(self.forge.g, u, p), pow(a, u, p)
            challenge = self.tally_challenge(contest.index, option, a, b, first, second, m)
            response = (u - challenge.value * self.vote_secret) % q
            # The verifier's b = A^v * M^c holds for a value outside the subgroup too if this does.
            if pow(a, response, p) * pow(m, challenge.value, p) % p == second:
                break
        return DecryptedField(
            tallied.option,
            self._bytes(power),
            self.count(power) if count is None else count,
            challenge.encode(),
            response.to_bytes(32, "big"),
        )

    def tally_challenge(
        self, contest: int, option: int, a: int, b: int, first: int, second: int, m: int
    ) -> Scalar:
        """The challenge of a decryption (equation 90)."""
        parts = (self._bytes(value) for value in (a, b, first, second, m))
        digest = hmac(self.election.extended_hash, 0x31, u32(contest), u32(option), *parts)
        return self.group.scalar_from_digest(digest)

    def count(self, power: int) -> int:
        """The t with K^t = power, by trying; ``ValueError`` beyond 10,000."""
        current = 1
        for t in range(10_001):
            if current == power:
                return t
            current = current * self.forge.vote_key % self.p
        raise ValueError("the power is no small count")

    def opening(self, ballot: SubmittedBallot) -> OpenedBallot:
        """The opening of a challenged ballot by its ballot nonce."""
        if ballot.ballot.identifier in self._openings:
            return self._openings[ballot.ballot.identifier]
        return open_ballot(self.election, ballot.ballot, Secret(self.nonces[ballot.ballot.identifier]))

    def contest_data(self, submitted: Sequence[SubmittedBallot]) -> list[DecryptedData]:
        """The contest data of all cast ballots, decrypted with the joint secret key."""
        return [
            self.decrypt_data(ballot, encrypted.contest)
            for ballot in submitted
            if ballot.state is BallotState.CAST
            for encrypted in ballot.ballot.contests
            if encrypted.data is not None
        ]

    def decrypt_data(self, ballot: SubmittedBallot, contest: int) -> DecryptedData:
        """One contest-data field with its proof (equations 96 to 106)."""
        made = ballot.ballot
        encrypted = next(item for item in made.contests if item.contest == contest)
        if encrypted.data is None:
            raise ValueError("the contest has no contest data")
        c0 = self._int(encrypted.data.c0)
        beta = pow(c0, self.data_secret, self.p)
        u = self.rng.below(self.q)
        first, second = pow(self.forge.g, u, self.p), pow(c0, u, self.p)
        digest = hmac(
            made.identifier_hash,
            0x33,
            u32(contest),
            *encrypted.data.fields,
            self._bytes(first),
            self._bytes(second),
            self._bytes(beta),
        )
        challenge = self.group.scalar_from_digest(digest)
        response = (u - challenge.value * self.data_secret) % self.q
        plaintext = open_data(
            made.identifier_hash,
            contest,
            self.group.decode(encrypted.data.c0),
            self.group.decode(self._bytes(beta)),
            encrypted.data.c1,
        )
        return DecryptedData(
            made.identifier,
            self.manifest.contest(contest).label,
            self._bytes(beta),
            challenge.encode(),
            response.to_bytes(32, "big"),
            plaintext,
        )

    # --- files -----------------------------------------------------------------------------------

    def write(self, published: Published, directory: Path, *, stage: Stage = Stage.FINAL) -> Path:
        """Write the record and seal it, whatever is in it; returns the directory."""
        for name, data in self.files(published, stage).items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return directory

    def files(self, published: Published, stage: Stage = Stage.FINAL) -> dict[str, bytes]:
        """The files of the record by name, index included."""
        frames = published.frames or [encode(ballot) for ballot in published.submitted]
        files = {
            layout.MANIFEST: published.manifest.raw,
            layout.PARAMETERS: encode(published.parameters),
            layout.GUARDIANS: encode(published.guardians),
            layout.KEYS: encode(published.keys),
        }
        files |= self._board_files(published, stage)
        if stage is not Stage.SETUP:
            files[layout.DEVICES] = encode(published.devices)
            files[f"{layout.BALLOTS}/000001.seg"] = b"".join(map(frame_bytes, frames))
        if stage is Stage.FINAL:
            files[layout.TALLY] = encode(published.tally)
            files[layout.DECRYPTION] = encode(published.decryption)
            for name, values in ((layout.OPENINGS, published.openings), (layout.DATA, published.data)):
                if values:
                    files[f"{name}/000001.seg"] = b"".join(frame_bytes(encode(value)) for value in values)
            files |= self.results(published)
        files |= self._return_files(published, stage)
        files = {name: data for name, data in files.items() if name not in published.left_out}
        if "index" not in published.left_out:
            files[layout.index_path(1)] = self.index(published, files, stage)
        return files

    def _board_files(self, published: Published, stage: Stage) -> dict[str, bytes]:
        board = published.board
        if board is None:
            return {}
        segments = {layout.ROLL: board.roll}
        files = {}
        if stage is not Stage.SETUP:
            segments[layout.LOG] = [encode(frame) for frame in board.log]
            segments[layout.ASIDE] = board.aside_frames or [encode(ballot) for ballot in board.aside]
            segments[layout.CLOSINGS] = [encode(closing) for closing in board.closings]
            files[layout.CHECKPOINTS] = encode(board.checkpoints)
        for name, frames in segments.items():
            if frames:
                files[f"{name}/000001.seg"] = b"".join(map(frame_bytes, frames))
        return files

    def _return_files(self, published: Published, stage: Stage) -> dict[str, bytes]:
        if published.returns is None or stage is Stage.SETUP:
            return {}
        frames = b"".join(frame_bytes(encode(ReturnFrame(data))) for data in published.returns)
        files = {f"{layout.RETURNS}/000001.seg": frames}
        if stage is Stage.FINAL:
            merged, _ = merge_returns(self.election, [("", data) for data in published.returns])
            computed = returns_json(merged, completeness(merged), published.decryption.cells)
            stated = published.returns_result
            files[layout.RETURNS_JSON] = computed if stated is None else stated
        return files

    def results(self, published: Published) -> dict[str, bytes]:
        """result.json and result.csv: what the test set, or what follows from the rest."""
        if published.result is not None and published.csv is not None:
            return {layout.RESULT_JSON: published.result, layout.RESULT_CSV: published.csv}
        json, csv = self.result_of(published, published.submitted)
        return {
            layout.RESULT_JSON: json if published.result is None else published.result,
            layout.RESULT_CSV: csv if published.csv is None else published.csv,
        }

    def result_of(self, published: Published, submitted: Sequence[SubmittedBallot]) -> tuple[bytes, bytes]:
        """Both result files for the ballots given."""
        counter = RecordCounter(self.manifest, published.data)
        for ballot in submitted:
            counter.add(ballot)
        result = compute_result(
            self.manifest,
            published.tally,
            published.decryption,
            counter.finish(),
            fingerprint=self.election.extended_hash,
        )
        return result_json(result), result_csv(result)

    def index(self, published: Published, files: Mapping[str, bytes], stage: Stage) -> bytes:
        """The sealed index over the files."""
        index = Index(
            FORMAT,
            1,
            None,
            stage,
            "2026-06-30T20:00:00Z",
            published.keys.extended_hash if stage is Stage.SETUP else self.election.extended_hash,
            published.head if stage is Stage.FINAL else None,
            tuple(IndexEntry(name, len(files[name]), sha256(files[name])) for name in sorted(files)),
        )
        return encode(seal_index(published.edit_index(index), published.signer or self.authority))

    # --- inside ----------------------------------------------------------------------------------

    def _secret(self, shares: Sequence[Secret[Scalar]]) -> int:
        """The joint secret from the first k shares (equation 85 at zero)."""
        indices = range(1, self.parameters.quorum + 1)
        total = 0
        for i in indices:
            weight = 1
            for other in indices:
                if other != i:
                    weight = weight * other * pow(other - i, -1, self.q) % self.q
            total = (total + weight * shares[i - 1].reveal().value) % self.q
        return total

    def _bytes(self, value: int) -> bytes:
        return value.to_bytes(self.group.element_bytes, "big")

    def _int(self, data: bytes) -> int:
        return int.from_bytes(data, "big")
