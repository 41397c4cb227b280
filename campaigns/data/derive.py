"""The example bank's tables from the public survey beside this file: what is missing follows from the row number.

Same input, same rows: integer arithmetic alone, no random, no clock, no hash. README.md states every rule.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

SURVEY = Path(__file__).with_name("uci_bank_marketing.parquet")
AT = "2026-03-04 01:00:00"  # what the data know ends here: 09:00 in Shanghai, written in UTC as every instant
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛"

SETUP = f"""
CREATE MACRO days_ago(d) AS (TIMESTAMP '{AT}')::DATE - d::INT;
-- 08:00 to 22:00 in Shanghai is 00:00 to 14:00 in UTC, on the same date.
CREATE MACRO daytime(d, n) AS days_ago(d)::TIMESTAMP + to_seconds(n % 50400);
CREATE MACRO key(n) AS 'C' || lpad(n::VARCHAR, 5, '0');
CREATE MACRO liking(n) AS ['renovation', 'consumer', 'car', 'mortgage'][1 + n % 4];

CREATE TABLE person AS
SELECT *, key(row) AS customer_id, row::BIGINT AS r,
  CASE WHEN contact = 'unknown' AND row % 2 = 0 THEN NULL WHEN row % 997 = 3 THEN '12345'
    WHEN row % 997 = 5 THEN (13800000000 + row - 1)::VARCHAR ELSE (13800000000 + row)::VARCHAR END AS mobile,
  CASE WHEN contact = 'cellular' THEN row % 41 > 0 ELSE row % 5 < 3 END AS consent_sms,
  CASE WHEN pdays = -1 AND row % 67 = 5 THEN days_ago(row % 30)
    ELSE days_ago(31 + row % 4999 + CASE WHEN pdays = -1 THEN 0 ELSE pdays + 150 END) END AS opened_on,
  CASE WHEN row % 20011 = 7 THEN 'Mars/Olympus' WHEN row % 5003 = 1 THEN 'America/New_York'
    WHEN row % 107 < 2 THEN 'Asia/Urumqi' END AS zone,
  CASE WHEN row % 31 < 3 THEN 'keen' WHEN row % 31 < 11 THEN 'active' WHEN row % 31 < 15 THEN 'fading'
    WHEN row % 31 < 25 THEN 'dormant' ELSE 'never' END AS habit,
  CASE WHEN row % 29 < 6 THEN 'renovation' WHEN row % 29 < 9 THEN 'mortgage' WHEN row % 29 < 12 THEN 'car'
    WHEN row % 29 < 16 THEN 'consumer' END AS interest,
FROM survey;

CREATE TABLE view AS
WITH counted AS (
  SELECT *, CASE habit WHEN 'keen' THEN 4 + r % 5 WHEN 'active' THEN 1 + r % 3 ELSE 0 END AS week,
    CASE WHEN habit IN ('keen', 'active', 'fading') THEN 2 + r % 4 ELSE 0 END AS quarter,
    CASE habit WHEN 'dormant' THEN 2 + r % 7 WHEN 'never' THEN 0 ELSE r % 4 END AS earlier
  FROM person
), numbered AS (SELECT *, unnest(range(week + quarter + earlier)) AS i FROM counted)
SELECT *, CASE
    WHEN i < week AND habit = 'active' THEN 1 + (r + 2 * i) % 6
    WHEN i < week THEN CASE (r // 31) % 3 WHEN 0 THEN 1 + i % 2 WHEN 1 THEN 1 + i % 6 ELSE 5 + i % 2 END
    WHEN i < week + quarter THEN 8 + (7 * r + 19 * i) % 82
    ELSE 91 + (11 * r + 53 * i) % 639 END AS d
FROM numbered;

CREATE TABLE query AS
WITH numbered AS (SELECT *, unnest(range(1 + r % 3)) AS i FROM person WHERE interest IS NOT NULL)
SELECT *, CASE habit WHEN 'dormant' THEN 91 ELSE 1 END + (13 * r + 37 * i) % 400 AS d FROM numbered;

CREATE TABLE booking AS  -- the quarter of an hour that was booked, 09:00 to 17:00 in Shanghai
SELECT *, days_ago(1 + r % 59)::TIMESTAMP + to_minutes(60 + 15 * ((7 * r) % 32)) AS booked
FROM person WHERE r % 37 = 4 AND habit <> 'never';

CREATE TABLE lent AS  -- applied and funded are days ago; what answered the survey's earlier campaign, and its loans
SELECT *, 'S' AS source, liking(r) AS product, greatest(pdays - 2, 1) AS applied,
  CASE WHEN pdays >= 10 AND r % 10 < 8 THEN pdays - 7 END AS funded
FROM person WHERE poutcome = 'success'
UNION ALL SELECT *, 'O', liking(r), greatest(pdays - 5, 1), NULL FROM person WHERE poutcome = 'other'
UNION ALL SELECT *, 'L', 'consumer', 180 + r % 1009, 175 + r % 1009 FROM person WHERE loan = 'yes';

CREATE TABLE contact AS
WITH reached AS (SELECT * FROM person WHERE mobile <> '12345' AND coalesce(zone, '') <> 'Mars/Olympus'),
told AS (
  SELECT *, pdays + 31 * unnest(range(least(previous, 5))) AS d FROM reached WHERE pdays >= 1
), sent AS (
  SELECT *, CASE WHEN days_ago(d) < DATE '2026-01-01' THEN 'deposit_2025' ELSE 'deposit_2026' END AS campaign_name,
    'product_reminder' AS kind FROM told
  UNION ALL SELECT *, 1, 'deposit_2026', 'product_reminder' FROM reached
    WHERE consent_sms AND pdays = -1 AND r % 11 < 4
  UNION ALL SELECT *, 2 + r % 2, 'march_greeting', 'benefit' FROM reached WHERE consent_sms AND r % 7 < 3
  UNION ALL SELECT *, 21 + r % 10, 'march_greeting', 'benefit' FROM reached WHERE consent_sms AND r % 17 = 5
)
-- Ten in the morning in China's two zones; 14:00 UTC is the morning in New York, summer time or not.
SELECT *, days_ago(d)::TIMESTAMP + to_seconds(r % 1800)
  + to_hours(CASE zone WHEN 'Asia/Urumqi' THEN 4 WHEN 'America/New_York' THEN 14 ELSE 2 END) AS sent_at
FROM sent WHERE opened_on < days_ago(d);
"""

CUSTOMERS = f"""
SELECT customer_id, mobile,
  CASE row % 53 WHEN 48 THEN '欧阳' WHEN 49 THEN '上官'
    ELSE nullif(substr('{SURNAMES}', 1 + row % 53, 1), '') END AS surname,
  CASE WHEN row % 59 < 3 THEN NULL WHEN row % 59 < 31 THEN 'M' ELSE 'F' END AS gender,
  CASE WHEN row % 71 > 0 THEN (days_ago(row % 365) - to_years(age))::DATE END AS birth_date,
  CASE WHEN row % 97 < 39 THEN 'county' ELSE 'city' END AS region,
  nullif(job, 'unknown') AS occupation,
  CASE WHEN row % 83 <> 7 THEN (greatest(balance, 0) * 40 + (row % 100) * 0.01)::DECIMAL(18, 2) END AS assets,
  CASE WHEN "default" = 'no' AND job NOT IN ('student', 'unemployed', 'retired', 'unknown') AND row % 7 < 3
    THEN (20000 * (1 + row % 13))::DECIMAL(18, 2) END AS preapproved,
  housing = 'yes' AS has_mortgage, CASE WHEN loan = 'yes' THEN days_ago(-1 - row % 25) END AS repay_date,
  opened_on, consent_sms, row % 13 < 11 AS consent_profile, row % 17 < 11 AS wechat_bound, row % 43 < 19 AS rcs_ready, zone
FROM person ORDER BY customer_id
"""

EVENTS = {
    "app_view": """SELECT customer_id, daytime(d, 37 * r + 7919 * i) AS at, printf('V%05d-%02d', r, i) AS id,
      CASE WHEN (3 * r + i) % 10 < 5 THEN 'home' WHEN (3 * r + i) % 10 < 8 THEN 'loan'
        WHEN (3 * r + i) % 10 = 8 THEN 'mortgage' ELSE 'car' END AS page, opened_on FROM view""",
    "rate_query": """SELECT customer_id, daytime(d, 41 * r + 6007 * i) AS at, printf('Q%05d-%d', r, i) AS id,
      interest AS product, opened_on FROM query""",
    "loan_calculator": """SELECT customer_id, daytime(d, 41 * r) + to_minutes(15) AS at, printf('K%05d', r) AS id,
      interest AS product, (10000 * (5 + r % 46))::DECIMAL(18, 2) AS amount, [12, 24, 36, 60][1 + r % 4]::INT AS months,
      opened_on FROM query WHERE i = 0 AND r % 19 < 8""",
    "branch_booking": """SELECT customer_id, booked AS at, printf('B%05d', r) AS id, opened_on FROM booking""",
    "branch_visit": """SELECT customer_id, booked + to_minutes(1 + r % 40) AS at, printf('G%05d', r) AS id, opened_on
      FROM booking WHERE r % 5 < 3""",
    "loan_applied": """SELECT customer_id, daytime(applied, 43 * r) AS at, printf('A%05d-%s', r, source) AS id, product,
      opened_on FROM lent""",
    "loan_funded": """SELECT customer_id, daytime(funded, 47 * r) AS at, printf('F%05d-%s', r, source) AS id, product,
      (10000 * (5 + r % 26))::DECIMAL(18, 2) AS amount, opened_on FROM lent WHERE funded IS NOT NULL""",
    "clicked": """SELECT DISTINCT customer_id, sent_at + to_minutes(1 + r % 600) AS at, printf('C%05d-%d', r, d) AS id, opened_on
      FROM contact WHERE poutcome = 'success' OR (r + d) % 9 = 1""",
    "replied": """SELECT customer_id, sent_at + to_minutes(1 + r % 90) AS at, printf('R%05d-%d', r, d) AS id,
      ['1', '2', '好的'][1 + r % 3] AS text, opened_on FROM contact WHERE (r + d) % 53 = 7""",
    "opted_out": """SELECT customer_id, daytime(1 + r % 300, 53 * r) AS at, printf('X%05d', r) AS id, opened_on
      FROM person WHERE r % 101 = 17""",
}

LEDGER = """
SELECT campaign_name AS campaign, 'entry' AS step, customer_id AS customer,
  row_number() OVER (PARTITION BY campaign_name, customer_id ORDER BY sent_at)::VARCHAR AS occurrence,
  'send' AS outcome, kind, sent_at - to_hours(1) AS started_at, sent_at AS at, days_ago(d) AS local_date,
  coalesce(zone, 'Asia/Shanghai') AS zone, '+86' || mobile AS recipient, 'sms' AS channel,
  (1 + r % 2)::INT AS segments, ((1 + r % 2) * 0.05)::DECIMAL(18, 2) AS cost
FROM contact ORDER BY "at", campaign, customer
"""


def derive(folder: Path) -> None:
    """Write customers.parquet, events/<name>.parquet and ledger.parquet into the folder."""
    (folder / "events").mkdir(parents=True, exist_ok=True)
    tables = {"customers": CUSTOMERS, "ledger": LEDGER}
    for name, rows in EVENTS.items():  # nobody acts before the account is there
        said = f'SELECT * EXCLUDE (opened_on) FROM ({rows}) WHERE "at"::DATE >= opened_on'
        tables[f"events/{name}"] = f'{said} ORDER BY "at", id'
    with duckdb.connect() as bank:
        bank.read_parquet(str(SURVEY)).create("survey")
        bank.execute(SETUP)
        for name, rows in tables.items():
            bank.sql(rows).write_parquet(str(folder / f"{name}.parquet"), compression="zstd")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, metavar="OUTDIR", help="where the tables go (made if missing)")
    derive(arguments.parse_args().folder)
