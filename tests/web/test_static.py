"""Files of the package: right types, tags, versions that never change, nothing inline, nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest

from evote.web.application import Application
from evote.web.static import FOLDER, TYPES, Statics
from tests.web import kit


def test_every_file_is_served_by_name_and_by_version(shared: httpx.Client) -> None:
    listed = shared.get("/static").json()
    assert {each["name"] for each in listed["files"]} >= {"index.html", "style.css"}
    for each in listed["files"]:
        content = (FOLDER / each["name"]).read_bytes()
        fixed, named = shared.get(each["address"]), shared.get(f"/static/{each['name']}")
        assert fixed.content == named.content == content
        assert fixed.headers["content-type"] == named.headers["content-type"] == each["type"]
        assert fixed.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert named.headers["cache-control"] == "no-cache"
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert each["integrity"] == f"sha256-{digest}"
        again = shared.get(f"/static/{each['name']}", headers={"If-None-Match": named.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["../static.py", "..%2fstatic.py", "%2e%2e/static.py", "/etc/passwd", "", "index.html/", "INDEX.HTML"],
)
def test_nothing_else_is_served(shared: httpx.Client, path: str) -> None:
    request = f"GET /static/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert kit.talk(shared, request.encode()).startswith(b"HTTP/1.1 404 ")


def test_pages_load_nothing_inline_and_nothing_from_elsewhere(shared: httpx.Client) -> None:
    policy = shared.get("/").headers["content-security-policy"]
    assert "script-src 'self'" in policy and "worker-src 'self'" in policy
    assert "unsafe" not in policy and "data:" not in policy and "http" not in policy
    for path in FOLDER.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)
        assert not re.search(r"(src|href)=\"(https?:)?//", text)


def test_the_version_changes_with_any_file_and_later_folders_win(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, text in ((first, "one"), (second, "two")):
        (folder / "client").mkdir(parents=True)
        (folder / "client" / "main.js").write_text(text)
    (first / "only.svg").write_text("<svg/>")
    both = Statics([first, second])
    assert both.files["client/main.js"].data == b"two"
    assert both.files["only.svg"].media_type == "image/svg+xml"
    assert len({both.version, Statics([first]).version, Statics([second]).version}) == 3
    with kit.served(Application(kit.SMALL, statics=Statics([FOLDER, first]))) as client:
        found = client.get("/static/client/main.js")
        assert found.headers["content-type"] == "text/javascript; charset=utf-8"
        version = client.get("/static").json()["version"]
        assert client.get(f"/static/{version}/client/main.js").text == "one"
        assert client.get(f"/static/{version[:-1]}x/client/main.js").status_code == 404
        assert client.get("/returns").status_code == 404, "there is no collector here"


def test_files_of_unknown_types_and_links_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("secret")
    with pytest.raises(ValueError, match="not served"):
        Statics([tmp_path])
    (tmp_path / "x.py").unlink()
    (tmp_path / "outside.txt").symlink_to(tmp_path.parent)
    assert Statics([tmp_path]).files == {}
    assert all(ending.startswith(".") for ending in TYPES)
