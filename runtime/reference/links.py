"""Codes of links that are another send's: told anew, in the order of the sends' ids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from dsl.identity import LinkKey, link_code, links_settled
from dsl.program.ir import Program
from runtime.reference.met import Row


def settle(program: Program, rows: Sequence[Row], key: LinkKey, taken: Mapping[str, str]) -> None:
    """Change the texts of sends whose code is another's. taken: code → send of earlier runs."""
    address = program.brand.link
    if address is None:
        return
    held = [one for row in rows if row["outcome"] == "send" for one in _held(row, address, key)]
    codes = links_settled({send for _, send, _ in held}, key, taken)
    for row, send, names in held:
        first = link_code(send, key)
        for name in names if codes[send] != first else ():
            shown = _shown(address, name)
            row[name] = row[name].replace(shown.format(first), shown.format(codes[send]))


def _held(row: Row, address: str, key: LinkKey) -> Iterator[tuple[Row, str, list[str]]]:
    """Message and confirmation, with the columns that hold their link."""
    for send, names in ((row["send_id"], ("text", "rich")), (row["confirm_id"], ("confirm_text",))):
        if send is not None:
            code = link_code(send, key)
            there = [name for name in names if row[name] and _shown(address, name).format(code) in row[name]]
            if there:
                yield row, send, there


def _shown(address: str, name: str) -> str:
    """A link as it stands in a column, with a gap for its code: what is rich is JSON."""
    written = json.dumps(address, ensure_ascii=False)[1:-1] if name == "rich" else address
    return written.replace("{{ code }}", "\0").replace("{", "{{").replace("}", "}}").replace("\0", "{}")
