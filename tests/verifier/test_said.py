"""What parts say reaches the report as if one had said it all."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from evote.codec import decode, encode
from evote.record import RecordReader, Stage
from evote.report import ReportBuilder
from evote.report.builder import MAX_FINDINGS
from evote.verifier.registry import CHECKS
from evote.verifier.said import Notebook, Said
from evote.verifier.state import Verification
from tests.record.kit import GROUPS, write_final

WORDS = st.tuples(
    st.sampled_from(["count", "fail", "skip", "add"]),
    st.sampled_from(["6.A", "6.D", "E.2", "11.D"]),
    st.sampled_from(["", "short", "x" * 399, "x" * 400, "x" * 401, "é" * 500, "tab\tand \x1b[31m" * 60]),
)


def run(reader: RecordReader, stage: Stage = Stage.FINAL) -> Verification:
    return Verification(reader, ReportBuilder(CHECKS, format_name="test"), stage, None, False, None)


def say(to: Notebook | Verification, words: tuple[str, str, str]) -> None:
    kind, check, text = words
    report = to.report if isinstance(to, Verification) else to
    if kind == "count":
        report.count(check, 2)
    elif kind == "fail":
        report.fail(check, text, f"message {text}", expected=len(text), computed=text)
    elif kind == "skip":
        to.skip((check,), f"reason {text}")
    else:
        report.add("ballots", 3)


@given(st.lists(WORDS, max_size=30), st.integers(0, 30), st.sampled_from(list(Stage)))
def test_two_parts_say_what_one_says(words: list[tuple[str, str, str]], cut: int, stage: Stage) -> None:
    reader = object.__new__(RecordReader)
    whole, parts = run(reader, stage), run(reader, stage)
    for word in words:
        say(whole, word)
    for part in (words[:cut], words[cut:]):
        notebook = Notebook()
        for word in part:
            say(notebook, word)
        data = encode(notebook.said())
        decode(Said, data, element_bytes=1).tell(parts)
    assert parts.report.build() == whole.report.build()


def test_findings_beyond_those_that_are_kept_are_counted(tmp_path: Path) -> None:
    reader = write_final(tmp_path / "record")
    assert reader.group() is GROUPS[reader.group().name]
    told = run(reader)
    for part in (MAX_FINDINGS + 5, 7, MAX_FINDINGS):
        notebook = Notebook()
        for number in range(part):
            notebook.fail("6.D", f"{part}/{number}", "false")
        assert len(notebook.said().kept) == min(part, MAX_FINDINGS)
        notebook.said().tell(told)
    result = told.report.build().check("6.D")
    assert result.found == 2 * MAX_FINDINGS + 12
    assert [finding.where for finding in result.findings] == [
        f"{MAX_FINDINGS + 5}/{number}" for number in range(MAX_FINDINGS)
    ]
