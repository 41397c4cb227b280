"""What an experiment has shown, in a sentence."""

from __future__ import annotations

from markupsafe import Markup

from runtime.experiments.model import Comparison
from runtime.page.numbers import count, level, points
from runtime.page.words import Words


def verdict(one: Comparison, words: Words) -> Markup:
    group, against = words.known("group", one.group), words.known("group", one.against)
    if one.verdict == "cannot tell":
        said = words("verdict.cannot_tell", group=group, against=against)
        return said + words("sentence.joint") + words("verdict.more", more=count(one.more)) if one.more else said
    gaps = {"lift": points(one.lift), "low": points(one.low), "high": points(one.high), "level": level(one.level)}
    return words(f"verdict.{one.verdict}", group=group, against=against, **gaps)
