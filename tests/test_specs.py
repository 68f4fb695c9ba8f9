"""The list of specification pages is complete, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

SPECS = Path(__file__).resolve().parent.parent / "specs"
LINKS = re.findall(r"\]\(([^)]+)\)", (SPECS / "README.md").read_text(encoding="utf-8"))


def test_every_page_is_listed() -> None:
    pages = {str(page.relative_to(SPECS)) for page in SPECS.rglob("*.md")} - {"README.md"}
    assert pages == {link for link in LINKS if not link.startswith("..")}


def test_every_link_of_every_page_leads_to_a_file() -> None:
    broken = [
        (page.name, link)
        for page in SPECS.rglob("*.md")
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert broken == []
