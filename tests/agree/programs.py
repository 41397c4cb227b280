"""Random programs as text: every construct of the language, weighted towards edges."""

from __future__ import annotations

from random import Random

from tests.agree.banned import Wording

FIELDS = {
    "assets": "money",
    "score": "number",
    "apr": "rate",
    "born": "date",
    "joined": "date",
    "region": "choice",
    "surname": "text",
    "vip": "flag",
}
OPTIONAL = {"assets", "score", "apr", "born", "surname"}
MONEY = ("0", "99.99", "100", "8_500", "50_000", "299_999.99", "1_2000_0000")
NUMBERS = ("0", "1", "2.5", "-1", "10")
RATES = ("0%", "3.8%", "3.85%", "100%")
DATES = ("1990-01-01", "1999-12-31", "2026-02-16", "2026-03-07", "2026-03-08")
TEXTS = ("王", "李", "欧阳", "O'N", "a")
LENGTHS = ("1 days", "7 days", "30 days", "90 minutes", "2 hours", "1 weeks")
ZONES = ("Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = ("product_reminder", "event_notice", "benefit", "triggered", "service")
EVENTS = ("view", "calc")
DERIVED = ("sent", "ignored")
REPLIES = ("1", "人工客服", "TD")


class Writer:
    def __init__(self, random: Random) -> None:
        self.r, self.has_product = random, False
        self.rcs = self.sensitive = self.confirmed = self.crowded = self.service = False
        self.wording: Wording | None = None

    def program(self) -> str:
        r = self.r
        self.rcs, self.sensitive, self.confirmed = r.random() < 0.6, r.random() < 0.3, r.random() < 0.2
        self.wording = Wording(r) if r.random() < 0.5 else None
        self.crowded = r.random() < (
            0.8 if self.wording else 0.5
        )  # everybody is wanted at once, so that campaigns get into each other's way
        rich = "; channel rcs when rich" if self.rcs else ""
        prices = r.choice(("; cost rcs 0.08 CNY", "; cost wechat 0.01 CNY", ""))
        assets = "assets money? sensitive" if self.sensitive else "assets money?"
        bank = f"""brand b "某行" {{
  signature "【某行】"; opt_out "拒收请回复R"; zone "{r.choice(ZONES)}"; currency CNY; holidays "CN"; phones "CN"
  link "https://s.b.example/{{{{ code }}}}"; page "https://m.b.example/"
  cost sms 0.05 CNY; control {r.choice((0, 0, 2, 30))}%; rejects 5%
  channel wechat when bound{rich}{prices}
}}
customer {{
  id key; phone phone?; surname text(4)?; nick text?; gender one_of("F", "M")?; region one_of("county", "city"); {assets}
  score number?; apr rate?; born date?; joined date; vip flag; consent flag; profiling flag?; bound flag?; rich flag; zone zone?
}}
event view {{ page text; n number?; note text? }}
event calc {{ amount money; ok flag; months number? }}
product loan "贷" {{
  max_amount {r.choice(("300_000 CNY", "50_000 CNY", "100 CNY..50_000 CNY"))}; apr 3.8%..7.2%; term 36 months
  {self.plans()}
}}
segment one = {self.test(2)}
lifecycle stage {{ fresh when {self.test(1)}; odd when {self.test(1)}; rest otherwise }}
calendar spring = 02-15..04-10
calendar winter = 11-20..02-16
calendar march = 2026-03-01..2026-03-08
calendar viewing = sat, sun 01:00-17:00
"""
        policies = [self.policy(name) for name in ("p", "q")]
        if r.random() < 0.3:
            policies[0] = policies[0].replace('policy p "p"', 'policy p "p" extends q')
        campaigns = [self.campaign(f"c{number}") for number in range(r.randint(1, 4))]
        if r.random() < 0.3:
            campaigns[0] = campaigns[0].replace('"活动c0"', '"活动c0" formerly gone')
            return "\n".join([bank, *policies, *campaigns])
        return "\n".join([bank, *policies, *campaigns, "campaign gone { retired }"])

    def plans(self) -> str:
        r = self.r
        months = r.sample((1, 3, 12, 36), r.randint(1, 3))
        former = [r.choice(("", " instead of 7.5%")) for _ in months]
        lines = [
            f"plan {n} months at {r.choice(('0%', '3.8%', '4.25%'))}{was}"
            for n, was in zip(months, former, strict=True)
        ]
        return "; ".join([*lines, f"calculator {r.choice(('calc', 'calc where ok = yes'))}"])

    def dates(self) -> str:
        """From when to when a statement binds, around the instants of tests.agree.data."""
        r = self.r
        if r.random() < 0.6:
            return ""
        day = r.choice(("2026-03-04", "2026-03-05", "2026-03-08", "2026-02-16", "2026-11-01"))
        return r.choice((f" from {day}", f" until {day}"))

    def policy(self, name: str) -> str:
        r = self.r
        lines = [f"quiet {r.choice(('22:00-08:00', '21:30-07:15', '23:59-00:01', '12:00-13:00'))}{self.dates()}"]
        lines += [self.quiet() for _ in range(r.choice((0, 0, 0, 1, 2)))]
        if r.random() < 0.7:
            lines.append(f"require consent {r.choice(('consent', 'consent', 'profiling'))}{self.dates()}")
        if self.sensitive:
            lines.append("require consent profiling for sensitive")
        if self.confirmed:
            lines.append(f"require confirm wechat when copy mentions {r.choice(('rate', 'amount', 'rate or amount'))}")
        if r.random() < 0.2:
            lines.append(f'ban "李先", "十a", "loan客" because "y"{self.dates()}')
        if r.random() < 0.7:
            lines.append("require signature first, opt_out last")
        if r.random() < 0.6:
            lines.append(f"limit {r.choice((1, 1, 2))} segments{self.dates()}")
        if r.random() < 0.6:
            lines.append('ban "王先", "aa" except "王先生" because "x"')
        if self.wording is not None:
            lines += [one + self.severity() + self.dates() for one in self.wording.bans()]
        if r.random() < 0.4:
            lines.append(f"limit {r.choice((45, 60, 80, 120, 200))} characters{self.dates()}")
        lines += [self.cap() for _ in range(r.randint(0, 3))]
        if r.random() < 0.3:
            lines.append(f"block {r.choice(KINDS)}, benefit while {self.near()}")
        if r.random() < 0.3:
            lines.append(
                f"cap {r.choice((0, 1))} of benefit, triggered per {r.choice(('day', 'month'))} while {self.test(1)}"
            )
        if r.random() < 0.3:
            lines.append(
                f"exempt {r.choice(('service', 'service, triggered'))} from {r.choice(('cap', 'consent, cap'))}"
            )
        if r.random() < 0.4:
            lines.append(
                f"extra 1 of benefit, triggered per {r.choice(('day', 'month', 'week'))} within 20 days before holiday"
            )
        return f'policy {name} "{name}" {{\n  ' + "\n  ".join(lines) + "\n}"

    def quiet(self) -> str:
        """Quiet hours of some days only; holidays are those of China, two weeks long in February."""
        r = self.r
        on = r.choice((", ".join(sorted(r.sample(DAYS, r.randint(1, 2)), key=DAYS.index)), "holidays", "sun"))
        hours = r.choice(("", " 10:00-12:00", " 20:00-02:30", " 01:00-03:00"))
        return f"quiet {on}{hours}{self.dates()}"

    def severity(self) -> str:
        """What weighs less than an error binds no run."""
        return " severity warning" if self.r.random() < 0.1 else ""

    def cap(self) -> str:
        r = self.r
        kinds = r.choice(("", "", f" of {r.choice(KINDS)}", " of benefit, triggered"))
        period = r.choice(("day", "week", "month", "2 days", "3 days", "7 days", "30 days"))
        return f"cap {r.choice((1, 1, 1, 2, 3))}{kinds} per {period}"

    def campaign(self, name: str) -> str:
        r = self.r
        begin, end = r.choice(
            (("2026-01-01", "2026-12-31"), ("2026-03-07", "2026-03-09"), ("2026-02-14", "2026-03-31"))
        )
        lines = [
            f"policy {r.choice('pq')}",
            f"kind {self.kind()}",
            f"runs {begin}..{end}",
            f"priority {r.choice((0, 0, 5, 9))}",
        ]
        self.has_product = r.random() < 0.5
        if self.has_product:
            lines.append("product loan")
        tests = [self.test(2) for _ in range(r.choice((1, 1, 2)))]
        if self.crowded:
            tests = ["joined >= 1900-01-01"]
        elif r.random() < 0.2:
            tests.append(r.choice(("stage is fresh", "not stage is odd", "stage is rest", "segment one")))
        audience = "\n    ".join(tests)
        lines.append(f"audience {{\n    {audience}\n  }}")
        lines += self.start()
        if "expire" not in lines[-1] and r.random() < 0.5:
            lines.append(f"expire after {r.choice(('1 days', '7 days', '8 days', '30 days'))}")
        if r.random() < 0.5:
            lines.append(f"again after {r.choice(('1 days', '2 days', '30 days'))}")
        if r.random() < 0.7:
            lines.append(f"window {self.window()}")
        if r.random() < 0.5:
            lines.append(self.cap())
        if r.random() < 0.2:
            lines.append(f"pace {r.choice((1, 1, 2))} per second")
        if r.random() < 0.25:
            lines.append(f"budget {r.choice(('0', '0.05', '0.10', '0.30'))} CNY")
        if r.random() < 0.3:
            lines.append(f"holdout {r.choice((5, 50))}%")
        if r.random() < 0.4:
            lines.append(r.choice(("arms { a 50%; b 50% }", "arms { a 0.5%; b 99.5% }")))
            lines.append(self.message(when=r.choice(("arm is a", "not arm is b"))))
        if r.random() < 0.4:
            lines.append(self.message(when=self.test(1)))
        lines.append(self.message())
        if self.confirmed or r.random() < 0.3:
            lines.append(self.confirm())
        lines += self.follows(expires=any("expire" in line for line in lines))
        return f'campaign {name} "活动{name}" {{\n  ' + "\n  ".join(lines) + "\n}"

    def kind(self) -> str:
        """Of the messages from here on; those of the kind `service` offer nothing."""
        kind = self.r.choice(KINDS)
        self.service = kind == "service"
        return kind

    def follows(self, expires: bool) -> list[str]:
        """Steps, answers and exits."""
        r, lines, service = self.r, [], self.service
        for number in range(r.choice((0, 0, 1, 2, 3))):
            self.service = service
            tests = "".join(f" {word} {self.since(1)}" for word in ("if", "unless") if r.random() < 0.4)
            after = r.choice(("1 minutes", "2 hours", "90 minutes", "1 days", "2 days", "7 days"))
            inner = [f"kind {self.kind()}"] if r.random() < 0.3 else []
            inner += [f"window {self.window()}"] if r.random() < 0.4 else []
            if r.random() < 0.2:
                inner.append(f'task "{r.choice(("回访", "致电{{ customer | salutation }}"))}" to "经理"')
            else:
                if r.random() < 0.2:
                    inner.append(self.message(when=self.test(1)))
                inner.append(self.message())
                inner += [self.confirm()] if self.confirmed or r.random() < 0.2 else []
            lines.append(f"step s{number} after {after}{tests} {{ {'; '.join(inner)} }}")
        self.service = service
        for said in r.sample(REPLIES, r.choice((0, 0, 1, 2))):
            what = 'task "请致电" to "客服"' if r.random() < 0.3 else self.message()
            lines.append(f'on reply "{said}" {{ {what} }}')
        lines += [f"exit when {self.since(1)}" for _ in range(r.choice((0, 0, 0, 1, 2)))]
        return lines

    def since(self, depth: int) -> str:
        """What steps and exits may ask: whether something happened since the entry."""
        r = self.r
        if depth and r.random() < 0.3:
            return f"({self.since(0)} {r.choice(('and', 'or'))} {self.since(0)})"
        if r.random() < 0.15:
            return f"not ({self.since(0)})"
        if r.random() < 0.2:
            return f"did {self.selection(r.choice(EVENTS))}"
        return r.choice(
            ("clicked", "did calc", "did calc where ok = yes", "did view", "replied", 'did view where page = "loan"')
        )

    def confirm(self) -> str:
        said = "".join(self.r.choice(self.shown()) for _ in range(2))
        channel = "wechat" if self.confirmed else self.r.choice(("wechat", "sms"))
        return f'confirm {channel} {{ text "{said}" }}'

    def start(self) -> list[str]:
        r = self.r
        if r.random() < (0.8 if self.crowded else 0.4):
            return ["start once"]
        expire = f"expire after {r.choice(('3 days', '7 days', '8 days', '12 hours'))}"
        event = r.choice((*EVENTS, *EVENTS, *DERIVED, "clicked"))
        reaches = f"start when count({self.selection(event)}) reaches {r.choice((1, 1, 2, 2, 3))}"
        amount = (
            f"start when sum(amount of {self.selection('calc')}) reaches {r.choice(('100', '50_000', '50_100'))} CNY"
        )
        happens = f"start when {self.selection(event)}"
        negated = r.choice(("", "not "))
        pattern = f"start when {self.selection('view')} {negated}followed by calc within {r.choice(LENGTHS)}"
        dated = r.choice(
            (
                f"start every month on day {r.choice((1, 5, 8, 31))}",
                f"start every week on {r.choice(DAYS)}",
                f"start {r.choice((1, 3, 30))} days before {r.choice(('born', 'joined'))}",
                "start 2 days before holiday",
                f'start {r.choice((1, 7))} days before holiday "{r.choice(("春节", "清明", "元旦"))}"',
            )
        )
        chosen = r.choice((reaches, reaches, amount, happens, pattern, dated, dated))
        if chosen is dated and r.random() < 0.5:
            return [chosen]
        return [chosen, expire]

    def window(self) -> str:
        r = self.r
        on = r.choice(("", "workdays ", ", ".join(sorted(r.sample(DAYS, r.randint(1, 4)))) + " "))
        hours = r.choice(
            ("16:00-18:00", "10:00-11:00", "00:00-24:00", "20:00-02:00", "01:30-03:30", "22:00-08:30", "08:00-22:00")
        )
        if r.random() < 0.2:
            return f"{r.choice(('2 hours', '90 minutes'))} before viewing"
        if r.random() < 0.2:
            return f"best of {r.choice(('09:00-20:00', '10:00-12:00', '00:00-24:00'))} for customer"
        return f"{on}{hours}{r.choice(('', '', ' skip holidays'))}"

    def message(self, when: str = "") -> str:
        r = self.r
        rich = ("rcs", "rcs else sms", "rcs else sms", "rcs else wechat", "wechat else rcs") if self.rcs else ()
        channel = r.choice(("sms", "sms", "sms", "sms", "wechat", "wechat else sms", "sms else wechat", *rich))
        head = f"message {channel}{f' when {when}' if when else ''}"
        card = self.card() if channel.startswith("rcs") and r.random() < 0.7 else ""
        shown = self.shown()
        if r.random() < 0.4:
            text = " ".join(r.choice(shown) for _ in range(r.randint(1, 4)))
            return f'{head} {{ text "{text}"{card} }}'
        offers = () if self.service else ("benefit", "incentive")
        parts = {
            role: "".join(r.choice(shown) for _ in range(r.randint(1, 2))) + r.choice(("", "。", "词"))
            for role in ("benefit", "scene", "trust", "incentive", "action")
            if r.random() < 0.6 and (role in offers or role not in ("benefit", "incentive"))
        } or {"scene": "你好"}
        if "action" in parts and r.random() < 0.6:
            parts["action"] += " {{ link }}"
        elements = [f'{role} "{text}"' for role, text in parts.items()]
        if "action" in parts and "link" in parts["action"] and r.random() < 0.2:
            elements[-1] += f" verify {r.choice(('face', 'voice'))}"
        return f"{head} {{ {'; '.join(elements)}{card} }}"

    def card(self) -> str:
        r, shown = self.r, self.shown()
        words = [f'title "看{r.choice(shown)}"', f'text "{r.choice(shown)}"']
        shown_too = [f'{kind} "https://b.example/{kind}"' for kind in ("image", "video") if r.random() < 0.5]
        several = (("立即测算", "link"), ("人工客服", "reply"))
        buttons = [f'suggest "{label}" {action}' for label, action in several if r.random() < 0.5]
        return "; " + "; ".join([f"card {{ {'; '.join([*words[: r.randint(1, 2)], *shown_too])} }}", *buttons])

    def shown(self) -> list[str]:
        r = self.r
        return [
            "{{ customer | salutation }}",
            '{{ customer.surname | default("客户") }}',
            '{{ customer.assets | wan | default("不少") }}',
            '{{ customer.assets | money | default("-") }}',
            '{{ customer.apr | percent | default("?") }}',
            '{{ customer.born | date | default("") }}',
            "{{ customer.joined | date }}",
            '{{ customer.score | default("0") }}',
            "{{ customer.region }}",
            "{{ customer.id | mask }}",
            "{% if customer.assets %}{{ customer.assets | wan }}{% else %}无{% endif %}",
            '{% if customer.region == "county" and not customer.vip %}县域{% endif %}',
            '{% if customer.surname != "王" %}非王{% endif %}',
            "{% if customer.score == 10 or customer.born %}十{% endif %}",
            "{{ campaign.ends | date }}",
            "a",
            "€[]",
            "Hello ",
            "🔥",
            "字" * r.choice((1, 20, 60)),
            "x" * r.choice((1, 100, 150)),
            '{{ latest.calc.amount | wan | default("无") }}',
            "{% if latest.view.page %}看过{{ latest.view.page }}{% endif %}",
            '{% if latest.view.page == "loan" %}贷{% else %}别{% endif %}',
            '{{ latest.sent.campaign | default("-") }}',
            '{{ latest.view.n | default("?") }}{{ latest.calc.ok | default("?") }}',
            *self.planned(),
            *self.completed(),
        ]

    def completed(self) -> list[str]:
        """Copy in which a value may complete a banned word: about half of what a program that bans any says."""
        return [self.wording.shown() for _ in range(30)] if self.wording is not None else []

    def planned(self) -> list[str]:
        """Copy about the repayment plan, where the campaign has a product."""
        if not self.has_product:
            return []
        return [
            "{% if plan %}{{ plan.months }}期{{ plan.monthly | money }}，共{{ plan.total | money }}{% else %}可测算{% endif %}",
            '{{ plan | monthly_saving | default("不足1元") }}',
            '{{ plan.amount | wan | default("-") }}{{ plan.rate | percent | default("-") }}{{ plan.interest | default("-") }}',
        ]

    def test(self, depth: int) -> str:
        r = self.r
        if depth and r.random() < 0.35:
            kind = r.choice(("any", "none", "not", "or", "and"))
            parts = [self.test(depth - 1) for _ in range(2)]
            if kind == "not":
                return f"not ({parts[0]})"
            return f"({parts[0]} {kind} {parts[1]})" if kind in ("or", "and") else f"{kind} {{ {'; '.join(parts)} }}"
        return r.choice((self.field, self.field, self.behaviour, self.behaviour, self.near, self.pattern))()

    def pattern(self) -> str:
        r = self.r
        kind = r.choice(("sum", "latest", "followed", "followed", "calendar"))
        operator = r.choice(("=", "!=", "<", "<=", ">", ">="))
        if kind == "calendar":
            return f"{r.choice(('born', 'joined'))} in {r.choice(('spring', 'winter', 'march'))}"
        if kind == "followed":
            last = f" in last {r.choice(LENGTHS)}" if r.random() < 0.4 else ""
            negated = r.choice(("", "not "))
            pair = f"{self.selection('view')} {negated}followed by {r.choice(('calc', 'calc where ok = yes', 'view'))}"
            return f"did {pair} within {r.choice(LENGTHS)}{last}"
        event, of, value = r.choice(
            (("calc", "amount", f"{r.choice(MONEY)} CNY"), ("view", "n", r.choice(NUMBERS[:3])))
        )
        if kind == "latest" and r.random() < 0.3:
            return f'latest(page of {self.selection("view")}) {r.choice(("=", "!="))} "loan"'
        return f"{kind}({of} of {self.selection(event)}) {operator} {value}"

    def field(self) -> str:
        r = self.r
        name = r.choice([*FIELDS, "region"])
        base = FIELDS[name]
        if name in OPTIONAL and r.random() < 0.15:
            return f"{name} is missing"
        if base == "flag":
            return r.choice((name, f"{name} = no"))
        if base in ("choice", "text"):
            options = ("county", "city") if base == "choice" else TEXTS
            return f'{name} {r.choice(("=", "!="))} "{r.choice(options)}"'
        values = {"money": [f"{one} CNY" for one in MONEY], "number": NUMBERS[:3], "rate": RATES, "date": DATES}[base]
        if r.random() < 0.2:
            pairs = [(a, b) for at, a in enumerate(values) for b in values[at:]]
            low, high = r.choice(pairs)
            return f"{name} in {low}..{high}"
        if r.random() < 0.1 and base == "date":
            return "born < joined"
        return f"{name} {r.choice(('=', '!=', '<', '<=', '>', '>='))} {r.choice(values)}"

    def near(self) -> str:
        r = self.r
        return f"{r.choice(('born', 'joined'))} in {r.choice(('last', 'next'))} {r.choice((1, 3, 30))} days"

    def selection(self, event: str) -> str:
        r = self.r
        tests = {
            "view": ('page = "loan"', 'page != "home"', "n >= 2", '(page = "loan" or n is missing)'),
            "calc": ("amount >= 50_000 CNY", "amount in 100 CNY..50_000 CNY", "(ok and amount < 100 CNY)", "(not ok)"),
            "clicked": ("",),
            "sent": ('campaign = "c0"', 'channel = "sms"', 'kind = "benefit"', 'step = "entry"'),
            "ignored": ('campaign = "c0"', 'step != "entry"'),
        }[event]
        where = f" where {r.choice(tests)}" if r.random() < 0.4 and tests[0] else ""
        last = f" in last {r.choice(LENGTHS)}" if r.random() < 0.8 else ""
        return f"{event}{where}{last}"

    def behaviour(self) -> str:
        r = self.r
        of = self.selection(r.choice((*EVENTS, *EVENTS, *DERIVED, "clicked")))
        kind = r.choice(("did", "count", "count", "since", "between", "didn't"))
        if kind == "did":
            return f"did {of}"
        if kind == "didn't":
            return f"not did {of}"
        operator = r.choice(("=", "!=", "<", "<=", ">", ">="))
        if kind == "count":
            return f"count({of}) {operator} {r.choice((0, 1, 2, 3))}"
        if kind == "since":
            return f"days_since({of}) {operator} {r.choice((0, 1, 2, 7, 30))}"
        low = r.randint(0, 2)
        return f"{r.choice(('count', 'days_since'))}({of}) in {low}..{low + r.randint(0, 5)}"
