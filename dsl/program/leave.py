"""A program without some of its campaigns: what the ledger knows of them still counts, and they start nothing."""

from __future__ import annotations

from collections.abc import Collection

from dsl.program.hashing import content_hash
from dsl.program.ir import Program


def leave_out(program: Program, names: Collection[str]) -> Program:
    """The same program where `names` is empty; else one with a hash of its own, which knows them as retired."""
    if not names:
        return program
    kept = tuple(campaign for campaign in program.campaigns if campaign.name not in names)
    gone = {name for one in program.campaigns if one.name in names for name in (one.name, one.formerly) if name}
    retired = tuple(sorted({*program.retired, *gone}))
    left = program.model_copy(update={"campaigns": kept, "retired": retired})
    return left.model_copy(update={"hash": content_hash(left.model_dump(mode="json"))})
