"""docs/outputs.md: every file that a run writes, every column and key, made from the code that writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runtime.outcomes import DESCRIBED, LINKED, TEXTS, Column
from runtime.relational.loading import REJECTS

SENDS = DESCRIBED
OUTCOMES = {name: column for name, column in DESCRIBED.items() if name not in TEXTS}
_REFUSED = {
    "source": ("Whose row it is: `customers`, `events/NAME`, `ledger`.", "never"),
    "row": ("The row of that file, from 1; of a CSV line that is no row, the line.", "never"),
    "key": ("The customer's key, as it stands there.", "there is none"),
    "field": ("The field that is wrong.", "the row as a whole is"),
    "value": ("What stands there.", "nothing does"),
    "reason": ("What is wrong with it.", "never"),
}
REFUSED = {name: Column(type, *_REFUSED[name]) for name, type in REJECTS.items()}

_FUNNEL = {
    "campaign": ("text", "Its name; of `total` the word total."),
    "audience": ("number", "Candidates: the sum of all that follow, down to `sent`."),
    "unreachable": ("number", "Without consent or address, opted out, or with somebody else's phone."),
    "no_opening": ("number", "Expired: nothing opens for them before their time has run out, or they have left."),
    "later": ("number", "Deferred to a later run."),
    "control": ("number", "Held out, to be compared with."),
    "unfit": ("number", "Whose text is too long or holds a banned word."),
    "capped": ("number", "Held back by caps, blocks, budget or pace."),
    "sent": ("number", "Sends."),
    "segments": ("number", "Segments of all sends."),
    "cost": ("text", "Cost of all sends, as a decimal."),
}
# Key → type and meaning. `[]`: of each in a list.
SUMMARY: dict[str, tuple[str, str]] = {
    "run_id": ("text", "Names the program, the data's bytes, the instants and the engine: the same for the same run."),
    "program": ("text", "The program's hash."),
    "at": ("text", "The instant the run speaks for."),
    "until": ("text", "The end of what it plans, itself out."),
    "currency": ("text", "The brand's."),
    "customers.read": ("number", "Rows of the customers."),
    "customers.refused": ("number", "Those of them that could not be used."),
    **{f"campaigns[].{key}": said for key, said in _FUNNEL.items()},
    **{f"total.{key}": said for key, said in _FUNNEL.items()},
    "outcomes[].campaign": ("text", "A campaign's name."),
    "outcomes[].outcome": ("text", "An outcome of it."),
    "outcomes[].reason": ("text or null", "Its reason; null of a send."),
    "outcomes[].count": ("number", "How many there are."),
    "rejects[].source": ("text", "As in rejects."),
    "rejects[].reason": ("text", "Field and reason, as in rejects."),
    "rejects[].count": ("number", "How many rows."),
    "formerly": ("table", "Campaign → the name that it had before, of those that say so."),
    "warnings": ("list of texts", "What the run rests on without being sure."),
    "versions": ("table", "Library → its version."),
    "link_key": (
        "text",
        "A fingerprint of the key that codes of links were made with; empty where the brand has no link.",
    ),
    "made_with.ledger": ("text", "The ledger, seen from the run's folder; `made_with` stands only where there is one."),
    "made_with.data": ("text", "The data, likewise."),
    "best_hours[].product": (
        "text or null",
        "Of a `window best of …`: the product whose messages these are; null of all.",
    ),
    "best_hours[].hours": ("text", "The window's hours."),
    "best_hours[].hour": ("number", "An hour of the clock, of each customer's own."),
    "best_hours[].sent": ("number", "Messages that went in it and whose 48 hours are over."),
    "best_hours[].clicked": ("number", "How many of them were clicked within these."),
}

_HEAD = """# What a run writes

`camp plan` writes a folder, all at once or not at all, readable by its owner only: four tables and a summary. This page is
made from the code that writes them (`python -m tests.docs`).

**Stable.** Columns are added at the end, and keys beside those that there are; none is renamed, dropped, moved or given another
type. Read columns by name, and pass over keys that you do not know.

| file | what it holds | order |
|---|---|---|
| `sends` | every send, with its text | instant, then `send_id` |
| `outcomes` | every candidate with its outcome, sends among them, without texts | campaign, step, customer, occurrence |
| `rejects` | every row of the data that could not be used | source, row |
| `links` | every link of a send or a confirmation: whose it is, where it leads ([links.md](links.md)) | `send_id` |
| `summary.json` | the run in numbers | |

## Formats
`--output-format parquet` (the default): `sends.parquet` and so on. Types are as below; a `TIMESTAMP` is in UTC, without a zone.

`--output-format csv`: `sends.csv` and so on, with the same columns in the same order. UTF-8 without a byte order mark, a
header, commas, double quotes where a value needs them (RFC 4180, lines end in LF). A missing value is an empty cell. An instant
is ISO 8601 in UTC, as `2026-03-04T01:00:00Z`, with up to six decimals of a second; a date is `2026-03-04`; a number has a point
and no thousands separators.

**No cell starts a formula.** A spreadsheet runs what begins with `=`, `+`, `-` or `@` (OWASP: CSV injection), and customers
choose some of what stands in these cells. A text that begins with one of them, with a tab, CR or LF, with one of `＝＋－＠`, or
with an apostrophe has an apostrophe before it: a phone is `'+8613800000001`. **To undo it**, take one apostrophe off the front
of every text cell that begins with one; nothing else was changed. In Python: `cell.removeprefix("'")`; in SQL: `CASE WHEN
cell LIKE '''%' THEN substr(cell, 2) ELSE cell END`.

`camp verify` and `camp diff` read both formats. As a **ledger** use Parquet, or CSV with the apostrophes taken off: the ledger
is read as it stands, and a customer whose key had to be marked would not be found.

## CI
`camp plan --dry-run` decides and shows everything, and writes nothing. `--max-sends N` refuses a run that would send more than
N. `growth = "50%"` under `[run]` in camp.toml (it becomes a part of the program) refuses a run that would send more than half
as many again as the run whose `summary.json` the output folder holds; where it holds none there is nothing to compare, and
after a run of no sends any send is more. `--allow-growth` lets one run pass. Such a run ends with exit code 2 and leaves the
output as it was.
"""


def page() -> str:
    tables = [("sends", SENDS), ("outcomes", OUTCOMES), ("rejects", REFUSED), ("links", LINKED)]
    parts = [_HEAD, *(f"## {name}\n{_columns(columns)}" for name, columns in tables), f"## summary.json\n{_keys()}"]
    return "\n".join(parts)


def _columns(columns: Mapping[str, Column]) -> str:
    rows = [f"| `{name}` | {one.type} | {one.meaning} | {one.missing} |" for name, one in columns.items()]
    return _table("| column | type | meaning | missing where |", rows)


def _keys() -> str:
    rows = [f"| `{key}` | {type} | {meaning} |" for key, (type, meaning) in SUMMARY.items()]
    return _table("| key | type | meaning |", rows)


def _table(head: str, rows: list[str]) -> str:
    return "\n".join([head, "|---" * (head.count("|") - 1) + "|", *rows]) + "\n"


def keys(value: object, at: str = "") -> Iterator[str]:
    """The keys of a summary as SUMMARY writes them; tables whose keys are names are leaves."""
    match value:
        case dict() if at not in ("formerly", "versions"):
            for key, inner in value.items():
                yield from keys(inner, f"{at}.{key}" if at else key)
        case list() if value and isinstance(value[0], dict):
            for inner in value:
                yield from keys(inner, f"{at}[]")
        case _:
            yield at
