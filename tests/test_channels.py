"""Channels by hand: which of two reaches a customer, what each carries and costs, and who is a recipient."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dsl import identity
from tests.hand import BANK, ENTRY, brief, campaign, decide, past, person, told

PLAIN = 'message {} {{ text "{}" }}'
CASES: list[tuple[str, dict[str, Any], tuple[str | None, str | None, str | None]]] = [
    # the message's channels, what is known of the customer, and channel, fallback and reason
    ("rcs else sms", {"rich": True}, ("rcs", "sms", None)),
    ("rcs else sms", {"rich": False}, ("sms", None, None)),
    ("rcs else sms", {"rich": None}, ("sms", None, None)),  # a flag that is missing does not hold
    ("rcs else sms", {"rich": True, "phone": None}, ("rcs", None, "no_address")),
    ("rcs", {"rich": False}, ("rcs", None, "no_address")),
    ("rcs", {"rich": True}, ("rcs", None, None)),
    ("sms else wechat", {"bound": True}, ("sms", "wechat", None)),
    ("sms else wechat", {"bound": True, "phone": None}, ("wechat", None, None)),
    ("sms else wechat", {"bound": False, "phone": None}, ("sms", None, "no_address")),
    ("wechat", {"bound": True, "phone": None}, ("wechat", None, None)),
    ("wechat", {"bound": None}, ("wechat", None, "no_address")),
    ("wechat else sms", {"bound": True}, ("wechat", "sms", None)),
    ("wechat else sms", {"bound": True, "phone": None}, ("wechat", None, None)),
    ("wechat else sms", {"bound": False}, ("sms", None, None)),
]


@pytest.mark.parametrize(("channels", "known", "expected"), CASES)
def test_the_first_of_two_that_reaches(
    channels: str, known: dict[str, Any], expected: tuple[str | None, str | None, str | None]
) -> None:
    (row,) = decide(campaign(message=PLAIN.format(channels, "Hi")), people=[person(**known)])
    assert (row["channel"], row["fallback"], row["reason"]) == expected
    if row["outcome"] == "send":
        assert row["send_id"] == identity.send_id("c", "entry", "1", "1", row["channel"])


@pytest.mark.parametrize(
    ("channels", "known", "segments", "cost"),
    [  # 71 characters of UCS-2 take two segments
        ("sms", {}, 2, "0.10"),
        ("rcs else sms", {"rich": True}, 2, "0.12"),  # the sender may have to fall back
        ("rcs else sms", {}, 2, "0.10"),
        ("rcs", {"rich": True}, None, "0.12"),
        ("wechat", {"bound": True}, None, "0.01"),
        ("wechat else sms", {"bound": True}, 2, "0.01"),
        ("wechat else sms", {"bound": True, "phone": None}, None, "0.01"),
    ],
)
def test_segments_and_their_limit_matter_where_an_sms_may_go(
    channels: str, known: dict[str, Any], segments: int | None, cost: str
) -> None:
    text = campaign(message=PLAIN.format(channels, '{{ customer.name | default("") }}'))
    people = [person(name="好" * 71, **known)]
    (row,) = decide(text, "limit 2 segments", people=people)
    assert (row["segments"], row["cost"], row["outcome"]) == (segments, Decimal(cost), "send")
    (row,) = decide(text, "limit 1 segments", people=people)
    assert row["reason"] == (None if segments is None else "too_long")


# ---- what a rich message carries
def test_a_card_and_its_buttons_as_json() -> None:
    card = 'card { title "{{ customer.name | default("T") }}"; text "三步"; image "https://x.example/a.png" }'
    buttons = 'suggest "去看" link; suggest "人工" reply'
    text = campaign(message=f'message rcs else sms {{ benefit "Hi"; {card}; {buttons} }}')
    (row,) = decide(text, people=[person(rich=True, name="王")])
    link = f"https://x.example/{identity.link_code(row['send_id'], identity.DEVELOPMENT)}"
    assert row["rich"] == (
        '{"card": {"image": "https://x.example/a.png", "text": "三步", "title": "王"}, '
        f'"suggestions": [{{"action": "link", "address": "{link}", "label": "去看"}}, {{"action": "reply", "label": "人工"}}]}}'
    )
    (plain,) = decide(text, people=[person(rich=False, name="王")])
    assert plain["rich"] is None and plain["text"] == row["text"] == "Hi"
    assert plain["send_id"] != row["send_id"]


def test_a_card_alone_is_told_in_words_on_both() -> None:
    text = campaign(message='message rcs else sms { card { title "三步"; text "完成" }; suggest "去看" link }')
    words = []
    for rich in (True, False):
        (row,) = decide(text, people=[person(rich=rich)])
        code = identity.link_code(row["send_id"], identity.DEVELOPMENT)
        words.append(row["text"].replace(code, "CODE"))
        assert (row["rich"] is not None) is rich and code in row["text"]
    assert words[0] == words[1] and words[0].startswith("三步") and "去看 https://x.example/CODE" in words[0]


def test_without_card_and_buttons_there_is_nothing_rich() -> None:
    (row,) = decide(campaign(message=PLAIN.format("rcs", "Hi")), people=[person(rich=True)])
    assert row["rich"] is None and row["text"] == "Hi"


@pytest.mark.parametrize(
    ("word", "name", "expected"),
    [
        ("秒批", "秒", True),  # completed on the card
        ("秒批", "秒\x1f", True),  # what the words of a card are parted by, in a value
        ("秒批", "分", False),
        ("title", "秒", False),  # how the card is written down is not what a customer reads
        ("reply", "秒", False),
        ("批去", "秒", False),  # nor do words of two places make one
    ],
)
def test_banned_words_are_looked_for_where_a_customer_reads(word: str, name: str, expected: bool) -> None:
    card = 'card { title "{{ customer.name | default("") }}批" }; suggest "去看" reply'
    text = campaign(message=f'message rcs {{ benefit "Hi"; {card} }}')
    (row,) = decide(text, f'ban "{word}" because "x"', people=[person(rich=True, name=name)])
    assert row["reason"] == ("banned_word" if expected else None)


def test_how_the_page_behind_the_link_asks() -> None:
    for clause, expected in ((" verify face", "face"), ("", None)):
        text = campaign(message=f'message sms {{ benefit "Hi"; action "去 {{{{ link }}}}"{clause} }}')
        assert brief(decide(text), "verify") == [expected]


# ---- recipients
def test_without_a_phone_the_customer_is_the_recipient_that_caps_count_by() -> None:
    text = campaign(message=PLAIN.format("wechat", "Hi"))
    alone = [person(phone=None, bound=True)]
    assert brief(decide(text, people=alone), "recipient", "channel") == [("1", "wechat")]
    sent = past("2026-03-04 08:00", campaign="gone", channel="wechat")  # its recipient is not told: the customer
    other = sent | {"customer": "2"}
    for ledger, expected in (
        ([sent], "suppressed cap"),
        ([other], "send"),
        ([sent | {"recipient": "1"}], "suppressed cap"),
    ):
        rows = decide(text, "cap 1 per day", people=alone, ledger=ledger)
        assert told(rows, ENTRY)[0].startswith(expected)


def test_a_phone_counts_whatever_the_channel() -> None:
    """Who got an SMS today gets no other message by wechat where one is the cap."""
    both = campaign(message=PLAIN.format("wechat", "Hi")) + campaign(name="d", body="start once; priority 9")
    rows = decide(both, "cap 1 per day", people=[person(bound=True)])
    assert brief(rows, "campaign", "recipient", "outcome") == [
        ("c", "+8613800000001", "suppressed"),
        ("d", "+8613800000001", "send"),
    ]


def test_two_customers_of_one_phone_are_reached_by_wechat_each_and_by_that_phone_once() -> None:
    shared = [person("1", bound=True), person("2", bound=True, phone="+8613800000001")]
    both = decide(campaign(message=PLAIN.format("wechat else sms", "Hi")), people=shared)
    # the fallback goes to no phone of somebody else's
    assert brief(both, "customer", "channel", "fallback") == [("1", "wechat", "sms"), ("2", "wechat", None)]
    assert brief(decide(campaign(message=PLAIN.format("rcs else sms", "Hi")), people=shared), "reason") == [
        None,
        "duplicate_address",
    ]


def test_what_nobody_has_priced_costs_nothing_that_a_budget_knows() -> None:
    text, bound = campaign(body="start once; budget 0 CNY", message=PLAIN.format("wechat", "Hi")), [person(bound=True)]
    assert brief(decide(text, people=bound), "outcome", "cost") == [("deferred", None)]
    unpriced = BANK.replace("cost wechat 0.01 CNY; ", "")
    assert brief(decide(text, people=bound, bank=unpriced), "outcome", "cost") == [("send", None)]
