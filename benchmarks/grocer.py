"""A year of a real grocer as a bank: the households, purchases, campaigns and coupons of dunnhumby's Complete Journey, 2017.

What the data have is used as it is, by its real dates: who was targeted by which of the 27 campaigns, who redeemed a coupon of it
and when, every purchase. What they lack is made of the household's number: a phone, an agreement, refusals.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

SOURCE = Path(__file__).parents[2] / "shared" / "data" / "dunnhumby_complete_journey"
YEAR = 2017

SCHEMA = """
brand grocer "G" { zone "America/New_York"; currency USD; phones "US"; link "https://g.example/{{ code }}"; page "https://m.example/"
  cost sms 0.01 USD; control 5% }
customer { id key; phone phone; consent flag }
event bought { amount money; basket text }
event targeted { campaign text }
event redeemed { campaign text }
policy shop { require consent consent; quiet 21:00-09:00; limit 1 segments
  cap 1 per day
  cap 2 per week
  cap 6 per 30 days }
"""
TARGETED = """
campaign c{number} "{number}" {{ policy shop; kind benefit; runs {begins}..{ends}; priority {priority}
  audience {{ did targeted where campaign = "{number}" }}
  start once
  window {window}
  message sms {{ text "Coupons of campaign {number}: {{{{ link }}}}" }}
  step reminder after 7 days unless did redeemed where campaign = "{number}" {{
    window 10:00-18:00
    message sms {{ text "Your coupons of campaign {number} are waiting: {{{{ link }}}}" }}
  }}
  exit when did redeemed where campaign = "{number}"
}}
"""
OTHERS = """
campaign monthly "M" { policy shop; kind event_notice; runs 2017-01-01..2017-12-31; priority 1
  audience { did bought }
  start every month on day 5
  expire after 10 days
  window mon, tue, wed, thu, fri 10:00-17:00
  message sms { text "What is new this month: {{ link }}" }
}
campaign missed "W" { policy shop; kind benefit; runs 2017-02-01..2017-12-31; priority 3; holdout 10%
  audience { did bought in last 90 days; not did bought in last 21 days }
  start once
  again after 60 days
  window 11:00-13:00
  message sms { text "We have missed you: {{ link }}" }
  step more after 5 days unless bought { message sms { text "Still here for you: {{ link }}" } }
  exit when did bought
}
campaign large "L" { policy shop; kind triggered; runs 2017-01-01..2017-12-31; priority 9
  audience { did bought in last 7 days }
  start when sum(amount of bought in last 30 days) reaches 500 USD
  expire after 3 days
  window 09:00-21:00
  message sms { text "Thank you for {{ 500 }} dollars: {{ link }}" }
}
""".replace("{{ 500 }}", "500")
WINDOWS = ("10:00-11:00", "mon, wed, fri 16:00-18:00", "09:00-21:00", "17:00-20:00")


def make(folder: Path) -> None:
    """`bank/`, and `data/` with customers and events, below a folder."""
    run = duckdb.connect().execute
    for name in ("transactions", "campaigns", "campaign_descriptions", "coupon_redemptions"):
        run(f"CREATE VIEW {name} AS SELECT * FROM '{SOURCE / name}.parquet'")
    described = "SELECT campaign_id, start_date::DATE, end_date::DATE FROM campaign_descriptions"
    campaigns = run(f"{described} ORDER BY campaign_id::INT").fetchall()
    text = SCHEMA + OTHERS
    for place, (number, begins, ends) in enumerate(campaigns):
        window = WINDOWS[place % len(WINDOWS)]
        text += TARGETED.format(number=number, begins=begins, ends=ends, priority=10 + place, window=window)
    (folder / "bank").mkdir(parents=True)
    (folder / "bank" / "all.camp").write_text(text, encoding="utf-8")
    data = folder / "data"
    (data / "events").mkdir(parents=True)
    zone = "timezone('America/New_York', {})"
    households = "SELECT DISTINCT household_id::VARCHAR AS id FROM transactions UNION SELECT household_id::VARCHAR FROM campaigns"
    bought, redeemed = (
        zone.format("min(transaction_timestamp)::TIMESTAMP"),
        "redemption_date::TIMESTAMP + INTERVAL 12 HOUR",
    )
    refused = zone.format("TIMESTAMP '2017-01-01' + INTERVAL (id::INT % 365) DAY")
    rows = {
        "customers": f"""SELECT id, '201555' || lpad(row_number() OVER (ORDER BY id::INT)::VARCHAR, 4, '0') AS phone,
          id::INT % 19 > 0 AS consent FROM ({households}) ORDER BY id::INT""",
        "events/bought": f"""SELECT household_id::VARCHAR AS customer, {bought} AS "at",
          sum(sales_value)::DECIMAL(18, 2) AS amount, basket_id::VARCHAR AS basket, basket_id::VARCHAR AS id
          FROM transactions GROUP BY household_id, basket_id ORDER BY 2, 5""",
        "events/targeted": f"""SELECT c.household_id::VARCHAR AS customer, {zone.format("d.start_date::TIMESTAMP")} AS "at",
          c.campaign_id::VARCHAR AS campaign FROM campaigns c JOIN campaign_descriptions d USING (campaign_id) ORDER BY ALL""",
        "events/redeemed": f"""SELECT DISTINCT household_id::VARCHAR AS customer,
          {zone.format(redeemed)} AS "at", campaign_id::VARCHAR AS campaign
          FROM coupon_redemptions ORDER BY ALL""",
        "events/opted_out": f"""SELECT id AS customer, {refused} AS "at"
          FROM ({households}) WHERE id::INT % 23 = 5 ORDER BY id::INT""",
    }
    for name, query in rows.items():
        run(f"COPY ({query}) TO '{data / name}.parquet'")
