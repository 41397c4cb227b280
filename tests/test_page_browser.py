"""The page in a headless Chromium: nothing is loaded, nothing runs that should not, and it fits a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.page import page
from runtime.page.visible import visible
from tests import pages
from tests.browsers import Browser, chromium

MADE = {"rich": pages.rich, "empty": pages.empty, "hostile": pages.hostile}
# Elements that stick out of the page, and are in no box of their own that scrolls.
STICKING = """[...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1
  && !one.closest(".scroll") && !one.closest("select") && !one.closest(".defs")).map(one => one.tagName + "." + one.classList)"""
# Labels of a chart that lie over one another.
OVERLAPPING = """[...document.querySelectorAll("svg")].flatMap(chart => {
  const texts = [...chart.querySelectorAll("text")].filter(one => one.textContent);
  const boxes = texts.map(one => [one.textContent, one.getBoundingClientRect()]);
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4;
  return boxes.flatMap(([said, a], at) => boxes.slice(at + 1).filter(([, b]) => over(a, b)).map(([other]) => said + "/" + other));
})"""
SMALL = """[...document.querySelectorAll("body :not(script)")].filter(one => !one.children.length && one.textContent.trim()
  && parseFloat(getComputedStyle(one).fontSize) < 12).map(one => one.tagName + " " + one.textContent)"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for name, report in MADE.items():
        for lang in ("en", "zh"):
            (made / f"{name}.{lang}.html").write_text(page(report(), lang), encoding="utf-8")
    return made


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", list(MADE))
def test_a_page_is_quiet_and_fits(name: str, lang: str, browser: Browser, folder: Path) -> None:
    """At two widths: no error and no word on the console, one request (its own), no dialog, nothing beside the page."""
    file = folder / f"{name}.{lang}.html"
    for width in (390, 1280):
        browser.show(file, width, dark=lang == "zh")
        assert [one["request"]["url"] for one in browser.told("Network.requestWillBeSent")] == [file.as_uri()]
        for event in (
            "Log.entryAdded",
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Page.javascriptDialogOpening",
        ):
            assert browser.told(event) == []
        assert browser.value("document.documentElement.scrollWidth") <= width
        assert browser.value("document.scripts.length") == 1 and browser.value("document.images.length") == 0
        assert browser.value(STICKING) == []
        assert browser.value(SMALL) == []
        assert browser.value(OVERLAPPING) == []


def test_names_that_mean_harm_are_read_as_they_are(browser: Browser, folder: Path) -> None:
    browser.show(folder / "hostile.en.html")
    shown = [" ".join(visible(one).split()) for one in pages.HARM]
    assert browser.value("[...document.querySelectorAll('h3')].map(one => one.innerText.trim())")[: len(shown)] == shown
    assert browser.value("[...document.querySelectorAll('option')].slice(1).map(one => one.text)") == shown
    outside = "[...document.querySelectorAll('a')].filter(one => !one.getAttribute('href').startsWith('#')).length"
    assert browser.value(outside) == 0


def test_one_campaign_can_be_chosen(browser: Browser, folder: Path) -> None:
    browser.show(folder / "rich.en.html")
    parts = "[...document.querySelectorAll('[data-campaign]')].filter(one => !one.hidden)"
    seen = f"[...new Set({parts}.map(one => one.dataset.campaign))]"
    everything = browser.value(seen)
    assert (
        everything == ["1", "2", "3", "4", "5"] and browser.value("document.getElementById('chooser').hidden") is False
    )
    browser.value(
        "{ const one = document.querySelector('select'); one.value = '2'; one.dispatchEvent(new Event('change')) }"
    )
    assert browser.value(seen) == ["2"]
    # The second has messages, and no experiment, which is said.
    silent = (
        "[...document.querySelectorAll('[data-nothing]')].filter(one => !one.hidden).map(one => one.parentElement.id)"
    )
    assert browser.value(silent) == ["experiments"]
    # A link to one that is hidden shows it.
    browser.value(
        "new Promise(done => { addEventListener('hashchange', done, {once: true}); location.hash = 'campaign-1' })",
        wait=True,
    )
    assert browser.value(silent) == []
    assert browser.value(seen) == ["1"] and browser.value("document.querySelector('select').value") == "1"


def test_without_a_script_everything_is_there(browser: Browser, folder: Path) -> None:
    browser.show(folder / "rich.en.html", script=False)
    root = browser.ask("DOM.getDocument", depth=1)["root"]["nodeId"]
    found = browser.ask("DOM.querySelectorAll", nodeId=root, selector="[data-campaign][hidden]")["nodeIds"]
    assert (
        found == [] and len(browser.ask("DOM.querySelectorAll", nodeId=root, selector="[data-campaign]")["nodeIds"]) > 5
    )


def test_what_is_put_in_runs_nothing(browser: Browser, folder: Path, tmp_path: Path) -> None:
    """Were a text let through after all: the page's policy stops what it would run or load, and this test would hear of it."""
    written = (folder / "rich.en.html").read_text(encoding="utf-8")
    put = (
        '<img src="http://127.0.0.1:9/x.png"><script>document.title = "run"</script><p style="color: red">x</p></main>'
    )
    (tmp_path / "put.html").write_text(written.replace("</main>", put), encoding="utf-8")
    browser.show(tmp_path / "put.html")
    assert browser.value("document.title") != "run"
    assert len([one for one in browser.told("Log.entryAdded") if one["entry"]["source"] == "security"]) >= 3
    blocked = [one["blockedReason"] for one in browser.told("Network.loadingFailed") if "blockedReason" in one]
    assert blocked and set(blocked) == {"csp"}
