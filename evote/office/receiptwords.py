"""What a check of a receipt found, in words for the voter.

Rules: the first line is the verdict; every sentence says what is known and what to do next; nothing
claims more than the check showed.
"""

from __future__ import annotations

from typing import Final

from evote.board.evidence import CheckedReceipt, ReceiptVerdict
from evote.board.receipt import Receipt
from evote.board.receipt_setting import ReceiptSetting
from evote.manifest.moments import moment_of

_GROUP: Final = 4
_SHOW: Final = (
    "Show the evidence file to the election office, to observers and to the press. Anybody can check it "
    "with 'evote receipt check'."
)


def sentences(setting: ReceiptSetting, receipt: Receipt, found: CheckedReceipt) -> list[str]:
    """The verdict and what it means for the voter, a sentence or two each."""
    lines = [_headline(found), *_meaning(receipt, found)]
    if found.verdict is ReceiptVerdict.FORGED:
        return lines
    if not setting.policy.witnessed:
        lines.append(
            "This election has no witnesses: whoever runs the log could show you one log and others another."
        )
    elif found.witnessed is not None:
        lines.append(f"Enough witnesses have seen the log at {moment_of(found.witnessed)} or later.")
    return lines


def facts(setting: ReceiptSetting | None, receipt: Receipt) -> list[tuple[str, str]]:
    """What stands in a receipt, by name; the leaf only where the manifest is known."""
    ballot, promise, inclusion = receipt.ballot, receipt.promise, receipt.inclusion
    shown = [
        ("Election", receipt.fingerprint.hex()),
        ("Unit", ballot.unit),
        ("Style", ballot.style),
        ("Decision", "challenge: opened, never counted" if ballot.challenged else "cast"),
        ("Ballot", ballot.ballot.hex()),
    ]
    if setting is not None:
        leaf = ballot.leaf(receipt.fingerprint, setting.unit_log(ballot.unit).name)
        shown.append(("Entry", grouped(leaf)))
    if promise is not None:
        shown += [("Admitted", promise.time), ("Due", promise.deadline)]
    if inclusion is None:
        stage = "the log's promise; the proof comes later"
    elif inclusion.closing:
        stage = "with the proof for the closed log"
    else:
        stage = "with a proof from before the log was closed"
    return [*shown, ("Stage", stage)]


def grouped(leaf: bytes) -> str:
    """A hash as people compare it: sixteen groups of four digits."""
    digits = leaf.hex()
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def _headline(found: CheckedReceipt) -> str:
    if found.verdict is ReceiptVerdict.LOGGED:
        return "LOGGED; counting not checked"
    if found.verdict is ReceiptVerdict.SUPERSEDED:
        return f"SUPERSEDED BY {found.superseded_by}"
    return str(found.verdict.value)


def _meaning(receipt: Receipt, found: CheckedReceipt) -> list[str]:
    unit = receipt.ballot.unit
    due = "" if found.due is None else moment_of(found.due)
    match found.verdict:
        case ReceiptVerdict.COUNTED:
            return [f"Your ballot is entry {found.index} of the closed log of {unit}, and it was counted."]
        case ReceiptVerdict.SUPERSEDED:
            return [
                f"Your ballot was accepted as entry {found.index} of {unit}. Entry {found.superseded_by} is "
                "a later ballot with the same credential, and counts in its place.",
                "If you did not cast a later ballot, tell the election office: somebody else has your code.",
            ]
        case ReceiptVerdict.REJECTED:
            return [
                f"Your ballot is entry {found.index} of {unit}. It was not counted, because check "
                f"{found.check} failed: {found.reason}.",
                "The device that made it does not work as it should. The ballot is published, so that "
                "anybody can repeat the check.",
            ]
        case ReceiptVerdict.CHALLENGED:
            return [
                f"You challenged this ballot (entry {found.index} of {unit}): it was opened to test your "
                "device, and is never counted. A ballot that you cast has a receipt of its own."
            ]
        case ReceiptVerdict.LOGGED:
            return _logged(unit, found)
        case ReceiptVerdict.NOT_YET_DUE:
            return [
                f"The ballot box has your ballot, and has until {due} to show it in the public log.",
                "Check again after that, with the proof, which 'evote receipt complete' puts into it.",
            ]
        case ReceiptVerdict.BROKEN_PROMISE:
            return [
                f"The ballot box signed that it has your ballot, and broke its promise: {found.reason}.",
                "Ask for the proof; only the proof answers this. " + _SHOW,
            ]
        case ReceiptVerdict.NOT_INCLUDED:
            return [
                f"The ballot box signed that it has your ballot, and the log of {unit} was closed without.",
                _SHOW,
            ]
        case ReceiptVerdict.SPLIT_VIEW:
            return [f"The log was caught with two histories: {found.reason}.", _SHOW]
        case ReceiptVerdict.INVALID:
            return [
                f"Nothing can be said of your ballot: {found.reason}.",
                "Check the whole record with 'evote verify', and tell the election office.",
            ]
        case ReceiptVerdict.FORGED:
            return [
                f"This is no valid receipt of this election: {found.reason}.",
                "If your voting device showed it to you, your ballot may not have arrived. Vote again, or by "
                "another road, and tell the election office.",
            ]


def _logged(unit: str, found: CheckedReceipt) -> list[str]:
    if found.final:
        return [
            f"Your ballot is entry {found.index} of the closed log of {unit}.",
            "Whether it was counted is said by the record: check again with --record.",
        ]
    return [
        f"Your ballot is entry {found.index} of the log of {unit}, and can no longer be taken away unseen.",
        "Whether it counts is known when voting has ended: check again with the record then.",
    ]
