"""Rolls from lists: keys that voters made, lists that change, and sheets with and without a QR code."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from evote.board.codes import SECOND, Code
from evote.board.credential import VOTER_ORIGIN
from evote.errors import DecodeError, RefusedError
from evote.manifest import Manifest
from evote.office.authority import KeysFile, read_keys, write_keys
from evote.office.roll import Terms, new_roll, read_roll, second_codes, slot_of_reference
from evote.office.sheets import Sheet, html_sheets
from evote.secret import Secret
from evote.signing import SigningKey, prove_possession
from evote.testing.boards import BoardKeys
from evote.testing.randomness import SeededRandomness
from tests.cli.driver import cheap_passphrases
from tests.manifest.samples import SALT, draft

WORDS = Secret("a passphrase")


def own_key(name: str, salt: bytes = SALT) -> str:
    """The cells of a voter who made a key."""
    key = SigningKey.generate(SeededRandomness(name))
    proof = prove_possession(key, salt=salt, origin=VOTER_ORIGIN)
    return f"{key.verify_key.encoded.hex()},{proof.hex()}"


def terms(folder: Path, text: str, described: Mapping[str, object] | None = None) -> Terms:
    voters = folder / "voters.csv"
    voters.write_text(text, encoding="utf-8")
    return Terms.of(described or draft(), SALT, voters, 2)


@pytest.fixture(autouse=True)
def _cheap() -> object:
    with cheap_passphrases():
        yield


def test_a_voter_with_a_key_of_their_own_is_on_the_roll_and_gets_no_code(tmp_path: Path) -> None:
    head = "unit,style,reference,key,possession\n"
    listed = f"{head}North/N1,full,1,{own_key('Ada')}\nSouth,short,2,,\n"
    drawn = new_roll(terms(tmp_path, listed), tmp_path / "private", tmp_path / "out", WORDS)
    assert (drawn.voters, drawn.codes, drawn.files) == (2, 1, 1)
    (sheet,) = (tmp_path / "private" / "sheets").iterdir()
    assert sheet.read_text().count("<section>") == 1
    manifest = declared(tmp_path / "out")
    roll = read_roll(manifest, tmp_path / "out" / "roll")
    key = SigningKey.generate(SeededRandomness("Ada")).verify_key.encoded
    slot = slot_of_reference(tmp_path / "private", "1")
    assert roll.slot_of_keys((key,)) == slot
    assert roll.entry(slot).unit == "North/N1"
    roll.check_keys()


def test_identities_of_another_scheme_are_declared_with_the_roll(tmp_path: Path) -> None:
    head = "unit,style,reference,scheme,key\n"
    listed = f"{head}North/N1,full,1,e-id,{'5a' * 32}\nSouth,short,2,,\n"
    drawn = new_roll(terms(tmp_path, listed), tmp_path / "private", tmp_path / "out", WORDS)
    assert (drawn.voters, drawn.codes, drawn.files) == (2, 1, 1)
    manifest = declared(tmp_path / "out")
    assert manifest.roll is not None and manifest.roll.schemes == ("e-id",)
    roll = read_roll(manifest, tmp_path / "out" / "roll")
    slot = slot_of_reference(tmp_path / "private", "1")
    assert (roll.entry(slot).scheme, roll.keys(slot)) == ("e-id", (b"\x5a" * 32,))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("e-id,,", "is 32 bytes"),
        ("e-id,5a,", "is 32 bytes"),
        (f"e-id,{'xy' * 32},", "is 32 bytes"),
        (f"e-id,{'5a' * 32},{'00' * 64}", "without a proof"),
        (f",{'5a' * 32},", "not proven"),
    ],
)
def test_an_identity_that_is_none_is_refused(cells: str, message: str, tmp_path: Path) -> None:
    listed = f"unit,style,scheme,key,possession\nSouth,short,{cells}\n"
    with pytest.raises(DecodeError, match=message):
        new_roll(terms(tmp_path, listed), tmp_path / "private", tmp_path / "out", WORDS)


def declared(out: Path) -> Manifest:
    """The manifest with the declaration that was written."""
    content = json.loads((out / "roll.json").read_text())
    keys = BoardKeys.drawn("office", ["North/N1", "North/N2", "South"])
    described = draft(board=keys.board(SALT), roll=content, test=True)
    return Manifest.build(described, salt=SALT, authority_key=None)


@pytest.mark.parametrize("cells", [own_key("Ada", bytes(32)), own_key("Ada").replace(",", ",00"), "xy,zz"])
def test_a_key_that_is_not_proven_for_this_election_is_refused(cells: str, tmp_path: Path) -> None:
    listed = f"unit,style,key,possession\nSouth,short,{cells}\n"
    with pytest.raises(DecodeError, match="line 2"):
        new_roll(terms(tmp_path, listed), tmp_path / "private", tmp_path / "out", WORDS)


def test_two_voters_with_one_key_are_refused(tmp_path: Path) -> None:
    row = f"South,short,{own_key('Ada')}\n"
    listed = f"unit,style,key,possession\n{row}{row}"
    with pytest.raises(DecodeError, match="two voters have one key"):
        new_roll(terms(tmp_path, listed), tmp_path / "private", tmp_path / "out", WORDS)


def test_keys_of_voters_and_two_authorities_exclude_each_other(tmp_path: Path) -> None:
    listed = f"unit,style,key,possession\nSouth,short,{own_key('Ada')}\n"
    with pytest.raises(RefusedError, match="credentials have two parts"):
        second_codes(terms(tmp_path, listed), tmp_path / "private", tmp_path / "keys", WORDS)


def test_the_keys_of_a_second_authority_are_read_back_and_must_be_proven(tmp_path: Path) -> None:
    agreed = terms(tmp_path, "unit,style\nSouth,short\nNorth/N1,full\n")
    path = tmp_path / "keys"
    second_codes(agreed, tmp_path / "second", path, WORDS)
    keys = read_keys(path)
    assert len(keys.keys) == 64 and keys.key(1) != keys.key(2)
    for number in (0, 3):
        with pytest.raises(ValueError, match=f"row {number}"):
            keys.key(number)
    forged = KeysFile(1, keys.salt, keys.voters, keys.iterations, keys.authority, bytes(64), keys.keys)
    write_keys(path, forged)
    with pytest.raises(RefusedError, match="proof of possession"):
        new_roll(agreed, tmp_path / "first", tmp_path / "out", WORDS, second=read_keys(path))
    longer = KeysFile(
        1, keys.salt, keys.voters, keys.iterations, keys.authority, keys.possession, keys.keys * 2
    )
    with pytest.raises(RefusedError, match="more keys than"):
        new_roll(agreed, tmp_path / "first", tmp_path / "out", WORDS, second=longer)
    new_roll(agreed, tmp_path / "third", tmp_path / "drawn", WORDS, second=keys)
    roll = read_roll(declared(tmp_path / "drawn"), tmp_path / "drawn" / "roll")
    assert {entry.keys[1] for entry in roll} == {keys.key(1), keys.key(2)}


def sheet(part: int = 0) -> Sheet:
    code = Code.drawn(part, SeededRandomness("sheet"))
    return Sheet("Zoë & Co", "North/N1", "full", code, bytes(32))


def test_sheets_are_in_the_languages_of_the_election_and_say_which_part_they_are() -> None:
    manifest = Manifest.build(draft(), salt=SALT, authority_key=None)
    page = html_sheets(manifest, [sheet(SECOND)]).decode()
    assert 'lang="en"' in page and 'lang="fr"' in page
    assert "part 2 of 2" in page and "partie 2 sur 2" in page
    assert "Zoë &amp; Co" in page and "City election" in page
    other = Manifest.build(
        {"label": "Volby", "contests": [{"label": "C", "options": ["a", "b"]}], "languages": ["cs"]},
        salt=SALT,
        authority_key=None,
    )
    plain = html_sheets(other, [Sheet("", "all", "all", sheet().code, None)]).decode()
    assert "Keep it secret" in plain and "Pseudonym" not in plain


def test_the_qr_code_is_drawn_where_segno_is_installed_and_left_out_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manifest = Manifest.build(draft(), salt=SALT, authority_key=None)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "segno", None)
        assert "<svg" not in html_sheets(manifest, [sheet()]).decode()
    pytest.importorskip("segno", reason="segno (extra qr) is not installed")
    assert importlib.import_module("segno")
    page = html_sheets(manifest, [sheet()]).decode()
    assert page.count("<svg") == 1 and "http" not in page.replace("http://www.w3.org/2000/svg", "")
