"""A Flask site that lets its members vote: it shows the page, evote's server takes the ballots.

The site sees neither codes nor votes. In production a proxy passes requests on (``specs/http.md``).
"""

from __future__ import annotations

import os

import httpx
from flask import Flask, Response, request

from evote.web.static import FOLDER, PAGE_POLICY, TYPES

SERVER = os.environ.get("EVOTE_SERVER", "http://127.0.0.1:8080")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Members' vote</title>
<script type="module" src="/vote.js"></script></head><body><p id="state" role="status"></p></body></html>"""
SCRIPT = """import { startWorker } from "/evote/evote-client.js";
const device = startWorker();
const election = await device.load({ fingerprint: location.hash.slice(1) });
document.getElementById("state").textContent = election.label;  // then identify, encrypt, decide, send
"""

app = Flask(__name__, static_folder=None)


@app.after_request
def strict(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


@app.get("/")
def page() -> str:
    return PAGE


@app.get("/vote.js")
def script() -> Response:
    return Response(SCRIPT, content_type="text/javascript")


@app.get("/evote/<name>")
def module(name: str) -> Response:
    known = {each.name: each for each in FOLDER.glob("evote-*.js")}
    if name not in known:
        return Response(status=404)
    return Response(known[name].read_bytes(), content_type=TYPES[".js"])


@app.route("/<any(record, units, logs, election):part>/<path:rest>", methods=["GET", "POST"])
def forward(part: str, rest: str) -> Response:
    headers = {"Content-Type": request.content_type} if request.content_type else {}
    url = f"{SERVER}/{part}/{rest}"
    answer = httpx.request(
        request.method, url, params=request.args, content=request.get_data(), headers=headers
    )
    kept = {name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers}
    return Response(answer.content, answer.status_code, kept)
