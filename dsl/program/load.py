"""program.json → program, or why it cannot be used."""

from __future__ import annotations

import json
import re
from typing import get_args

from pydantic import ValidationError

from dsl.behaviour import Condition, Value
from dsl.program.hashing import content_hash
from dsl.program.ir import MAJOR, MINOR, VERSION, Program

_TESTS = {kind.__name__ for kind in (*get_args(Condition), *get_args(Value))}


class BrokenProgram(Exception):
    """What is wrong with the file, in words for whoever compiled it."""


def load(text: str) -> Program:
    """The program of a JSON text; BrokenProgram where it is of another version, edited by hand or no program at all."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: no JSON, or a number of thousands of digits
        raise BrokenProgram(f"This is no JSON: {error}. Compile it again with `camp compile`.") from error
    if not isinstance(raw, dict) or "version" not in raw or "hash" not in raw:
        raise BrokenProgram("This is no Camp program. Make one with `camp compile DIR -o program.json`.")
    if not _readable(raw["version"]):
        raise BrokenProgram(
            f"The program has version {raw['version']}, and this Camp reads {MAJOR}.0 to {VERSION}. "
            "Compile it again with `camp compile`, or run it with the Camp that made it."
        )
    try:
        program = Program.model_validate(raw)
    except ValidationError as error:
        where, why = _place(error)
        raise BrokenProgram(f"The program is not whole at `{where}`: {why}. Compile it again.") from error
    # Of the text, not of what was read from it: nothing is added and nothing passed over.
    if program.hash != content_hash(raw):
        raise BrokenProgram("The program was changed after it was compiled (its hash does not fit). Compile it again.")
    return program


def _readable(version: object) -> bool:
    """An older minor version means what it always meant; a newer one may say what this Camp does not know."""
    written = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", version) if isinstance(version, str) else None
    return written is not None and int(written[1]) == MAJOR and int(written[2]) <= MINOR


def _place(error: ValidationError) -> tuple[str, str]:
    """Where the first mistake is, and what it is. What is none of several tests fails to be each of them: told once."""
    first = error.errors()[0]
    steps = [str(step) for step in first["loc"]]
    inside = next((at for at, step in enumerate(steps) if step in _TESTS), None)
    if inside is None:
        return ".".join(steps), first["msg"]
    return ".".join(steps[:inside]), "This is no test that Camp knows"


def dump(program: Program) -> str:
    """The program as JSON text: indented, ending in a newline, the same for the same program."""
    return json.dumps(program.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
