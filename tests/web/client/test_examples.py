"""The examples: sites of two frameworks around the client, each used by a voter's device."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")
httpx = pytest.importorskip("httpx", reason="httpx, of the extra 'web', is not installed")

from evote.web.application import Application  # noqa: E402
from evote.web.static import PAGE_POLICY  # noqa: E402
from tests.web import kit  # noqa: E402
from tests.web.boards import Town  # noqa: E402
from tests.web.client.node import MODULES, needs_node  # noqa: E402
from tests.web.client.test_session import YES, codes, session  # noqa: E402

pytestmark = needs_node

EXAMPLES = Path(__file__).parents[3] / "examples"


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def site(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_a_site_of_the_framework_serves_the_client_and_a_device_votes_through_it(
    tmp_path: Path, framework: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(framework, reason=f"{framework}, of the extra 'browser', is not installed")
    assert len((EXAMPLES / f"{framework}_vote.py").read_text("utf-8").splitlines()) < 60
    pytest.importorskip("flask", reason="flask, of the extra 'browser', is not installed")
    monkeypatch.syspath_prepend(str(EXAMPLES.parent))
    module = importlib.import_module(f"examples.{framework}_vote")
    wsgi = module.app if framework == "flask" else module.application
    town = Town(tmp_path / "town", kit.SMALL)
    with (
        town.open() as board,
        kit.served(Application(kit.SMALL, board=board)) as behind,
        site(wsgi) as address,
    ):
        monkeypatch.setattr(module, "SERVER", str(behind.base_url).rstrip("/"))
        with httpx.Client(base_url=address, trust_env=False) as client:
            page = client.get("/")
            assert page.headers["content-security-policy"] == PAGE_POLICY
            assert '<script type="module" src="/vote.js"></script>' in page.text
            for path in MODULES:
                assert client.get(f"/evote/{path.name}").content == path.read_bytes()
            assert client.get("/evote/evote-other.js").status_code == 404
        *_, receipt = session(
            town,
            address,
            tmp_path,
            ["identify", codes(town)],
            ["encrypt", YES],
            ["decide", "cast"],
            ["send"],
        )
        assert receipt["text"].startswith("evote receipt v1\n")
        assert town.boxes["North"].status().cast == 1
