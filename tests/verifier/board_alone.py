"""Records with a board that are wrong in one place, with the checks that fail on each.

As :mod:`tests.verifier.alone`: every case takes an honest election, makes one deviation, and lets everything
downstream follow from it. Where one deviation breaks two rules, both fail, and the case says why.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evote.ballots import SubmittedBallot
from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.board.entries import (
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    CountsEntry,
    Entry,
    EntryKind,
    ReissueEntry,
    UnitHeadEntry,
    VerdictEntry,
)
from evote.board.note import Note
from evote.board.reissue import REISSUE_TAG, reissue_message
from evote.codec import encode
from evote.merkle import empty_root
from evote.record.values import ClosingNote, LogFrame
from evote.signing import SigningKey
from evote.testing.boxes import SEEN, Boxes
from evote.testing.elections import BoardFiles, Kit, Published
from evote.testing.forge import Cheat
from evote.testing.randomness import SeededRandomness

Make = Callable[[Boxes], Published]
OVERVOTE = Cheat(values={"Question": [1, 1]})


@dataclass(frozen=True)
class Case:
    """One deviation: the checks that fail, how it is made, and with which election."""

    fails: frozenset[str]
    make: Make
    kind: str = "roll"


CASES: dict[str, Case] = {}


def case(name: str, *fails: str, kind: str = "roll") -> Callable[[Make], Make]:
    """Enter a case under a name."""

    def enter(make: Make) -> Make:
        assert name not in CASES
        CASES[name] = Case(frozenset(fails), make, kind)
        return make

    return enter


@functools.cache
def boxes(kind: str) -> Boxes:
    """The election of a kind before any vote; the ceremony is held once."""
    if kind == "attended":
        return Kit.with_board(attended=True, seed="board alone/attended")
    if kind == "two parts":
        return Kit.with_board(parts=2, seed="board alone/parts")
    if kind == "unwitnessed":
        return Kit.with_board(witnesses=0, seed="board alone/unwitnessed")
    return Kit.with_board(seed="board alone")


def voted(box: Boxes) -> Boxes:
    """Votes, a revote, a challenge, a rejected ballot, a re-issue and refusals; not closed. Made once."""
    if box.rewind():
        return box
    box.restart()
    if not box.voters:
        for unit in box.units:
            box.cast(unit=unit)
            box.challenge(unit=unit)
        box.mark()
        return box
    ann, bob, eve, dan = box.voters
    box.cast(ann)
    box.head("North")
    box.cast(ann, "no")
    box.challenge(bob)
    box.refused("North", "2026-06-30T10:00:00Z", stale=2)
    box.cast(box.reissue(bob))
    box.cast(eve)
    box.head("North")
    box.cast(eve, cheat=OVERVOTE)
    box.cast(dan, "no")
    box.mark()
    return box


def honest(box: Boxes) -> Published:
    """The honest record that every case starts from."""
    voted(box).close()
    return box.publish()


def board(published: Published) -> BoardFiles:
    """What the board publishes."""
    assert published.board is not None
    return published.board


def _before_closing(edit: Callable[[Boxes], object]) -> Make:
    """Something happens before the logs are closed."""

    def make(box: Boxes) -> Published:
        edit(voted(box))
        box.close()
        return box.publish()

    return make


def _closed(edit: Callable[[Boxes], object]) -> Make:
    """Entries are changed behind the closing, and everything follows."""

    def make(box: Boxes) -> Published:
        voted(box).close()
        edit(box)
        return box.publish()

    return make


def _ballots(edit: Callable[[list[SubmittedBallot], list[SubmittedBallot]], object]) -> Make:
    """Other ballots stand in the record and aside; tally and decryption follow."""

    def make(box: Boxes) -> Published:
        published = honest(box)
        files = board(published)
        kept, aside = list(published.submitted), list(files.aside)
        edit(kept, aside)
        box.kit.submitted = kept
        changed = box.kit.publish()
        changed.board = replace(files, aside=aside)
        return changed

    return make


def other_key() -> SigningKey:
    """A key of somebody else."""
    return SigningKey.generate(SeededRandomness("somebody else"))


# --- the roll ----------------------------------------------------------------------------------------


@case("a roll in another order", "E.22")
def _(box: Boxes) -> Published:
    published = honest(box)
    board(published).roll.reverse()
    return published


@case("a roll without its last slot", "E.22")
def _(box: Boxes) -> Published:
    published = honest(box)
    board(published).roll.pop()
    return published


@case("a roll with another slot", "E.22")
def _(box: Boxes) -> Published:
    published = honest(box)
    roll = board(published).roll
    roll[1] = roll[1][:-1] + bytes((roll[1][-1] ^ 1,))
    return published


@case("a declared roll that was stripped", "E.15")
def _(box: Boxes) -> Published:
    published = honest(box)
    published.left_out.add("roll/000001.seg")
    return published


@case("declared logs that were stripped", "E.15")
def _(box: Boxes) -> Published:
    published = honest(box)
    published.left_out.add("log/000001.seg")
    return published


@case("declared checkpoints that were stripped", "E.15")
def _(box: Boxes) -> Published:
    published = honest(box)
    published.left_out.add("checkpoints.msgpack")
    return published


# --- signatures --------------------------------------------------------------------------------------


case("a ballot that somebody else signed", "E.17")(
    _before_closing(lambda box: box.cast(box.voters[3], signers=(other_key(),)))
)
case("a ballot with one signature too many", "E.17")(
    _before_closing(lambda box: box.cast(box.voters[3], signers=box.voters[3].holder.keys * 2))
)
case("a ballot with one signature of two", "E.17", kind="two parts")(
    _before_closing(lambda box: box.cast(box.voters[3], signers=box.voters[3].holder.keys[:1]))
)
case("a ballot of a voter that names a device", "E.17")(
    _before_closing(lambda box: box.cast(box.voters[3], device="polling place"))
)
case("a ballot of an unknown device", "E.17", kind="attended")(
    _before_closing(lambda box: box.cast(unit="North", device="another place"))
)
case("a ballot that the device did not sign", "E.17", kind="attended")(
    _before_closing(lambda box: box.cast(unit="North", signers=(other_key(),)))
)


# --- logs, heads, witnesses --------------------------------------------------------------------------


def _note(number: int, make: Callable[[Boxes], bytes]) -> Make:
    """Another closing note for a log."""

    def changed(box: Boxes) -> Published:
        published = honest(box)
        files = board(published)
        closing = list(files.checkpoints.closing)
        closing[number] = ClosingNote(number, make(box))
        files.checkpoints = replace(files.checkpoints, closing=tuple(closing))
        return published

    return changed


def _earlier(box: Boxes) -> bytes:
    tree = box.tree("North")
    checkpoint = Checkpoint.of_tree(box.origin("North"), tree, tree.size - 1)
    return sign_checkpoint(checkpoint, box.keys.units["North"]).encode()


case("a closing checkpoint by another key", "E.23")(
    _note(1, lambda box: box.closing_note("North", box.tree("North"), key=other_key()))
)
case("a closing checkpoint of another log", "E.23")(
    _note(1, lambda box: box.closing_note("South", box.tree("South")))
)
case("a closing checkpoint of fewer leaves", "E.23")(_note(1, _earlier))
case("a closing checkpoint that is no note", "E.23")(_note(2, lambda box: b"no note\n"))


@case("a missing closing checkpoint", "E.23")
def _(box: Boxes) -> Published:
    published = honest(box)
    files = board(published)
    files.checkpoints = replace(files.checkpoints, closing=files.checkpoints.closing[:-1])
    return published


@case("a frame of the logs that is no entry", "E.23")
def _(box: Boxes) -> Published:
    published = honest(box)
    log = board(published).log
    log[3] = replace(log[3], body=log[3].body + b"\x00")
    return published


@case("an entry of a log that is not there", "E.23")
def _(box: Boxes) -> Published:
    published = honest(box)
    body = encode(ClosingEntry(2, "2026-06-30T20:05:00Z"))
    board(published).log.append(LogFrame(3, EntryKind.CLOSING, body))
    return published


def _election_log(edit: Callable[[list[Entry]], object]) -> Make:
    """Other entries in the election's log; its checkpoint follows."""

    def make(box: Boxes) -> Published:
        published = honest(box)
        entries = box.election_log()
        edit(entries)
        counted = {unit: box.counted(unit) for unit in box.units}
        files = board(published)
        files.log = box.log_frames(entries)
        files.checkpoints = box.checkpoints(counted, entries)
        return published

    return make


def _head(number: int, **fields: object) -> Callable[[list[Entry]], None]:
    def edit(entries: list[Entry]) -> None:
        entry = entries[number]
        assert isinstance(entry, UnitHeadEntry)
        entries[number] = replace(entry, **fields)  # type: ignore[arg-type]

    return edit


def _again(entries: list[Entry], number: int, **fields: object) -> None:
    """An entry stands once more at the end, with other values for some fields."""
    entries.append(entries[number])
    _head(-1, **fields)(entries)


case("a head that continues another", "E.24")(_election_log(_head(0, root=b"\x07" * 32)))
case("a head whose proof does not hold", "E.24")(_election_log(_head(1, proof=())))
case("a first head with a proof", "E.24")(_election_log(_head(0, proof=(bytes(32),))))
case("a head of no unit", "E.24")(
    _election_log(lambda entries: entries.append(replace(entries[0], unit="West")))
)  # type: ignore[type-var, call-arg]
case("no closing head of a unit", "E.24")(_election_log(lambda entries: entries.pop()))
case("a closing head with another root than its log", "E.24")(_election_log(_head(-1, root=b"\x07" * 32)))
case("a closing head that is not called one", "E.24")(_election_log(_head(-1, closing=False)))
case("a head behind the closing head", "E.24")(
    _election_log(lambda entries: _again(entries, -1, proof=()))
)
case("a closing head of no leaves before others", "E.24")(
    _election_log(lambda entries: entries.insert(0, UnitHeadEntry("North", 0, empty_root(), (), True)))
)
case("a head of no leaves with a root", "E.24")(
    _election_log(lambda entries: entries.insert(0, UnitHeadEntry("North", 0, b"\x07" * 32, (), False)))
)
case("an entry of a unit in the election's log", "E.24")(
    _election_log(lambda entries: entries.append(ClosingEntry(2, "2026-06-30T20:05:00Z")))
)


def _witnesses(number: int, names: Sequence[str] = ()) -> Callable[[Boxes], bytes]:
    def make(box: Boxes) -> bytes:
        note = Note.parse(box.closing_note("", box._election_tree(None)))
        return Note(note.text, note.signatures[: 1 + number]).encode()

    return make


case("too few witnesses", "E.25")(_note(0, _witnesses(1)))
case("no witness", "E.25")(_note(0, _witnesses(0)))


@case("a cosignature that does not verify", "E.25")
def _(box: Boxes) -> Published:
    def forged(box: Boxes) -> bytes:
        note = Note.parse(box.closing_note("", box._election_tree(None)))
        (name, key), *_ = box.witnesses.items()
        wrong = cosign(Checkpoint(box.origin(""), 1, bytes(32)), name, key, SEEN)
        return note.having(wrong).encode()

    return _note(0, forged)(box)


# --- ballots and entries -----------------------------------------------------------------------------

case("a ballot on the log that the record does not have", "E.26")(_ballots(lambda kept, aside: kept.pop()))


@case("a ballot in the record that no log has", "E.26")
def _(box: Boxes) -> Published:
    published = honest(box)
    _, ballot = box.submission(box.voters[0], "yes")
    del ballot
    submission, _ = box.submission(box.voters[0], "no")
    box.kit.submitted = [*published.submitted, submission.submitted]
    changed = box.kit.publish()
    changed.board = published.board
    return changed


@case("a ballot aside that no log has", "E.26")
def _(box: Boxes) -> Published:
    published = honest(box)
    submission, _ = box.submission(box.voters[0], "no")
    board(published).aside.append(submission.submitted)
    return published


@case("a challenge on two logs", "E.26")
def _(box: Boxes) -> Published:
    voted(box)
    at = box.find("North", ChallengeEntry)
    box.logs["South"] += box.logs["North"][at : at + 2]
    box.close()
    return box.publish()


@case("a cast ballot that its log calls challenged", "E.26")
def _(box: Boxes) -> Published:
    voted(box)
    at = box.find("South", CastEntry)
    entry = box.logs["South"][at]
    assert isinstance(entry, CastEntry)
    box.logs["South"][at] = ChallengeEntry(entry.style, bytes(32), entry.ballot)
    box.close()
    return box.publish()


@case("a ballot twice on its log", "E.26")
def _(box: Boxes) -> Published:
    voted(box)
    box.logs["North"].append(box.logs["North"][box.find("North", ChallengeEntry)])
    box.close()
    return box.publish()


case("a challenge with another style", "E.27")(
    _closed(lambda box: box.edit("North", box.find("North", ChallengeEntry), style="heavy"))
)


@case("a challenged ballot of another unit", "E.27")
def _(box: Boxes) -> Published:
    """The whole entry stands in the wrong log, where its ballot's unit has no business."""
    voted(box)
    at = box.find("North", ChallengeEntry)
    log = box.logs["North"]
    box.logs["South"] += log[at : at + 2]
    del log[at : at + 2]
    box.published = []
    box.close()
    return box.publish()


case("a pseudonym where there is none", "E.27", kind="attended")(
    _closed(lambda box: box.edit("North", box.find("North", CastEntry), pseudonym=b"\x01" * 32))
)


# --- slots -------------------------------------------------------------------------------------------

case("a ballot that does not follow the last one", "E.28")(
    _before_closing(lambda box: box.cast(box.voters[0], previous=bytes(32)))
)
case("a ballot under a credential that was replaced", "E.28")(
    _before_closing(lambda box: box.cast(box.voters[1]))
)
case("a ballot of nobody on the roll", "E.28")(
    _before_closing(lambda box: box.cast(box.voters[3], pseudonym=b"\x05" * 32, previous=bytes(32)))
)
case("a ballot of a voter of another unit", "E.28")(
    _before_closing(lambda box: box.cast(box.voters[3], unit="North"))
)
case("a ballot of a style that the voter does not have", "E.28")(
    _before_closing(lambda box: box.cast(box.voters[0], style="heavy"))
)
case("a ballot that follows another where there is no roll", "E.28", kind="attended")(
    _before_closing(lambda box: box.cast(unit="North", previous=b"\x01" * 32))
)


# --- re-issues ---------------------------------------------------------------------------------------


def _reissued(**fields: object) -> Make:
    def edit(box: Boxes) -> None:
        box.reissue(box.voters[3])
        box.edit("South", box.find("South", ReissueEntry), **fields)

    return _before_closing(edit)


case("a re-issue that the authority did not sign", "E.29")(_reissued(signatures=(bytes(64),)))
case("a re-issue for another reason than was signed", "E.29")(_reissued(reason="because"))
case("a re-issue of another slot", "E.29")(_reissued(slot=4))
case("a re-issue from keys that are not the slot's", "E.29")(_reissued(old=(b"\x01" * 32,)))


@case("a re-issue in the log of another unit", "E.29")
def _(box: Boxes) -> Published:
    voted(box)
    box.reissue(box.voters[3])
    box.logs["North"].append(box.logs["South"].pop())
    box.close()
    return box.publish()


@case("one new key that was given to slots of two units", "E.29")
def _(box: Boxes) -> Published:
    voted(box)
    assert box.electorate is not None
    entry, _ = box.electorate.reissued(box.voters[2])
    southerner = box.voters[3]
    message = reissue_message(southerner.slot, southerner.holder.public, entry.new, "lost")
    signatures = tuple(
        key.sign(REISSUE_TAG, box.election.extended_hash, box.origin("South"), message)
        for key in box.electorate.authorities.authorities
    )
    box.logs["North"].append(entry)
    again = ReissueEntry(southerner.slot, southerner.holder.public, entry.new, "lost", signatures)
    box.logs["South"].append(again)
    box.close()
    return box.publish()


# --- the end of a log --------------------------------------------------------------------------------

case("a log that was not ended", "E.30")(_closed(lambda box: box.logs["North"].pop()))
case("a ballot after the end of voting", "E.30")(_closed(lambda box: _late(box, box.cast(box.voters[3]))))
case("a re-issue after the end of voting", "E.30")(
    _closed(lambda box: (box.reissue(box.voters[3]), _end_last(box)))
)
case("refusals after the end of the log", "E.30")(
    _closed(lambda box: box.refused("South", "2026-06-30T23:00:00Z", closed=1))
)
case("refusals between the closing entries", "E.30")(
    _closed(lambda box: (box.refused("South", "2026-06-30T20:02:00Z", closed=1), _end_last(box)))
)
case("three closing entries", "E.30")(
    _closed(lambda box: box.logs["South"].append(ClosingEntry(2, "2026-06-30T20:05:00Z")))
)
case("a log that ends before voting ends", "E.30")(
    _closed(lambda box: box.edit("South", -1, time="2026-06-30T19:00:00Z"))
)
case("a closing entry at no time", "E.30")(_closed(lambda box: box.edit("South", -1, time="never")))


def _end_last(box: Boxes) -> None:
    """The end of the log is behind the last entry again."""
    log = box.logs["South"]
    last = next(at for at, entry in enumerate(log) if entry == ClosingEntry(2, "2026-06-30T20:05:00Z"))
    log.append(log.pop(last))


def _late(box: Boxes, entry: CastEntry) -> None:
    _end_last(box)


# --- verdicts ----------------------------------------------------------------------------------------


def _verdict(number: int, **fields: object) -> Callable[[Boxes], None]:
    return lambda box: box.edit("North", box.find("North", VerdictEntry, number), **fields)


ACCEPTED = {"accepted": True, "check": "", "reason": ""}


@case("a ballot without verdict", "E.31")
def _(box: Boxes) -> Published:
    voted(box)
    del box.logs["North"][box.find("North", VerdictEntry, 4)]
    box.published = []
    box.close()
    return box.publish()


case("two verdicts on a ballot", "E.31")(
    _before_closing(lambda box: box.logs["North"].append(box.logs["North"][box.find("North", VerdictEntry)]))
)
case("a verdict on a ballot that is not on the log", "E.31")(
    _before_closing(lambda box: box.logs["North"].append(VerdictEntry(bytes(32), True, "", "")))
)
case("a good ballot that was rejected", "E.31")(
    _closed(_verdict(0, accepted=False, check="7.D", reason="overvote"))
)
case("a ballot that was rejected for another check", "E.31")(_closed(_verdict(5, check="8.A")))
case("a rejected ballot without a check", "E.31")(_closed(_verdict(5, check="")))


@case("a wrong ballot that was accepted and superseded", "E.31")
def _(box: Boxes) -> Published:
    voted(box)
    _verdict(5, **ACCEPTED)(box)
    box.cast(box.voters[2])
    box.close()
    return box.publish()


@case("a wrong ballot that was accepted, challenged and never opened", "E.31")
def _(box: Boxes) -> Published:
    voted(box)
    entry = box.challenge(box.voters[3], cheat=Cheat(weight=2))
    unit, index = box.verdict(entry.ballot)
    box.edit(unit, index, **ACCEPTED)
    box.close()
    files = board(box.publish())
    unopened = box.kit.submitted.pop()
    published = box.kit.publish()
    published.board = replace(files, aside=[*files.aside, unopened])
    return published


@case("a wrong ballot that was accepted and counted", "E.3")
def _(box: Boxes) -> Published:
    """The core says so; a verdict is no proof."""
    voted(box)
    entry = box.cast(box.voters[3], cheat=Cheat(weight=2))
    unit, index = box.verdict(entry.ballot)
    box.edit(unit, index, **ACCEPTED)
    box.close()
    return box.publish()


# --- counts ------------------------------------------------------------------------------------------


def _counts(**fields: object) -> Make:
    return _closed(lambda box: box.edit("North", box.find("North", CountsEntry), **fields))


case("refusals at no whole minute", "E.32")(_counts(minute="2026-06-30T10:00:30Z"))
case("refusals at no time", "E.32")(_counts(minute="at ten"))
case("no refusals", "E.32")(_counts(counts=()))
case("two counts for one minute", "E.32")(
    _before_closing(lambda box: box.refused("North", "2026-06-30T10:00:00Z", stale=1))
)


@case("refusals out of order", "E.32")
def _(box: Boxes) -> Published:
    voted(box)
    box.refused("North", "2026-06-30T10:01:00Z", a=1, b=2)
    at = box.find("North", CountsEntry, 1)
    entry = box.logs["North"][at]
    assert isinstance(entry, CountsEntry)
    box.edit("North", at, counts=entry.counts[::-1])
    box.close()
    return box.publish()


@case("nothing counted as a refusal", "E.32")
def _(box: Boxes) -> Published:
    voted(box)
    box.refused("North", "2026-06-30T10:01:00Z", stale=0)
    box.close()
    return box.publish()


# --- the counted set ---------------------------------------------------------------------------------


def _swap(kept: list[SubmittedBallot], aside: list[SubmittedBallot]) -> None:
    """The superseded ballot is counted, and the one that counts stands aside."""
    kept[0], aside[0] = aside[0], kept[0]


def _turn(kept: list[SubmittedBallot], aside: list[SubmittedBallot]) -> None:
    kept[0], kept[1] = kept[1], kept[0]


case("an earlier ballot of a voter is counted", "E.33")(_ballots(_swap))
case("ballots in another order than on the logs", "E.33")(_ballots(_turn))
case("ballots aside in another order", "E.33")(_ballots(lambda kept, aside: aside.reverse()))
case("a ballot that was superseded counts too", "E.33")(
    _ballots(lambda kept, aside: kept.insert(0, aside.pop(0)))
)
case("a counted ballot stands aside", "E.33")(_ballots(lambda kept, aside: aside.insert(1, kept.pop(0))))


def _stated(**fields: object) -> Make:
    def make(box: Boxes) -> Published:
        published = honest(box)
        files = board(published)
        first, *rest = files.checkpoints.counted
        files.checkpoints = replace(files.checkpoints, counted=(replace(first, **fields), *rest))  # type: ignore[arg-type]
        return published

    return make


case("another digest of the counted set", "E.33")(_stated(digest=bytes(32)))
case("another number of counted ballots", "E.33")(_stated(ballots=9))
case("a counted set of another size", "E.33")(_stated(size=3))
case("a counted set of another log", "E.33")(_stated(origin="logs.example/west"))


@case("a unit without counted set", "E.33")
def _(box: Boxes) -> Published:
    published = honest(box)
    files = board(published)
    files.checkpoints = replace(files.checkpoints, counted=files.checkpoints.counted[:1])
    return published


# --- what is beside the count takes part in the core -------------------------------------------------


@case("a ciphertext that stands on a ballot aside too", "E.6")
def _(box: Boxes) -> Published:
    box.restart()
    same = Cheat(fixed_nonces={("Question", "yes"): 7})
    box.cast(box.voters[0], cheat=same)
    box.cast(box.voters[0], cheat=same)
    box.close()
    return box.publish()


@case("an identifier that stands on a ballot aside too", "5.A")
def _(box: Boxes) -> Published:
    box.restart()
    same = Cheat(context_randomness=b"\x07" * 32)
    box.cast(box.voters[0], cheat=same)
    box.cast(box.voters[0], cheat=same)
    box.close()
    return box.publish()


@case("a ballot aside that is none", "E.2", "E.26")
def _(box: Boxes) -> Published:
    """Its entry has no ballot then."""
    published = honest(box)
    files = board(published)
    files.aside_frames = [encode(ballot) for ballot in files.aside]
    files.aside_frames[0] += b"\x00"
    return published
