"""The rules of one contest: labels, limits, supplemental fields, contest data (3.1.3, 3.3.9, 3.3.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evote.codec import MAX_CONTEST_DATA_BYTES, MAX_SELECTION_LIMIT, MAX_TEXT_BYTES, MAX_WRITE_INS
from evote.manifest.contest_data import BLOCK_BYTES, contest_data_blocks
from evote.manifest.model import BrokenRule, Contest, FieldKind, Option
from evote.manifest.texts import quoted, unique, well_labelled


def contest_rules(contest: Contest) -> Iterator[BrokenRule]:
    """The rules that one contest breaks, its cells apart."""
    where = f"contest {quoted(contest.label)}"
    yield from well_labelled(where, contest.label)
    yield from unique(where, "option", (option.label for option in contest.options))
    for option in contest.options:
        yield from well_labelled(f"{where}, option {quoted(option.label)}", option.label)
    yield from _limits(where, contest)
    yield from _supplemental(where, contest)
    yield from _data(where, contest)


def _limits(where: str, contest: Contest) -> Iterator[BrokenRule]:
    if not contest.selectable:
        yield BrokenRule(where, "there is no option to select")
        return
    if not 1 <= contest.limit <= MAX_SELECTION_LIMIT:
        yield BrokenRule(
            where, f"the contest limit is {contest.limit}; it lies between 1 and {MAX_SELECTION_LIMIT}"
        )
    for option in contest.selectable:
        if not 1 <= option.limit <= MAX_SELECTION_LIMIT:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}",
                f"the option limit is {option.limit}; it lies between 1 and {MAX_SELECTION_LIMIT}",
            )
        elif option.limit > contest.limit >= 1:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}",
                f"the option limit {option.limit} is more than the contest limit {contest.limit}",
            )
    total = sum(option.limit for option in contest.selectable)
    if contest.limit > total:
        yield BrokenRule(
            where, f"the contest limit {contest.limit} is more than {total}, the sum of its option limits"
        )


def _supplemental(where: str, contest: Contest) -> Iterator[BrokenRule]:
    behind = False
    for option in contest.options:
        if option.in_limit and behind:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}", "options stand before all supplemental fields"
            )
        behind = behind or not option.in_limit
        wanted = _supplemental_limit(option, contest)
        if option.limit != wanted:
            yield BrokenRule(
                f"{where}, option {quoted(option.label)}",
                f"a field of kind {option.kind.value} has the limit {wanted} here, not {option.limit}",
            )
    for kind, times in Counter(option.kind for option in contest.options).items():
        if times > 1 and kind is not FieldKind.OPTION:
            yield BrokenRule(where, f"there are {times} fields of kind {kind.value}; one is enough")


def _supplemental_limit(option: Option, contest: Contest) -> int:
    if option.in_limit:
        return option.limit
    return contest.limit if option.kind is FieldKind.UNDERVOTE_DIFFERENCE else 1


def _data(where: str, contest: Contest) -> Iterator[BrokenRule]:
    data = contest.data
    if data is None:
        return
    where = f"{where}, contest data"
    if not 0 <= data.write_ins <= MAX_WRITE_INS:
        yield BrokenRule(where, f"there are at most {MAX_WRITE_INS} write-ins, not {data.write_ins}")
    if not 0 <= data.write_in_bytes <= MAX_TEXT_BYTES:
        yield BrokenRule(where, f"a write-in has at most {MAX_TEXT_BYTES} bytes, not {data.write_in_bytes}")
    if (data.write_ins == 0) != (data.write_in_bytes == 0):
        yield BrokenRule(where, "the number of write-ins and their length are both 0 or both positive")
    wanted = contest_data_blocks(len(contest.selectable), data.write_ins, data.write_in_bytes)
    if data.blocks != wanted:
        yield BrokenRule(where, f"{wanted} blocks hold the longest record, so {data.blocks} is wrong")
    if data.blocks * BLOCK_BYTES > MAX_CONTEST_DATA_BYTES:
        yield BrokenRule(where, f"the field is longer than {MAX_CONTEST_DATA_BYTES} bytes")
