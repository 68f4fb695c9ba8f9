"""The configuration of a server: every name known, every value of its kind; tokens known by their hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from evote.errors import DecodeError, StorageError
from evote.web.config import parse_config, read_config
from evote.web.limits import Limits
from evote.web.tokens import PREFIX, Office, Offices, new_token, token_hash

HASH = "ab" * 32
WHOLE = f"""
listen = "127.0.0.1:9000"
origins = ["https://vote.example"]
[collector]
folder = "returns"
public = true
[[collector.office]]
name = "canton-12"
token = "{HASH}"
read = false
[board]
record = "record"
election_log = "office/election-log"
[[board.unit]]
path = "Town/North"
box = "north.box"
private = "north"
passphrase_file = "pass"
later = true
head_seconds = 60
[[board.unit]]
path = "Town/South"
box = "postgresql://db/x"
private = "south"
anchor = "south.anchor"
[limits]
uploads = 7
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "server.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_configuration_is_read_with_paths_beside_the_file(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, WHOLE))
    assert (config.host, config.port) == ("127.0.0.1", 9000)
    assert config.origins == ("https://vote.example",)
    assert config.limits == Limits(uploads=7)
    assert config.collector is not None and config.board is not None
    assert config.collector.folder == tmp_path / "returns"
    assert config.collector.public
    assert config.collector.offices == (Office("canton-12", bytes.fromhex(HASH), True, False),)
    north, south = config.board.units
    assert north.box == str(tmp_path / "north.box") and north.passphrase_file == tmp_path / "pass"
    assert (north.later, north.head_seconds, north.anchor) == (True, 60, None)
    assert south.box == "postgresql://db/x" and south.anchor == tmp_path / "south.anchor"
    assert config.board.election_log == tmp_path / "office" / "election-log"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "nothing is served"),
        ("x = 1\n[collector]\nfolder = 'x'", "x: this name is not known"),
        ("[collector]", "collector.folder: it is absent"),
        ("[collector]\nfolder = 3", "collector.folder: the value is not a text"),
        ("[collector]\nfolder = 'x'\npublik = true", "collector.publik"),
        ("[collector]\nfolder = 'x'\npublic = 1", "collector.public"),
        ("[collector]\nfolder = 'x'\n[[collector.office]]\nname = 'a'\ntoken = 'zz'", "collector.office"),
        ("[collector]\nfolder = 'x'\n[[collector.office]]\nname = '../a'\ntoken = '" + HASH, "server.toml"),
        ("[collector]\nfolder = 'x'\n[limits]\nuploads = 0", "uploads is a whole number"),
        ("[collector]\nfolder = 'x'\n[limits]\nuploads = true", "limits.uploads"),
        ("[collector]\nfolder = 'x'\n[limits]\nupload = 1", "limits.upload: this name"),
        ("listen = 'x'\n[collector]\nfolder = 'x'", "listen"),
        ("listen = 'x:99999'\n[collector]\nfolder = 'x'", "listen"),
        ("origins = ['*']\n[collector]\nfolder = 'x'", "origins"),
        ("origins = ['https://*.x']\n[collector]\nfolder = 'x'", "origins"),
        ("origins = ['https://x/']\n[collector]\nfolder = 'x'", "origins"),
        ("origins = 'https://x'\n[collector]\nfolder = 'x'", "origins"),
        ("collector = 3", "collector"),
        ("[collector", "no TOML"),
        ("[board]\nrecord = 'r'\n[[board.unit]]\npath = 'a'", "board.unit[0].box"),
        (WHOLE.replace("Town/South", "Town/North"), "listed twice"),
        (WHOLE.replace("later = true", "latter = true"), "board.unit[0].latter"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read_config(written(tmp_path, text))
    assert named in str(caught.value)
    assert "server.toml" in str(caught.value)


def test_a_configuration_that_is_absent_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        read_config(tmp_path / "absent.toml")


def test_addresses_of_the_new_protocol_have_brackets(tmp_path: Path) -> None:
    config = parse_config({"listen": "[::1]:80", "collector": {"folder": "x"}}, tmp_path)
    assert (config.host, config.port) == ("::1", 80)


def test_an_office_is_known_by_its_token_and_by_nothing_else() -> None:
    tokens = [new_token().reveal() for _ in range(3)]
    assert all(token.startswith(PREFIX) and len(token) == len(PREFIX) + 43 for token in tokens)
    assert len(set(tokens)) == 3
    offices = Offices([Office(f"office-{at}", token_hash(token)) for at, token in enumerate(tokens)])
    for at, token in enumerate(tokens):
        found = offices.holding(token)
        assert found is not None and found.name == f"office-{at}"
        assert offices.holding(token + "x") is None
        assert offices.holding(token.upper()) is None
        assert token not in repr(offices.__dict__)
    assert offices.holding("") is None
    assert Offices([]).holding(tokens[0]) is None


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", "-a", "a-", "a" * 65, "é", "a b"])
def test_names_of_offices_are_names_of_folders(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Office(name, bytes(32))


def test_two_offices_share_neither_name_nor_token() -> None:
    with pytest.raises(ValueError, match="name"):
        Offices([Office("a", bytes(32)), Office("a", b"\x01" * 32)])
    with pytest.raises(ValueError, match="token"):
        Offices([Office("a", bytes(32)), Office("b", bytes(32))])
    with pytest.raises(ValueError, match="32 bytes"):
        Office("a", b"")
