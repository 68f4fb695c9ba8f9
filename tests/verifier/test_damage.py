"""No damaged record passes, and none stops the verifier: every answer is a report that says FAIL."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evote.record import RecordReader, Stage, layout
from evote.report import Report, Verdict, html_page
from evote.verifier.verify import _verify
from tests.verifier.alone import ceremony, honest

DRAFT = "opened"


@functools.cache
def files() -> dict[str, bytes]:
    """The files of an honest record, index apart."""
    kit = ceremony(DRAFT)
    made = kit.files(honest(kit))
    return {name: data for name, data in made.items() if not layout.index_number(name)}


def report_of(changed: dict[str, bytes]) -> Report:
    """The report on the record with these files, sealed by the authority as they are."""
    kit = ceremony(DRAFT)
    sealed = {**changed, layout.index_path(1): kit.index(honest(kit), changed, Stage.FINAL)}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in sealed.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        report = _verify(RecordReader(folder, {kit.group.name: kit.group}))
    assert html_page(report)
    return report


def test_the_undamaged_record_passes() -> None:
    assert report_of(files()).verdict is Verdict.PASS


@settings(max_examples=60)
@given(data=st.data())
def test_a_changed_byte_anywhere_fails_although_the_index_seals_it(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(files())))
    place = data.draw(st.integers(0, len(files()[name]) - 1))
    byte = data.draw(st.integers(1, 255))
    content = bytearray(files()[name])
    content[place] ^= byte
    report = report_of({**files(), name: bytes(content)})
    assert report.verdict is Verdict.FAIL, (name, place, byte)


@settings(max_examples=30)
@given(data=st.data())
def test_a_stretch_left_out_or_doubled_fails_although_the_index_seals_it(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(files())))
    content = files()[name]
    begin = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(begin + 1, min(len(content), begin + 2000)))
    times = data.draw(st.sampled_from([0, 2]))
    changed = content[:begin] + times * content[begin:end] + content[end:]
    assert report_of({**files(), name: changed}).verdict is Verdict.FAIL, (name, begin, end, times)


@pytest.mark.parametrize("one", ["manifest.json", "guardians.msgpack", "tally.msgpack", "ballots/000001.seg"])
@pytest.mark.parametrize("two", ["keys.msgpack", "devices.msgpack", "decryption.msgpack", "result.json"])
def test_two_damaged_files_at_once_still_give_a_report(one: str, two: str) -> None:
    changed = {name: data[: len(data) // 2] if name in (one, two) else data for name, data in files().items()}
    assert report_of(changed).verdict is Verdict.FAIL
