"""The link server: nothing of a request decides where it leads, guessing is limited, and no click is lost that was answered."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.errors import InputError
from runtime.links.clicks import Clicks
from runtime.links.guessing import BURST, Guesses
from runtime.links.kinds import kind
from runtime.links.pages import Pages
from tests.banks import csv
from tests.ledgers import make, plan, rows
from tests.linked import CODES, Server, ask, clicked, follow, write
from tests.plans import camp, table

from runtime.links.app import application  # isort: skip  needs the extra

REQUESTS = int(os.environ.get("CAMP_CLICKS", "3000"))  # the acceptance list asks for 50,000
SIDE_BY_SIDE = 20


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def served(folder: Path, *asked: Any, guesses: Guesses | None = None) -> list[Any]:
    """What becomes of requests, one after the other."""
    pages, clicks = Pages([write(folder / "run")]), Clicks(folder / "clicks.sqlite")
    app = application(pages, clicks, guesses or Guesses())

    async def all_of_them() -> list[Any]:
        return [await ask(app, *(one if isinstance(one, tuple) else (one,))) for one in asked]

    try:
        return asyncio.run(all_of_them())
    finally:
        clicks.close()


def test_a_code_leads_to_its_page_and_the_click_is_kept(tmp_path: Path) -> None:
    found, head, posted = served(tmp_path, f"/{CODES[7]}", (f"/r/{CODES[8]}", "HEAD"), (f"/{CODES[9]}", "POST"))
    assert (found.status, found.headers["location"]) == (302, f"https://m.example/?c={CODES[7]}")
    assert (head.status, posted.status) == (302, 405)
    for one in (found, head, posted):
        assert one.headers["cache-control"] == "no-store" and one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["content-security-policy"].startswith("default-src 'none'")
    file = tmp_path / "clicks.sqlite"
    assert clicked(file) == [(CODES[7], "human"), (CODES[8], "preview")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(file)) as db:
        assert [row[1] for row in db.execute("PRAGMA table_info(clicks)")] == ["id", "code", "at", "kind"]


PATHS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["//evil.example", "/\\evil.example", "/https://evil.example", "/..//evil.example", "/health/", "/%2f%2fevil"]
    ),
    st.builds(
        "/{}/{}".format,
        st.sampled_from(CODES[:3]),
        st.sampled_from(["", "..", "//evil.example", "?x", "\n", "%0d%0aSet-Cookie"]),
    ),
)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("links")
    clicks = Clicks(folder / "clicks.sqlite")
    yield application(Pages([write(folder / "run")]), clicks, Guesses(Clock()))
    clicks.close()


@settings(max_examples=60, deadline=None)
@given(PATHS, st.sampled_from(["host", "x-forwarded-host", "referer", "origin"]))
def test_nothing_of_a_request_decides_where_it_leads(everything: Any, path: str, header: str) -> None:
    path = path if path.startswith("/") else f"/{path}"
    client = f"c{hash((path, header))}"  # each with guesses of its own
    found = asyncio.run(ask(everything, path, client=client, **{header: "evil.example"}))
    code = path.rpartition("/")[2]
    if code in CODES:
        assert found.headers["location"] == f"https://m.example/?c={code}"
    else:
        assert found.status in (200, 404) and "location" not in found.headers


def test_guessing_is_limited_for_each_client(tmp_path: Path) -> None:
    clock = Clock()
    guesses, guess = Guesses(clock), ("/aaaaaaaaaa", "GET", "10.0.0.1")
    found = served(
        tmp_path,
        *[guess] * (BURST + 5),
        (f"/{CODES[0]}", "GET", "10.0.0.1"),
        (f"/{CODES[0]}", "GET", "10.0.0.2"),
        guesses=guesses,
    )
    assert [one.status for one in found] == [404] * BURST + [429] * 6 + [302]
    assert found[BURST].headers["retry-after"] == "1"
    assert clicked(tmp_path / "clicks.sqlite") == [(CODES[0], "human")]
    clock.now += 1
    assert guesses.wait("10.0.0.1") == 0 and guesses.wait("10.0.0.2") == 0


def test_a_network_of_ipv6_is_one_client_and_addresses_are_not_kept() -> None:
    guesses = Guesses(Clock())
    for at in range(BURST):
        guesses.missed(f"2001:db8::{at:x}")
    assert guesses.wait("2001:db8::ffff") == 1 and guesses.wait("2001:db8:0:1::1") == 0
    assert not any(b"2001" in name or b"\x20\x01\x0d\xb8" in name for name in guesses._left)


HUMANS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.49",
    "Mozilla/5.0 (Linux; U; Android 13; Mi 10) AppleWebKit/537.36 Chrome/109.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/17.8",
)
PREVIEWS = (
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
)
BOTS = (
    "",
    "curl/8.5.0",
    "python-requests/2.32",
    "Go-http-client/1.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0 Safari/537.36",
)


@pytest.mark.parametrize(
    ("agent", "is_"),
    [(one, name) for many, name in ((HUMANS, "human"), (PREVIEWS, "preview"), (BOTS, "bot")) for one in many],
)
def test_headers_tell_humans_from_previews_and_bots(agent: str, is_: str) -> None:
    assert kind("GET", {"user-agent": agent}) == is_
    assert kind("HEAD", {"user-agent": agent}) == "preview"


@pytest.mark.parametrize(
    "early",
    [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch"), ("x-moz", "prefetch"), ("x-purpose", "preview")],
)
def test_what_is_fetched_before_anybody_asks_is_a_preview(early: tuple[str, str]) -> None:
    assert kind("GET", {"user-agent": HUMANS[0], early[0]: early[1]}) == "preview"


def test_a_click_that_cannot_be_kept_is_not_answered_with_its_page(tmp_path: Path) -> None:
    clicks = Clicks(tmp_path / "clicks.sqlite")
    app = application(Pages([write(tmp_path / "run")]), clicks, Guesses())
    with closing(sqlite3.connect(tmp_path / "clicks.sqlite")) as other:
        other.execute("DROP TABLE clicks")
        other.commit()
    found = asyncio.run(ask(app, f"/{CODES[0]}"))
    clicks.close()
    assert (found.status, found.headers["retry-after"], "location" in found.headers) == (503, "5", False)


def test_links_of_further_runs_are_there_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.links.pages._EVERY", 0.02)
    pages, told = Pages([write(tmp_path / "runs/one", CODES[:2]).parent]), []
    pages.watch(told.append)

    async def appears(code: str) -> bool:
        for _ in range(500):
            if pages.page(code):
                return True
            await asyncio.sleep(0.02)
        return False

    assert pages.page(CODES[0]) and pages.page(CODES[5]) is None
    write(tmp_path / "runs/two", CODES[5:6], "https://m.example/?x=1&c=")
    assert asyncio.run(appears(CODES[5]))
    assert pages.page(CODES[5]) == f"https://m.example/?x=1&c={CODES[5]}" and pages.page(CODES[0])
    pages.close()
    assert told == []


@pytest.mark.parametrize(
    "page", ["http://m.example/?c=", "javascript:alert(1)//c=", "https://m.example/\r\nX: y?c=", "//evil.example/?c="]
)
def test_a_file_that_leads_elsewhere_is_refused(page: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds what is no link"):
        Pages([write(tmp_path / "run", CODES[:1], page)])


def test_what_cannot_be_served_is_told(tmp_path: Path) -> None:
    (tmp_path / "clicks.sqlite").write_text("no database at all, but long enough to be looked at" * 20)
    for named in (
        ("--links", tmp_path / "nowhere"),
        ("--links", write(tmp_path / "run"), "--clicks", tmp_path / "clicks.sqlite"),
    ):
        done = camp("links", "serve", "--port", "0", *named)
        assert done.exit_code == 2 and done.output.startswith("error: "), done.output


def test_no_click_is_lost_that_was_answered(tmp_path: Path) -> None:
    """Killed in the middle, and begun again on the same file; then ended as a service is."""
    run, clicks, answered = write(tmp_path / "run"), tmp_path / "clicks.sqlite", []
    wanted = [CODES[at % len(CODES)] for at in range(REQUESTS)]

    async def half(server: Server, codes: list[str], kill_at: int | None) -> None:
        before = len(answered)
        asked = [
            asyncio.create_task(follow(server.port, codes[at::SIDE_BY_SIDE], answered)) for at in range(SIDE_BY_SIDE)
        ]
        while kill_at is not None and len(answered) - before < kill_at and not any(one.done() for one in asked):
            await asyncio.sleep(0.005)
        if kill_at is not None:
            server.process.kill()
        await asyncio.gather(*asked)

    first = Server(run, clicks)
    asyncio.run(half(first, wanted, REQUESTS // 2))
    first.stop(signal.SIGKILL)
    kept = Counter(code for code, _ in clicked(clicks))
    assert REQUESTS // 2 <= len(answered) < REQUESTS and not Counter(answered) - kept
    assert kept.total() <= len(answered) + SIDE_BY_SIDE  # what was under way may be kept, and not answered
    second = Server(run, clicks, first.port)
    asyncio.run(half(second, wanted[len(answered) :], None))
    assert second.stop(signal.SIGTERM) == 143
    every = Counter(code for code, _ in clicked(clicks))
    assert len(answered) == REQUESTS and not Counter(answered) - every and every.total() <= REQUESTS + SIDE_BY_SIDE


def test_the_ledger_takes_in_the_clicks_of_humans_once(tmp_path: Path) -> None:
    make(tmp_path)
    assert plan(tmp_path).exit_code == 0
    links = table(tmp_path, "links")
    clicks = tmp_path / "heard/clicks.sqlite"
    pages, kept = Pages([tmp_path / "out"]), Clicks(clicks)
    app = application(pages, kept, Guesses())

    async def click() -> None:
        for code in (links[0]["code"], links[0]["code"], links[1]["code"]):
            assert (await ask(app, f"/{code}")).status == 302
        await ask(app, f"/{links[2]['code']}", user_agent="curl/8")
        await kept.record("zzzzzzzzzz", "human")  # of a link that another ledger knows

    asyncio.run(click())
    kept.close()
    ledger = ("--ledger", tmp_path / "l.duckdb")
    first = camp("ingest", tmp_path / "program.json", "clicked", clicks, *ledger)
    assert first.exit_code == 1 and "4 rows: 3 new events, 0 known already" in first.output, first.output
    assert "1 refused: is the code of no link that the ledger knows" in first.output
    assert rows(tmp_path, 'SELECT event, "row", "value" FROM unheard') == [("clicked", 5, "zzzzzzzzzz")]
    again = camp("ingest", tmp_path / "program.json", clicks.parent, *ledger)
    assert "4 rows: 0 new events, 3 known already" in again.output, again.output
    heard = rows(tmp_path, "SELECT send_id, customer, count(*) FROM event_clicked GROUP BY ALL ORDER BY 3")
    whose = dict(rows(tmp_path, "SELECT send_id, customer FROM standing WHERE send_id IS NOT NULL"))
    whose |= dict(rows(tmp_path, "SELECT confirm_id, customer FROM standing WHERE confirm_id IS NOT NULL"))
    assert {(send, count) for send, _, count in heard} == {(links[0]["send_id"], 2), (links[1]["send_id"], 1)}
    assert all(whose[send] == customer for send, customer, _ in heard)
    wrong = camp("ingest", tmp_path / "program.json", "view", clicks, *ledger)
    assert wrong.exit_code == 2 and "holds clicks" in wrong.output


def test_the_ledger_s_links_are_given_out_and_served(tmp_path: Path) -> None:
    make(tmp_path)
    csv(tmp_path / "data/events/view.csv", "customer,at,page")
    plan(tmp_path)
    plan(tmp_path, 5)  # what the first run sent is in no later folder
    first = rows(tmp_path, "SELECT code, page FROM links")
    for name in ("all.parquet", "all.csv"):
        assert camp("links", "export", tmp_path / name, "--ledger", tmp_path / "l.duckdb").exit_code == 0
        pages = Pages([tmp_path / name])
        assert len(first) == len(pages) > 8 and all(pages.page(code) == page for code, page in first)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_key_is_made_anew_each_time() -> None:
    made = {camp("links", "key").output.strip() for _ in range(3)}
    assert len(made) == 3 and all(len(one) >= 40 for one in made)
