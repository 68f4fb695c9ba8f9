"""The same as ``flask_vote.py``, in one file of Django: ``application`` is for any WSGI server."""

from __future__ import annotations

import os

import httpx
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from evote.web.static import FOLDER, PAGE_POLICY, TYPES
from examples.flask_vote import PAGE, SCRIPT

SERVER = os.environ.get("EVOTE_SERVER", "http://127.0.0.1:8080")
FILES = {each.name: each for each in FOLDER.glob("evote-*.js")}


def answer(data: bytes | str, kind: str, status: int = 200) -> HttpResponse:
    policy = {"Content-Security-Policy": PAGE_POLICY}
    return HttpResponse(data, content_type=kind, status=status, headers=policy)


def page(request: HttpRequest) -> HttpResponse:
    return answer(PAGE, TYPES[".html"])


def script(request: HttpRequest) -> HttpResponse:
    return answer(SCRIPT, TYPES[".js"])


def module(request: HttpRequest, name: str) -> HttpResponse:
    return answer(FILES[name].read_bytes(), TYPES[".js"]) if name in FILES else answer("", "text/plain", 404)


def forward(request: HttpRequest, rest: str) -> HttpResponse:
    headers = {"Content-Type": request.content_type} if request.content_type else {}
    url = f"{SERVER}/{rest}"
    got = httpx.request(
        request.method or "GET", url, params=request.GET, content=request.body, headers=headers
    )
    passed = answer(got.content, got.headers.get("Content-Type", "text/plain"), got.status_code)
    if "Retry-After" in got.headers:
        passed.headers["Retry-After"] = got.headers["Retry-After"]
    return passed


forward.csrf_exempt = True  # type: ignore[attr-defined]  # no cookies: a ballot is signed by its voter
urlpatterns = [
    path("", page),
    path("vote.js", script),
    path("evote/<name>", module),
    re_path("^((?:record|units|logs)/.*)$", forward),
]
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], DEBUG=False, SECRET_KEY=os.urandom(32).hex()
)
application = get_wsgi_application()
