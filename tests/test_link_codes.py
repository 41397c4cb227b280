"""Codes of links: the same in every executor, one send's each, and made with a key that is written nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dsl.identity import DEVELOPMENT, LinkKey, link_code, links_settled
from runtime.engines import open_engine
from runtime.engines.base import Engine
from runtime.errors import InputError
from runtime.execute import Session
from runtime.links.key import VARIABLE, link_key, reserved
from runtime.reference import Data, plan
from runtime.relational import identity
from runtime.relational.loading import Kept
from runtime.relational.sql import col, named, table
from tests.banks import AT, csv, program, rows_of
from tests.ledgers import make, rows
from tests.ledgers import plan as planned
from tests.plans import held
from tests.sparks import NEEDED, spark

assert spark  # a fixture

KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
SHORT = replace(LinkKey.of(KEY), characters=2)  # 4,096 codes
SHORT_DEVELOPMENT = replace(DEVELOPMENT, characters=2)
BANK = """
brand b "B" { zone "Asia/Shanghai"; currency CNY; phones "CN"; link "https://s.example/{{ code }}"; page "https://m.example/a?x=1#/p"
  channel rcs when rich; channel wechat when yes }
customer { id key; phone phone; rich flag; yes flag }
policy p { quiet 22:00-08:00 }
campaign c "C" { policy p; kind benefit; runs 2026-03-01..2026-03-31
  page "https://m.example/c"
  audience { rich or not rich }
  start once
  message rcs else sms { text "see {{ link }}" verify face; suggest "open" link }
  confirm wechat { text "sent, see {{ link }}" }
}
campaign d "D" { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { rich }
  start once
  message sms { text "no address" }
}
campaign e "E" { policy p; kind benefit; runs 2026-03-01..2026-03-31
  audience { rich or not rich }
  start once
  message sms { text "and {{ link }}, {{ link }}" }
}
"""
PEOPLE = 120


def coded(engine: Engine, sends: list[str], key: LinkKey, attempt: int) -> list[str]:
    identity.keep_link_key(engine, key)
    engine.insert(
        "asked",
        {"n": "INTEGER", "send": "VARCHAR", "attempt": "INTEGER"},
        [(n, send, attempt) for n, send in enumerate(sends)],
    )
    code = named(identity.link_code(col("send"), col("attempt")), "code")
    query = exp.select("n", code).from_(table("asked")).join(table("link_key"), join_type="cross")
    return [one for _, one in sorted(engine.rows(query))]


SENDS = st.lists(st.text("0123456789abcdef", min_size=32, max_size=32), min_size=1, max_size=30)
KEYS = st.builds(LinkKey.of, st.text(min_size=1)), st.integers(0, 1_000)


@settings(max_examples=15, deadline=None)
@given(SENDS, *KEYS)
def test_the_embedded_engine_and_the_interpreter_make_the_same_codes(
    sends: list[str], key: LinkKey, attempt: int
) -> None:
    engine = open_engine("duckdb")
    try:
        assert coded(engine, sends, key, attempt) == [link_code(send, key, attempt) for send in sends]
    finally:
        engine.close()


@NEEDED
def test_spark_makes_the_same_codes(spark: Engine) -> None:
    sends = [f"{at:032x}" for at in range(50)]
    for key, attempt in ((LinkKey.of(KEY), 0), (DEVELOPMENT, 12), (SHORT, 3)):
        assert coded(spark, sends, key, attempt) == [link_code(send, key, attempt) for send in sends]


def test_a_code_is_sixty_bits_of_a_keyed_digest_in_the_letters_of_addresses() -> None:
    codes = {link_code(f"{at:032x}", LinkKey.of(KEY)) for at in range(2_000)}
    assert len(codes) == 2_000 and all(len(code) == 10 for code in codes)
    assert len({letter for code in codes for letter in code}) == 64
    send = "0" * 32
    assert (
        len({link_code(send, LinkKey.of(KEY)), link_code(send, DEVELOPMENT), link_code(send, LinkKey.of(KEY), 1)}) == 3
    )


def test_in_the_order_of_ids_each_send_takes_the_first_of_its_codes_that_is_free() -> None:
    sends = [f"{at:032x}" for at in range(400)]
    earlier = {link_code("0" * 32, SHORT): "x" * 32, link_code(sends[1], SHORT): sends[1]}
    codes = links_settled(reversed(sends), SHORT, earlier)
    assert len({*codes.values(), link_code("0" * 32, SHORT)}) == 401  # one each, and none of an earlier send
    assert codes[sends[0]] == link_code(sends[0], SHORT, 1) and codes[sends[1]] == link_code(sends[1], SHORT)
    assert sum(codes[send] != link_code(send, SHORT) for send in sends) > 5


def people(folder: Path) -> Data:
    customers = [
        {"id": f"k{at:03}", "phone": f"+8613800000{at:03}", "rich": at % 3 == 0, "yes": at % 2 == 0}
        for at in range(PEOPLE)
    ]
    lines = [
        ",".join(str(value).lower().replace("true", "yes").replace("false", "no") for value in one.values())
        for one in customers
    ]
    csv(folder / "customers.csv", "id,phone,rich,yes", *lines)
    csv(folder / "events/opted_out.csv", "customer,at")
    return Data(customers, {}, [])


def decided(engine: Engine, folder: Path, key: LinkKey, taken: dict[str, str]) -> tuple[list[Any], list[Any]]:
    """The outcomes and the links of a run, where earlier runs have taken some codes."""
    engine.insert("before", {"code": "VARCHAR", "send_id": "VARCHAR"}, [*taken.items()])
    kept = Kept(links=exp.select("*").from_(table("before")))
    run = Session(program(BANK), folder, engine, kept=lambda: kept, key=key).run(AT, timedelta(days=7))
    return rows_of(run), [tuple(row) for row in engine.rows(exp.select("*").from_(table("links")).order_by("send_id"))]


def same(engine: Engine, folder: Path, key: LinkKey) -> list[dict[str, Any]]:
    """The outcomes, which the engine and the interpreter agree on, with codes that earlier runs have taken."""
    data = people(folder)
    first = [row for row in plan(program(BANK), data, AT, timedelta(days=7), key) if row["outcome"] == "send"]
    taken = {link_code(first[0]["send_id"], key): "e" * 32, link_code(first[1]["send_id"], key): first[1]["send_id"]}
    meant = plan(program(BANK), data, AT, timedelta(days=7), key, taken)
    found, links = decided(engine, folder, key, taken)
    said = ("send_id", "text", "rich", "confirm_id", "confirm_text")
    assert [[row[name] for name in said] for row in found] == [[row[name] for name in said] for row in meant]
    sent = {row["send_id"]: row for row in meant if row["outcome"] == "send"}
    echoes = {row["confirm_id"]: row for row in meant if row["confirm_id"]}
    assert len({code for code, *_ in links}) == len(links) and not {code for code, *_ in links} & {
        link_code(first[0]["send_id"], key)
    }
    assert {send for _, send, *_ in links} == {send for send, row in sent.items() if row["campaign"] != "d"} | {*echoes}
    for code, send, campaign, step, page in links:
        row, address = sent.get(send) or echoes[send], f"https://s.example/{code}"
        texts = [row["confirm_text"]] if send in echoes else [row["text"], *([row["rich"]] if row["rich"] else [])]
        assert all(address in one and one.count("s.example/") == one.count(address) for one in texts)
        face = "&verify=face" if campaign == "c" and send in sent else ""
        assert (campaign, step) == (row["campaign"], "entry")
        assert page == (
            f"https://m.example/c?c={code}{face}" if campaign == "c" else f"https://m.example/a?x=1&c={code}#/p"
        )
    return meant


@pytest.mark.parametrize("key", [SHORT, LinkKey.of(KEY)], ids=["twelve bits", "sixty bits"])
def test_codes_that_collide_are_made_anew_alike(key: LinkKey, tmp_path: Path) -> None:
    engine = open_engine("duckdb")
    try:
        sends = [row for row in same(engine, tmp_path, key) if row["outcome"] == "send"]
    finally:
        engine.close()
    anew = [row for row in sends if row["campaign"] == "e" and link_code(row["send_id"], key) not in row["text"]]
    assert anew if key is SHORT else len(anew) <= 1


@NEEDED
def test_on_spark_codes_that_collide_are_made_anew_alike(spark: Engine, tmp_path: Path) -> None:
    same(spark, tmp_path, SHORT)


def test_a_ledger_keeps_each_run_s_codes_and_a_later_run_takes_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.runs.link_key", lambda program: SHORT_DEVELOPMENT)
    make(tmp_path)
    lines = [f"k{at:03},1381111{at:04},900,yes,no" for at in range(60)]
    csv(tmp_path / "data/customers.csv", "id,phone,assets,consent,wechat", *lines)
    assert planned(tmp_path, 4).exit_code == 0
    first = rows(tmp_path, "SELECT code, send_id FROM links")
    csv(
        tmp_path / "data/customers.csv",
        "id,phone,assets,consent,wechat",
        *lines,
        *("n" + one[1:].replace("1381", "1391") for one in lines),
    )
    assert planned(tmp_path, 5, out="next").exit_code == 0
    every = rows(tmp_path, "SELECT l.code, l.send_id, s.text FROM links l JOIN standing s USING (send_id)")
    assert len(first) == 120 and len(every) == len({code for code, *_ in every}) == 200  # of 4,096 codes
    anew = [send for code, send, _ in every if code != link_code(send, SHORT_DEVELOPMENT)]
    assert any(send not in {known for _, known in first} for send in anew)
    assert {(code, send) for code, send, _ in every} >= {*first}
    assert all(text.split("/")[-1] == code for code, _, text in every)


def test_the_same_run_again_has_the_same_links_and_one_taken_back_has_none(tmp_path: Path) -> None:
    from tests.plans import camp

    make(tmp_path)
    assert planned(tmp_path).exit_code == 0 and planned(tmp_path, out="again").exit_code == 0
    links = [held(tmp_path / out)["links.parquet"] for out in ("out", "again")]
    assert links[0] == links[1] and len(rows(tmp_path, "FROM links")) == 15
    customer = rows(tmp_path, "SELECT customer, send_id FROM standing JOIN links USING (send_id) ORDER BY 1")[0]
    assert (
        camp("ledger", "forget", "--customer", customer[0], "--yes", "--ledger", tmp_path / "l.duckdb").exit_code == 0
    )
    left = {send for (send,) in rows(tmp_path, "SELECT send_id FROM links")}
    assert customer[1] not in left and len(left) < 15
    assert camp("ledger", "rollback", "--yes", "--ledger", tmp_path / "l.duckdb").exit_code == 0
    assert rows(tmp_path, "FROM links") == []


REAL = BANK.replace("https://s.example/", "https://s.bank.com/")


@pytest.mark.parametrize(
    "host", ["s.example", "a.test", "b.invalid", "localhost", "x.localhost", "S.EXAMPLE", "s.example."]
)
def test_a_name_that_leads_nowhere_needs_no_key(host: str) -> None:
    assert reserved(f"https://{host}/{{{{ code }}}}") and reserved(f"https://{{{{ code }}}}.{host}/")
    assert link_key(program(BANK), {}) == DEVELOPMENT


@pytest.mark.parametrize(
    "host", ["s.bank.com", "example.com", "s.example.com", "test.cn", "notexample", "s.example@evil.com"]
)
def test_any_other_needs_one(host: str) -> None:
    assert not reserved(f"https://{host}/{{{{ code }}}}")


@pytest.mark.parametrize("key", ["", " ", "tiny", "a" * 40, "0123456789abcdef0123456789abcde"])
def test_without_a_key_or_with_a_weak_one_a_run_is_refused(key: str) -> None:
    with pytest.raises(InputError) as told:
        link_key(program(REAL), {VARIABLE: key})
    assert "`camp links key`" in (told.value.help or "") and (not key.strip() or key not in str(told.value))


def test_nothing_is_written_without_a_key_and_no_key_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    source = tmp_path / "bank/all.camp"
    source.write_text(source.read_text("utf-8").replace("https://s.example/", "https://s.bank.com/"), "utf-8")
    from tests.plans import camp

    camp("compile", tmp_path / "bank", "-o", tmp_path / "program.json")
    monkeypatch.delenv(VARIABLE, raising=False)
    refused = planned(tmp_path)
    assert refused.exit_code == 2 and f"{VARIABLE} holds none" in refused.output
    assert not (tmp_path / "out").exists() and not (tmp_path / "l.duckdb").exists()
    monkeypatch.setenv(VARIABLE, KEY)
    done = planned(tmp_path, 4, "--profile")
    assert done.exit_code == 0, done.output
    key = LinkKey.of(KEY)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] + [done.output.encode()]
    assert len(written) > 8 and not any(secret.encode() in one for one in written for secret in (KEY, key.secret))
    assert key.secret not in repr(key)
    about = json.loads((tmp_path / "out/summary.json").read_text("utf-8"))
    assert about["link_key"] == key.fingerprint != DEVELOPMENT.fingerprint
    monkeypatch.setenv(VARIABLE, KEY[::-1])
    other = planned(tmp_path, out="other")  # another request: it is no repetition of the first
    again = json.loads((tmp_path / "other/summary.json").read_text("utf-8"))
    assert other.exit_code == 0 and again["run_id"] != about["run_id"] and again["total"]["sent"] == 0
