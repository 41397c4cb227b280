"""Reports for tests of their page, made by hand: one that has everything, one that has nothing, one whose names mean harm."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from runtime.experiments.model import Comparison, Experiment, Group, Ratio
from runtime.results.model import (
    Bubble,
    CalendarDay,
    CampaignResult,
    CapUse,
    Hours,
    Measured,
    Report,
    Share,
    Stage,
    Totals,
    Touched,
    Way,
)

ZONE = ZoneInfo("Asia/Shanghai")
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=ZONE), datetime(2026, 4, 1, tzinfo=ZONE)
HARM = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    '"><img src=x onerror=alert(2)>',
    "\u202eevil\u202c name",
    "W" * 200,
    "</style></title><svg onload=alert(3)>",
    "{{ 7 * 7 }} ${7*7} &lt;b&gt; \x00\x1b[31m",
    "javascript:alert(4)",
)


def share(count: int, of: int) -> Share:
    """With bounds that are near enough for a page."""
    part, room = count / of, 1.96 * math.sqrt(0.25 / of)
    return Share(count=count, of=of, low=max(0.0, part - room), high=min(1.0, part + room))


def way(*reached: int, by: str = "all", group: str = "", funnel: str = "", title: str = "") -> Way:
    names = ["sent", "delivered", "clicked", "rate_query", "loan_calculator", "loan_applied", "loan_funded"]
    titles = ["Sent", "Delivered", "Clicked", "查询利率", "使用计算器", "提交申请", "放款"]
    stages = tuple(
        Stage(
            name=names[at], title=titles[at], reached=count,
            kept=share(count, reached[at - 1]) if at and reached[at - 1] else None,
        )
        for at, count in enumerate(reached)
    )  # fmt: skip
    lost = [reached[at - 1] - count for at, count in enumerate(reached) if at]
    drop = lost.index(max(lost)) + 1 if lost and max(lost) else None
    return Way(funnel=funnel, title=title, by=by, group=group, stages=stages, drop=drop)


def totals(sent: int, goals: int | None = None) -> Totals:
    cost = Decimal(sent) * Decimal("0.045")
    return Totals(
        planned=sent + sent // 9, sent=sent, delivered=sent * 97 // 100, clicked=sent * 13 // 100, replied=sent // 60,
        opted_out=sent // 250, held_out=sent // 20, cancelled=sent // 40, cost=cost, goals=goals,
        cost_per_goal=cost / goals if goals else None,
    )  # fmt: skip


def arms() -> Experiment:
    return Experiment(
        kind="arms",
        groups=(
            Group(name="benefit", share=Decimal("0.4"), people=4012, reached=318),
            Group(name="trust", share=Decimal("0.4"), people=3987, reached=241),
            Group(name="action", share=Decimal("0.2"), people=2001, reached=131),
        ),
        comparisons=(
            Comparison(
                group="benefit", against="trust", lift=0.0188, low=0.0031, high=0.0345, level=0.975, relative=0.31,
                verdict="better", more=None,
            ),
            Comparison(
                group="action", against="trust", lift=0.005, low=-0.014, high=0.024, level=0.975, relative=0.083,
                verdict="cannot tell", more=3100,
            ),
        ),
        ratio=Ratio(fine=True, evidence=0.04),
    )  # fmt: skip


def holdout() -> Experiment:
    return Experiment(
        kind="holdout",
        groups=(
            Group(name="treated", share=Decimal("0.9"), people=9300, reached=640),
            Group(name="holdout", share=Decimal("0.1"), people=700, reached=61),
        ),
        comparisons=(
            Comparison(
                group="treated", against="holdout", lift=-0.0183, low=-0.0362, high=-0.0004, level=0.95, relative=-0.21,
                verdict="worse", more=None,
            ),
        ),
        ratio=Ratio(fine=False, evidence=48211.0),
    )  # fmt: skip


def fast_lane() -> CampaignResult:
    loan = {"funnel": "loan", "title": "贷款漏斗"}
    return CampaignResult(
        name="fast_lane", title="快速审批通道", product="consumer_loan", totals=totals(12_480, 690),
        ways=(
            way(12_480, 12_105, 1_622, 1_204, 902, 690, 311, **loan),
            way(8_000, 7_800, 1_100, 860, 640, 480, 215, by="step", group="entry", **loan),
            way(4_480, 4_305, 522, 344, 262, 210, 96, by="step", group="remind", **loan),
            way(5_000, 4_850, 810, 640, 470, 360, 160, by="arm", group="benefit", **loan),
            way(4_980, 4_830, 560, 400, 300, 230, 103, by="arm", group="trust", **loan),
            way(2_500, 2_425, 252, 164, 132, 100, 48, by="arm", group="action", **loan),
            way(7_300, 7_110, 1_002, 800, 600, 460, 210, by="segment", group="高净值客户", **loan),
            way(5_180, 4_995, 620, 404, 302, 230, 101, by="segment", group="dormant", **loan),
            way(10_000, 9_700, 1_250, 900, 680, 520, 231, by="channel", group="sms", **loan),
            way(2_480, 2_405, 372, 304, 222, 170, 80, by="channel", group="rcs", **loan),
        ),
        measures=(
            Measured(name="approval", title="审批通过率", share=share(311, 690), count=311, cost_each=None),
            Measured(name="cpa", title="Cost per funded loan", share=None, count=311, cost_each=Decimal("1.8058")),
            Measured(name="satisfied", title="满意度", share=share(178, 208), count=178, cost_each=None),
        ),
        experiments=(arms(), holdout()),
    )  # fmt: skip


def control() -> Experiment:
    """Its global group exists since yesterday: nobody's time is over."""
    groups = (
        Group(name="treated", share=Decimal("0.98"), people=0, reached=0),
        Group(name="control", share=Decimal("0.02"), people=0, reached=0),
    )
    return Experiment(kind="control", groups=groups, comparisons=(), ratio=Ratio(fine=True, evidence=1.0))


def other(name: str, title: str, sent: int) -> CampaignResult:
    return CampaignResult(
        name=name, title=title, product=None, totals=totals(sent), ways=(way(sent, sent * 97 // 100, sent * 13 // 100),),
        measures=(), experiments=(),
    )  # fmt: skip


def planned() -> CampaignResult:
    """Nothing of it has gone yet."""
    measures = (
        Measured(
            name="approval", title="审批通过率", share=Share(count=0, of=0, low=0, high=1), count=0, cost_each=None
        ),
        Measured(name="visits", title="", share=None, count=12, cost_each=None),
    )
    return CampaignResult(
        name="april_offer", title="", product="consumer_loan", totals=totals(0).model_copy(update={"planned": 2979}), ways=(),
        measures=measures, experiments=(control(),),
    )  # fmt: skip


def hours(product: str, title: str, size: int) -> Hours:
    """A week with sends by day, and a best hour in the evening of Wednesday."""
    sent = tuple(
        tuple(size - 3 * day + hour % 5 if 9 <= hour < 21 else 4 if hour == 8 else 0 for hour in range(24))
        for day in range(7)
    )
    clicked = tuple(
        tuple(
            int(count * (0.05 + 0.15 * math.exp(-((hour - 19) ** 2) / 9 - (day - 2) ** 2 / 12)))
            for hour, count in enumerate(row)
        )
        for day, row in enumerate(sent)
    )
    return Hours(product=product, title=title, sent=sent, clicked=clicked)


def touched() -> Touched:
    cells = tuple(
        tuple(
            round(90 * math.exp(-((row - 11) ** 2) / 5 - (column - 4.5) ** 2 / 8)) + (3 if row == 1 else 0)
            for column in range(10)
        )
        for row in range(16)
    )
    return Touched(event="page_touch", page="loan/apply", width=390, height=624, cells=cells, outside=17)


def days(disturbed: bool = True) -> tuple[CalendarDay, ...]:
    quiet = tuple(hour < 8 or hour >= 22 for hour in range(24))
    found = []
    for at in range(31):
        day = date(2026, 3, 1) + timedelta(days=at)
        base = 0 if day.weekday() == 6 else 60 + (at * 37) % 90
        sends = [base * (4 if hour in (10, 19) else 1) if 9 <= hour < 21 else 0 for hour in range(24)]
        if disturbed and at == 11:
            sends[22] = 40
        found.append(CalendarDay(day=day, sends=tuple(sends), quiet=quiet))
    return tuple(found)


def bubble(channel: str, text: str, **more: object) -> Bubble:
    known: dict[str, object] = {
        "campaign": "fast_lane", "step": "entry", "arm": None, "segments": None, "rich": None, "confirm_channel": None,
        "confirm_text": None,
    }  # fmt: skip
    return Bubble.model_validate(known | more | {"channel": channel, "text": text})


def bubbles() -> tuple[Bubble, ...]:
    text = (
        "【邮银】王**，消费贷快速审批通道为您开放，最高30万，年化利率3.8%。进度随时可查，结果以审批为准，点击申请 "
        "https://yl.example/aB3dE6gH9k 拒收请回复R"
    )
    english = (
        "Dear Ms W**, your fast lane for a consumer loan is open: up to 300,000 CNY at 3.8% a year. Follow the progress "
        "at any time. Apply at https://yl.example/aB3dE6gH9k or reply R to opt out."
    )
    card = {
        "title": "快速审批通道", "text": "最高30万，年化利率3.8%，三分钟出结果。", "image": "https://img.example/loan-card.png",
        "video": "https://img.example/how-it-works.mp4",
    }  # fmt: skip
    buttons = [
        {"action": "link", "label": "立即申请", "address": "https://yl.example/aB3dE6gH9k"},
        {"action": "reply", "label": "稍后提醒我"},
    ]
    return (
        bubble("sms", text, arm="benefit", segments=2),
        bubble("sms", english, arm="trust", segments=2, step="remind"),
        bubble("rcs", "快速审批通道，最高30万。", rich={"card": card, "suggestions": buttons}),
        bubble(
            "wechat", "王**，您的存款将于3月12日到期。\n续存利率 1.9%，点击查看。", campaign="renewal",
            confirm_channel="sms", confirm_text="【邮银】我们已通过微信向您发送到期提醒。",
        ),
        bubble("task", "Call C0****: deposit of 500,000 CNY matures on 12 March.", campaign="renewal", step="visit"),
    )  # fmt: skip


def rich() -> Report:
    return Report(
        brand="邮银示范银行", currency="CNY", zone="Asia/Shanghai", program="4f3c2a9b8e7d6c5b" * 4, since=SINCE, until=UNTIL,
        totals=totals(45_211, 690),
        campaigns=(
            fast_lane(),
            other("renewal", "定期存款到期续存提醒", 21_930),
            planned(),
            other("notice", "Branch is closed on 5 April", 90).model_copy(update={"ways": (way(90, 90),)}),
            other("spring_promo", "Spring promotion for new card holders in the whole region", 10_801),
        ),
        hours=(hours("consumer_loan", "消费贷", 240), hours("", "", 60), hours("fund", "基金", 0)),
        touched=(touched(), Touched(event="page_touch", page="home", width=390, height=844, cells=((0,) * 6,) * 12, outside=0)),
        calendar=days(),
        caps=(
            CapUse(policy="cn_bank_marketing", rule="policy.camp:12", said="at most 3 messages in any 7 days", most=3,
                   people=(9_120, 6_240, 2_204, 911), refused=1_408),
            CapUse(policy="cn_bank_marketing", rule="policy.camp:13", said="每自然年不超过 60 条营销短信", most=60,
                   people=tuple(9000 // (at + 1) for at in range(61)), refused=0),
        ),
        bubbles=bubbles(),
    )  # fmt: skip


def empty() -> Report:
    nothing = Totals(
        planned=0, sent=0, delivered=0, clicked=0, replied=0, opted_out=0, held_out=0, cancelled=0, cost=None, goals=None,
        cost_per_goal=None,
    )  # fmt: skip
    return Report(
        brand="Empty Bank", currency="EUR", zone="UTC", program="0" * 64, since=SINCE, until=UNTIL + timedelta(hours=9),
        totals=nothing, campaigns=(), hours=(), touched=(), calendar=(), caps=(), bubbles=(),
    )  # fmt: skip


def hostile() -> Report:
    """Every text of the rich report that a user chooses is one of those that mean harm, each at least once in each place."""
    return Report(
        brand=" ".join(HARM), currency=HARM[0], zone=HARM[2], program=HARM[2], since=SINCE, until=UNTIL, totals=totals(5, 1),
        campaigns=tuple(_harmed(one) for one in HARM),
        hours=tuple(hours(one, one, 40).model_copy(update={"title": one}) for one in HARM[:3]),
        touched=tuple(touched().model_copy(update={"event": one, "page": one}) for one in HARM),
        calendar=days(disturbed=False),
        caps=tuple(CapUse(policy=one, rule=one, said=one, most=1, people=(3, 2), refused=1) for one in HARM),
        bubbles=tuple(
            bubble(channel, one, campaign=one, step=one, arm=one, confirm_channel=one, confirm_text=one, segments=1,
                   rich={"card": {"title": one, "text": one, "image": one, "video": one},
                         "suggestions": [{"action": "link", "label": one, "address": one}]} if channel == "rcs" else None)
            for one in HARM for channel in ("sms", "rcs", "wechat", one)
        ),
    )  # fmt: skip


def _harmed(name: str) -> CampaignResult:
    stage = Stage(name=name, title=name, reached=5, kept=None)
    less = stage.model_copy(update={"reached": 2, "kept": share(2, 5)})
    ways = tuple(
        Way(funnel=name, title=name, by=by, group=name, stages=(stage, less), drop=1)
        for by in ("all", "step", "arm", "segment", "channel")
    )
    groups = tuple(one.model_copy(update={"name": name}) for one in arms().groups)
    compared = tuple(one.model_copy(update={"group": name, "against": name}) for one in arms().comparisons)
    return CampaignResult(
        name=name, title=name, product=name, totals=totals(5, 1), ways=ways,
        measures=(Measured(name=name, title=name, share=share(1, 3), count=1, cost_each=None),),
        experiments=(arms().model_copy(update={"groups": groups, "comparisons": compared}),),
    )  # fmt: skip
