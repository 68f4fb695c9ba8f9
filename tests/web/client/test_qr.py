"""QR codes of the demonstration's page are those that another program makes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.web.client.node import NODE, STATIC, needs_node

pytestmark = needs_node

MODULES = """
import { readFileSync, writeFileSync } from "node:fs";
const [source, copy] = process.argv.slice(2);
writeFileSync(copy, readFileSync(source));
const { modules } = await import(copy);
const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => modules(text).map((row) => row.map(Number)))));
"""


def test_codes_of_every_size_are_those_of_another_encoder_under_one_of_its_masks(tmp_path: Path) -> None:
    segno = pytest.importorskip("segno", reason="segno, of the extra 'qr', is not installed")
    # Where the data ends with a byte, the other one writes a byte more than it must: no such length.
    whole = "EVR1:" + 300 * "AZ $%*+-./:19"
    texts = [whole[:size] for size in (6, 25, 45, 85, 337, 601, 1001, 2001, 3385)]
    (tmp_path / "run.mjs").write_text(MODULES, "utf-8")
    command = [str(NODE), str(tmp_path / "run.mjs"), str(STATIC / "demo" / "qr.js"), str(tmp_path / "qr.mjs")]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    for text, rows in zip(texts, json.loads(done.stdout), strict=True):
        options = {"error": "m", "mode": "alphanumeric", "boost_error": False, "micro": False}
        others = [segno.make(text, mask=mask, **options).matrix for mask in range(8)]
        assert rows in [[list(row) for row in matrix] for matrix in others], text[:30]
