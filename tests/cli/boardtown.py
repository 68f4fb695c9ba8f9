"""A town that votes with a board: codes on paper, a box per unit, witnesses; every party in its folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

from evote.ballots.values import BallotState, ContextOpening
from evote.board.codes import Code
from evote.board.holder import Holder
from evote.board.submission import NO_PREVIOUS, Submission
from evote.codec import encode
from evote.record import RecordReader, load_election
from evote.secret import Secret
from evote.testing.forge import Cheat, Forge
from tests.cli.driver import DRAFT, GROUPS, Outcome, Town, evote, fine, vote

CODE = re.compile(r'class="code">([0-9A-Z-]{34})<')
UNITS: tuple[str, ...] = ("North", "South")
CLOSES = "2099-06-30T20:00:00Z"
OVERVOTE = Cheat(values={"Chair": [1, 1]})


class BoardTown(Town):
    """``voters`` take turns between the units; voter n is the n-th of the list, from 0."""

    units = UNITS
    DRAFT = DRAFT

    def __init__(self, root: Path, voters: int = 30, witnesses: int = 3, quorum: int = 2) -> None:
        super().__init__(root, {**self.DRAFT, "chaining": 0})
        self.number, self.quorum_of_witnesses = voters, quorum
        self.salt, self.board_file = root / "salt.txt", root / "board.json"
        self.authority, self.drawn = root / "credentials", root / "drawn"
        self.witnesses = [root / f"witness-{number}" for number in range(1, witnesses + 1)]
        self.votes, self.answers, self.heads = root / "votes", root / "answers", root / "heads"

    # --- before ------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Salt, witnesses, keys of the logs, roll, election, keys."""
        for folder in (self.votes, self.answers, self.heads):
            folder.mkdir()
        voters = self.root / "voters.csv"
        rows = (f"R-{number},Town/{self.unit(number)},all,Voter {number}" for number in range(self.number))
        voters.write_text("reference,unit,style,name\n" + "\n".join(rows) + "\n", encoding="utf-8")
        fine(evote("election", "salt", self.salt))
        fine(
            evote(
                *("board", "new", self.draft, "--salt", self.salt, "--private", self.office),
                *("--out", self.board_file, "--origin", "example.org/town", "--closes", CLOSES),
                *(("--witnesses", self._policy()) if self.witnesses else ()),
                *self.sealed,
            )
        )
        fine(
            evote(
                *("roll", "new", self.draft, voters, "--salt", self.salt, "--private", self.authority),
                *("--out", self.drawn, "--iterations", 2),
                *self.sealed,
            )
        )
        declared = ("--board", self.board_file, "--roll", self.drawn / "roll.json")
        fine(self.new("--salt", self.salt, *declared))
        self.ceremony()
        for unit in self.units:
            fine(self.box("open", unit))
        for witness in self.witnesses:
            fine(evote("witness", "add", witness, self.log()["key"]))

    def _policy(self) -> Path:
        lines = []
        for number, witness in enumerate(self.witnesses, 1):
            made = fine(evote("witness", "new", witness, "--name", f"w{number}.example", *self.sealed))
            lines.append(f"witness w{number} {made.out.split()[1]}")
        names = " ".join(f"w{number}" for number in range(1, len(self.witnesses) + 1))
        lines += [f"group witnesses {self.quorum_of_witnesses} {names}", "quorum witnesses", ""]
        file = self.root / "policy.txt"
        file.write_text("\n".join(lines))
        return file

    # --- voters ------------------------------------------------------------------------------------

    def unit(self, voter: int) -> str:
        return self.units[voter % len(self.units)]

    def code(self, voter: int) -> str:
        sheets = "".join(file.read_text() for file in sorted((self.authority / "sheets").iterdir()))
        return CODE.findall(sheets)[voter]

    def code_file(self, voter: int, code: str | None = None) -> Path:
        file = self.root / f"code-{voter}"
        if code is not None or not file.exists():
            file.write_text(f"{code or self.code(voter)}\n")
        return file

    def coded(self, voter: int) -> tuple[object, ...]:
        return "--code-file", self.code_file(voter)

    def encrypt_vote(self, voter: int, name: str, chair: str | None) -> str:
        """The confirmation code of a ballot that waits in the file of that name."""
        ballot = json.dumps(vote(self.unit(voter), chair, ("Al",)))
        made = evote(
            *("vote", "encrypt", self.record, "-", "--out", self.votes / f"{name}.vote"),
            *(*self.coded(voter), *self.sealed),
            stdin=ballot.encode(),
        )
        return fine(made).out.strip()

    def decide(self, verb: str, voter: int, name: str, *options: object) -> Outcome:
        """Sign a waiting ballot; the submission has the same name."""
        return evote(
            *("vote", verb, self.record, self.votes / f"{name}.vote", "--out", self.submission(name)),
            *(*options, *self.coded(voter), *self.sealed),
        )

    def submission(self, name: str) -> Path:
        return self.votes / f"{name}.submission"

    def answer(self, name: str) -> Path:
        return self.answers / f"{name}.submission.receipt"

    def receipt(self, name: str) -> Path:
        """The receipt that the voter keeps, made of the box's answer."""
        kept = self.votes / f"{name}.receipt"
        fine(
            evote(*("vote", "receipt", self.record, self.submission(name), self.answer(name), "--out", kept))
        )
        return kept

    def forged(self, voter: int, name: str) -> Path:
        """A submission of a ballot whose proofs do not hold, signed by the voter."""
        election = load_election(RecordReader(self.record, GROUPS))
        holder = Holder.of_codes(election.manifest, [Code.read(Secret(self.code(voter)))])
        submitted, _ = Forge(election, name).ballot(
            f"Town/{self.unit(voter)}", "all", {}, pseudonym=holder.pseudonym, cheat=OVERVOTE
        )
        context = submitted.context
        assert isinstance(context, ContextOpening)
        unsigned = Submission(BallotState.CAST, submitted.ballot, context, NO_PREVIOUS, None, "", ())
        self.submission(name).write_bytes(encode(holder.sign(election, unsigned)))
        return self.submission(name)

    # --- boxes and logs ----------------------------------------------------------------------------

    def box(self, verb: str, unit: str, *arguments: object) -> Outcome:
        return evote(
            *("box", verb, self.record, *arguments, "--unit", f"Town/{unit}"),
            *("--box", self.root / f"{unit}.box", "--private", self.office, *self.sealed),
        )

    def admit(self, unit: str, *names: str, options: tuple[object, ...] = ()) -> Outcome:
        files = [self.submission(name) for name in names]
        return self.box("admit", unit, *files, "--out", self.answers, *options)

    def board(self, verb: str, *arguments: object) -> Outcome:
        sealed = self.sealed if verb in ("head", "close") else ()
        return evote("board", verb, self.record, *arguments, "--private", self.office, *sealed)

    def log(self) -> dict[str, object]:
        found = fine(self.board("show", "--json")).value()
        assert isinstance(found, dict)
        return found

    def publish_heads(self, *sources: Path) -> None:
        """Heads of units into the election's log, and its head to a quorum of witnesses."""
        since = self.log()["size"] if (self.office / "election-log" / "head.txt").exists() else 0
        fine(self.board("head", *sources))
        request = self.root / "request.txt"
        fine(self.board("request", "--since", since, "--out", request))
        answers = []
        for witness in self.witnesses[: self.quorum_of_witnesses]:
            answers.append(witness.with_suffix(".answer"))
            fine(evote("witness", "cosign", witness, request, "--out", answers[-1], *self.sealed))
        if answers:
            fine(self.board("cosign", *answers))

    def unit_heads(self) -> list[Path]:
        """A head of every unit, in files."""
        files = []
        for unit in self.units:
            files.append(self.heads / f"{unit}.head")
            fine(self.box("head", unit, "--out", files[-1]))
        return files

    def close_boxes(self) -> list[Path]:
        """Close every box; what they hand over."""
        folders = [self.root / f"handed-{unit}" for unit in self.units]
        for unit, folder in zip(self.units, folders, strict=True):
            fine(self.box("close", unit, "--out", folder))
        return folders

    def receipt_check(self, receipt: Path, *options: object) -> Outcome:
        return evote("receipt", "check", receipt, "--record", self.record, *options)
