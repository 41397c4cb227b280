"""program.json → program, or why it cannot be used."""

from __future__ import annotations

import json

from pydantic import ValidationError

from dsl.program.hashing import content_hash
from dsl.program.ir import VERSION, Program


class BrokenProgram(Exception):
    """What is wrong with the file, in words for whoever compiled it."""


def load(text: str) -> Program:
    """The program of a JSON text; BrokenProgram where it is of another version, edited by hand or no program at all."""
    try:
        raw = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BrokenProgram(f"This is no JSON: {error}. Compile it again with `camp compile`.") from error
    if not isinstance(raw, dict) or "version" not in raw or "hash" not in raw:
        raise BrokenProgram("This is no Camp program. Make one with `camp compile DIR -o program.json`.")
    if raw["version"] != VERSION:
        raise BrokenProgram(
            f"The program has version {raw['version']}, and this Camp reads {VERSION}. Compile it again with `camp compile`."
        )
    try:
        program = Program.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BrokenProgram(f"The program is not whole at `{where}`: {first['msg']}. Compile it again.") from error
    expected = content_hash(program.model_dump(mode="json"))
    if program.hash != expected:
        raise BrokenProgram("The program was changed after it was compiled (its hash does not fit). Compile it again.")
    return program


def dump(program: Program) -> str:
    """The program as JSON text: indented, ending in a newline, the same for the same program."""
    return json.dumps(program.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
