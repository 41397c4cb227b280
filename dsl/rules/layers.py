"""Rules about policies that extend others."""

from __future__ import annotations

from collections.abc import Iterator

from dsl import packs
from dsl.diagnostics import Related
from dsl.model import Model
from dsl.rules.registry import Worded, rule


@rule("CAMP306", "pack-replaced", "warning")
def pack_replaced(model: Model) -> Iterator[Worded]:
    """
    What: A policy of the project has the name of a pack, and another policy or pack extends that name.
    Why: It gets the project's policy, and nothing of the pack's: a law that everybody believes to bind is gone without a word.
    Bad:
        policy cn_words "本行禁用词" { ban "秒批" because "虚假确定性" }
        policy strict extends cn_law { quiet 22:00-08:00 }
    Good:
        policy our_words "本行禁用词" { ban "秒批" because "虚假确定性" }
        policy strict extends cn_law, our_words { quiet 22:00-08:00 }
    """
    own = [one for one in model.policies.values() if not one.place.source.path.startswith(packs.SHOWN)]
    for policy in own:
        named = [base for other in model.policies.values() for base in other.extends if base.value == policy.name]
        if named and policy.name in packs.policies():
            related = tuple(Related("extended here", base.place) for base in named)
            help = "Rename it, and let it extend the pack; or leave it, where the pack is not to bind."
            yield Worded(policy.place, f"`{policy.name}` stands in the place of the pack of this name", help, related)
