"""A whole election in a real browser: voters, broken lines, second thoughts, and a server that lies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="starlette, of the extra 'web', is not installed")
pytest.importorskip("uvicorn", reason="uvicorn, of the extra 'web', is not installed")
pytest.importorskip("httpx", reason="httpx, of the extra 'web', is not installed")

from evote.cli.webdemo import page_address, served_board
from evote.demo.hosted import Hosted, open_hosted
from evote.groups import named
from evote.report import Verdict
from evote.verifier import verify_record
from tests.web import kit
from tests.web.client.browser import Page, chromium, require_browser
from tests.web.client.meddling import Meddler

VOTERS = 20
CHOICES = (
    ("Trees and benches", "Ada Lefèvre"),
    ("A market hall", "Bo Martin", "Emma Novak"),
    ("Blank vote",),
)


class Place:
    """The election, its server and one browser."""

    def __init__(self, hosted: Hosted, meddler: Meddler, page: Page, base: str, shots: Path) -> None:
        self.hosted, self.meddler, self.page, self.base, self.shots = hosted, meddler, page, base, shots
        self.codes = [sheet.reveal() for sheet in hosted.sheets]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    require_browser()
    folder = tmp_path_factory.mktemp("browser")
    shots = Path(os.environ.get("EVOTE_SCREENSHOTS") or folder / "shots")
    (folder / "boxes").mkdir()
    with open_hosted(named("p256"), VOTERS, folder / "record", folder / "boxes") as hosted:
        with served_board(hosted, 0.5) as application:
            meddler = Meddler(application)
            with kit.served(meddler) as client, chromium(folder / "profile") as driver:
                base = str(client.base_url).rstrip("/")
                yield Place(hosted, meddler, Page(driver, page_address(base, hosted)), base, shots)


def voters_vote_one_after_the_other_and_check(place: Place) -> None:
    page, codes = place.page, place.codes
    # The first voter: looked at step by step, a wrong code first, French for a moment, the way back.
    page.open()
    page.shot(place.shots, "1-start")
    page.enter(codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1"))
    assert "character of the code is wrong" in page.alert()
    page.shot(place.shots, "2-wrong-code")
    page.enter(codes[0].lower().replace("-", " "))
    page.at("Your choice")
    page.shot(place.shots, "3-choose")
    page.driver.execute_script("document.querySelector('[data-language=fr]').click()")
    page.at("Votre choix")
    assert "Que faire de la place du marché ?" in page.text()
    assert page.driver.execute_script("return document.documentElement.lang") == "fr"
    page.shot(place.shots, "4-choose-fr")
    page.driver.execute_script("document.querySelector('[data-language=en]').click()")
    page.choose("Trees and benches", "Ada Lefèvre")
    page.shot(place.shots, "5-review")
    page.driver.back()
    page.at("Your choice")
    page.choose("A market hall")
    assert "A market hall" in page.text() and "Trees" not in page.text()
    code = page.encrypted()
    page.shot(place.shots, "6-code")
    page.driver.back()  # undecided: the encrypted ballot is given up, the choice stands
    page.at("Your choice")
    page.choose()
    assert page.encrypted() != code
    page.click("cast", 5)
    page.at("Your ballot has been received")
    page.shot(place.shots, "7-receipt")
    first = page.receipt()
    page.driver.back()
    page.at("Your ballot has been received")
    assert place.hosted.board.box("Town").status().cast == 1, "five clicks are one ballot"
    page.click("finish")
    page.at("Thank you")
    receipts = [first]
    for number in range(1, VOTERS - 7):
        receipts.append(page.vote(codes[number], *CHOICES[number % 3]))
    assert len(set(receipts)) == VOTERS - 7
    for _ in range(40):  # until the heads are witnessed, and the server shows them
        if page.checked(first) == "LOGGED":
            break
        time.sleep(0.25)
    page.shot(place.shots, "8-logged")
    assert page.checked(receipts[1]) == "LOGGED"
    assert page.checked(receipts[1].replace("decision cast", "decision challenge")) == "FORGED"
    assert page.complaints() == []


def a_challenged_ballot_is_checked_on_a_second_device(place: Place) -> None:
    page, code = place.page, place.codes[13]
    page.open()
    page.enter(code)
    page.choose("Parking spaces")
    noted = page.encrypted()
    page.click("challenge", 3)
    page.at("Your ballot is open")
    assert "Parking spaces" in page.text()
    page.shot(place.shots, "9-opened")
    letters = page.driver.execute_script("return document.getElementById('opening-letters').textContent")
    page.click("again")
    page.choose("Parking spaces")
    page.encrypted()
    page.click("cast")
    page.at("Your ballot has been received")
    page.open()  # another device: nothing of the first
    page.driver.execute_script("localStorage.clear(); document.querySelector('[data-view=inspect]').click()")
    for number, own, good in (
        (noted, code, True),
        (noted, place.codes[14], False),
        (noted[::-1], code, False),
    ):
        page.at("Check an opened ballot")
        for name, value in (("letters", letters), ("noted", number), ("own", own)):
            page.type(name, value)
        page.click("inspect")
        if good:
            page.until("document.getElementById('verdict')")
            assert "Parking spaces" in page.text()
            page.shot(place.shots, "10-inspected")
        else:
            page.until("document.getElementById('error').textContent")
            assert "does not fit" in page.alert()
    assert page.complaints() == []


def a_reload_and_a_broken_line_lose_nothing(place: Place) -> None:
    page, code = place.page, place.codes[14]
    page.open()
    page.enter(code)
    page.choose("Blank vote")
    page.click("encrypt")
    page.open()  # in the middle of it, or just behind
    page.enter(code)
    page.until("['Your choice', 'A ballot that you encrypted before is kept on this device.'].includes("
               "document.querySelector('#step h1').textContent)")  # fmt: skip
    if page.heading() != "Your choice":
        page.click("anew")
    page.choose("Blank vote")
    noted = page.encrypted()
    place.meddler.cut("/units/1/ballots", 9)  # the box has the ballot, and the answers do not arrive
    page.click("cast")
    page.until("document.getElementById('status').textContent.startsWith('Being sent')")
    page.open()
    page.enter(code)
    page.at("A ballot that you encrypted before is kept on this device.")
    assert "You have chosen to cast it." in page.text()
    page.shot(place.shots, "11-kept")
    place.meddler.planned.clear()
    page.driver.execute_script("document.querySelector('[id^=resume-]').click()")
    page.at("Your ballot has been received")
    assert noted[:4] in page.text()
    page.click("finish")
    # With a code of somebody else nothing of it is seen.
    page.open()
    page.enter(place.codes[15])
    page.at("Your choice")


def two_tabs_are_two_ballots_of_which_the_voter_keeps_one(place: Place) -> None:
    page, code, driver = place.page, place.codes[15], place.page.driver
    page.open()
    page.enter(code)
    page.choose("Trees and benches")
    page.encrypted()
    one = driver.current_window_handle
    driver.switch_to.new_window("tab")
    page.open()
    page.enter(code)
    page.at("A ballot that you encrypted before is kept on this device.")
    page.click("anew")
    page.choose("Parking spaces")
    page.encrypted()
    page.click("cast")
    page.at("Your ballot has been received")
    page.click("finish")
    driver.close()
    driver.switch_to.window(one)
    page.click("cast")
    page.at("You have voted before")
    page.shot(place.shots, "12-voted-before")
    page.click("replace")
    page.at("Your ballot has been received")
    assert "previous 000000" not in page.receipt()


def a_server_that_lies_is_refused_in_words_that_a_voter_understands(place: Place) -> None:
    page, meddler, codes = place.page, place.meddler, place.codes
    page.open()
    page.enter(codes[16])
    page.choose("Blank vote")
    page.encrypted()
    meddler.swap("/units/1/ballots", meddler.answers["/units/1/ballots"])
    page.click("cast")
    assert "no receipt of your ballot" in page.alert()
    page.shot(place.shots, "13-other-receipt")
    # The ballot box of another place answers, rightly signed.
    meddler.swap(
        "/units/1/ballots",
        meddler.answers["/units/1/ballots"],
        lambda data: data.replace(b"tion/1", b"tion/2"),
    )
    page.click("retry")
    page.until("document.getElementById('error').textContent.includes('another place')")
    page.click("retry")
    page.at("Your ballot has been received")
    page.click("finish")
    # Another manifest, and a letter of another election.
    meddler.swap("/record/manifest.json", None, lambda data: data.replace(b'"Trees"', b'"Tress"'))
    page.open()
    assert "Do not vote here" in page.alert()
    page.shot(place.shots, "14-other-manifest")
    page.open(page.address.replace("election=", "election=00"))
    assert "fingerprint is another" in page.alert()
    page.open()
    page.enter(place.codes[VOTERS])  # of the other unit
    page.choose("Blank vote")
    page.encrypted()
    page.click("cast")
    assert "Your code is for another place" in page.alert()


def the_election_is_counted_and_the_record_verifies(place: Place) -> None:
    for number in (17, 18, 19):
        place.page.vote(place.codes[number], *CHOICES[0])
    counted = place.hosted.finish()
    square = counted["Square", "all"]
    assert sum(square.values()) == VOTERS
    expected = {"Trees": 4 + 1 + 3, "Market hall": 1 + 4, "Blank": 4 + 1 + 1, "Parking": 1}
    assert dict(+square) == expected
    report = verify_record(place.hosted.record)
    assert report.verdict is not Verdict.FAIL, report


def test_a_whole_election_in_the_browser_with_everything_that_voters_and_servers_do(place: Place) -> None:
    """One election, so one test: each part goes on where the one before ended."""
    voters_vote_one_after_the_other_and_check(place)
    a_challenged_ballot_is_checked_on_a_second_device(place)
    a_reload_and_a_broken_line_lose_nothing(place)
    two_tabs_are_two_ballots_of_which_the_voter_keeps_one(place)
    a_server_that_lies_is_refused_in_words_that_a_voter_understands(place)
    the_election_is_counted_and_the_record_verifies(place)
