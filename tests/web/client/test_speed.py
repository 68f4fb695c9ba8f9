"""How long a ballot of ten options takes in Chromium, and how many bytes it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")
pytest.importorskip("httpx", reason="httpx, of the extra 'web', is not installed")

from evote.cli.webdemo import served_board
from evote.demo.hosted import open_hosted
from evote.groups import named
from tests.web import kit
from tests.web.client.browser import chromium, require_browser

MEASURE = """
const [fingerprint, code, done] = arguments;
(async () => {
  const { startWorker } = await import("/static/evote-client.js");
  const device = startWorker(), begin = performance.now();
  await device.load({ fingerprint });
  const loaded = performance.now();
  await device.tables();
  const built = performance.now();
  await device.identify([code]);
  let longest = 0, last = performance.now(), on = true, heard = 0;
  (function frame() {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (on) setTimeout(frame, 5);
  })();
  const contests = { Square: { marks: { Trees: 1 } }, Council: { marks: {} } };
  const choices = { unit: "Town", style: "ballot", contests };
  const times = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await device.encrypt(choices, () => { heard += 1; });
    times.push(performance.now() - start);
  }
  on = false;
  await device.decide("cast");
  const { sent } = await device.send();
  device.end();
  const encrypt = times.sort((a, b) => a - b)[1];
  done({ load: loaded - begin, tables: built - loaded, encrypt, longest, heard, sent });
})().catch((error) => done({ error: `${error.code} ${error.message}` }));
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    require_browser()
    with chromium(tmp_path_factory.mktemp("speed") / "profile") as found:
        yield found


# Ten options, in two contests with a limit proof each; the figures stand in specs/client.md.
@pytest.mark.parametrize(
    ("name", "seconds", "size"), [("electionguard-4096", 1.5, 51_000), ("p256", 0.5, 7_000)]
)
def test_a_ballot_of_ten_options_is_encrypted_in_time_while_the_page_answers(
    driver: Any, tmp_path: Path, name: str, seconds: float, size: int
) -> None:
    (tmp_path / "boxes").mkdir()
    with open_hosted(named(name), 1, tmp_path / "record", tmp_path / "boxes") as hosted:
        with served_board(hosted) as application, kit.served(application) as client:
            driver.get(f"{str(client.base_url).rstrip('/')}/static/demo/index.html")
            found = driver.execute_async_script(
                MEASURE, hosted.election.fingerprint, hosted.sheets[0].reveal()
            )
    print(name, found)
    assert "error" not in found, found
    assert found["encrypt"] < 1000 * seconds
    assert found["sent"] < size
    assert found["heard"] >= 3 * 10, "progress is heard of each option"
    assert found["longest"] < 250, "the page answers while the worker works"
