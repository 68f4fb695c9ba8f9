"""Headless Chromium, as Debian has it, and a voter who uses the page with it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=420,900",
    "--lang=en",
)
WAIT = 30


def require_browser() -> None:
    """Skip where there is no browser to drive."""
    pytest.importorskip("selenium", reason="selenium, of the extra 'browser', is not installed")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("chromium and chromium-driver, which run the page here, are not installed")


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """A fresh browser with an empty profile."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        driver.set_script_timeout(WAIT)
        yield driver
    finally:
        driver.quit()


class Page:
    """What a voter does and sees."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def open(self, address: str | None = None) -> None:
        """The page as from a letter, new."""
        self.driver.get("about:blank")
        self.driver.get(address or self.address)
        self.until("document.querySelector('#step h1')")

    def until(self, script: str) -> None:
        """Wait until an expression of the page is true."""
        end = time.monotonic() + WAIT
        while not self.driver.execute_script(f"return Boolean({script})"):
            assert time.monotonic() < end, f"{script} never came; the page says: {self.text()}"
            time.sleep(0.02)

    def text(self) -> str:
        """What can be read."""
        return str(self.driver.find_element("css selector", "main").text)

    def heading(self) -> str:
        return str(self.driver.execute_script("return document.querySelector('#step h1').textContent"))

    def at(self, heading: str) -> None:
        """Wait until the page has this heading and nothing runs."""
        quoted = json.dumps(heading)
        idle = "![...document.querySelectorAll('#step button')].some((each) => each.disabled)"
        self.until(f"document.querySelector('#step h1')?.textContent === {quoted} && {idle}")

    def click(self, name: str, times: int = 1) -> None:
        """Click the thing with this id; so often, without waiting in between."""
        self.until(f"document.getElementById({json.dumps(name)})?.disabled === false")
        script = "for (let i = 0; i < arguments[1]; i++) document.getElementById(arguments[0])?.click();"
        self.driver.execute_script(script, name, times)

    def type(self, name: str, text: str) -> None:
        """Put a text into a field, as a paste does."""
        self.until(f"document.getElementById({json.dumps(name)})")
        script = (
            "const at = document.getElementById(arguments[0]); at.value = arguments[1];"
            " at.dispatchEvent(new Event('input'));"
        )
        self.driver.execute_script(script, name, text)

    def enter(self, code: str) -> None:
        """The code of the letter."""
        self.type("code-0", code)
        self.click("go")

    def choose(self, *options: str) -> None:
        """Mark options by their names, and go on to the review."""
        self.at("Your choice")
        for option in options:
            done = self.driver.execute_script(
                "for (const label of document.querySelectorAll('label.option'))"
                " if (label.textContent === arguments[0]) return label.firstChild.click() ?? true;",
                option,
            )
            assert done, option
        self.click("review")
        self.at("Is this right?")

    def encrypted(self) -> str:
        """Encrypt what was reviewed; the confirmation code."""
        self.click("encrypt")
        self.at("Your ballot is encrypted")
        return str(self.driver.find_element("id", "confirmation").text).replace(" ", "")

    def vote(self, code: str, *options: str) -> str:
        """All of it; the receipt's text."""
        self.open()
        self.enter(code)
        self.choose(*options)
        self.encrypted()
        self.click("cast")
        self.at("Your ballot has been received")
        return self.receipt()

    def receipt(self) -> str:
        return str(self.driver.execute_script("return document.getElementById('receipt-text').textContent"))

    def alert(self) -> str:
        """The message of a refusal, when it comes."""
        self.until("document.getElementById('error').textContent")
        return str(self.driver.find_element("id", "error").text)

    def checked(self, receipt: str) -> str:
        """The verdict on a receipt."""
        self.driver.execute_script("document.querySelector('[data-view=check]').click()")
        self.at("Check a receipt")
        self.type("receipt", receipt)
        self.driver.execute_script("document.getElementById('verdict')?.remove()")
        self.click("check")
        self.until("document.getElementById('verdict')")
        return str(self.driver.find_element("id", "verdict").get_attribute("data-verdict"))

    def shot(self, folder: Path, name: str) -> None:
        """A picture of the whole page, for people to look at."""
        size = self.driver.execute_script("return document.documentElement.scrollHeight")
        self.driver.set_window_size(420, min(3000, max(900, size + 150)))
        folder.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(folder / f"{name}.png"))
        self.driver.set_window_size(420, 900)

    def complaints(self) -> list[str]:
        """What the browser's console holds against the page: errors, and breaches of its policy."""
        found = [str(each["message"]) for each in self.driver.get_log("browser") if each["level"] == "SEVERE"]
        return [each for each in found if "Failed to load resource" not in each]
