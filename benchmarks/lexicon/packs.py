"""The bans of the shipped packs as campaigns get them, and the plain search that they are measured against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from dsl.compiler import model_with
from dsl.lexicon import Hit, Lexicon
from dsl.lexicon.numbers import NUMBER, ONE_OR_MORE
from dsl.model import Placed
from dsl.parser.parse import parse
from dsl.source import Source
from dsl.terms import Ban

# On this day the packs' bans are taken: their dates are in force, or not.
DAY = date(2026, 11, 23)
# cn_words binds any message; cn_law adds what only advertising may not say.
CHINESE, ENGLISH = ("cn_words", "cn_law"), "us_words"
# Which reason of the labels a ban's own is. What is low without a figure is two of them, as GUIDE.md has it.
REASONS = {
    "承诺审批结果": ("certainty",),
    "数据须注明出处": ("certainty",),
    "承诺放款速度": ("speed",),
    "放款速度须有依据": ("speed",),
    "淡化真实年化利率": ("rate",),
    "利率表述含糊": ("rate",),
    "以低息诱导借贷": ("rate", "inducement"),
    "绝对化用语": ("absolute",),
    "借国家机关名义": ("endorsement",),
    "诱导过度借贷": ("inducement",),
    "淡化借贷负担": ("inducement",),
    "额度表述含糊": ("inducement",),
    "制造紧迫感": ("pressure",),
    "规避征信": ("bypass",),
    "贷款用途违规": ("purpose",),
    "虚构审批进度": ("fake",),
}
_CAMPAIGNS = Path(__file__).parents[2] / "campaigns"


@dataclass(frozen=True)
class Pack:
    name: str
    placed: tuple[Placed[Ban], ...]

    @cached_property
    def bans(self) -> tuple[Ban, ...]:
        return tuple(one.value for one in self.placed)

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon(self.bans)

    @property
    def words(self) -> list[tuple[int, str]]:
        """Each with its ban's number."""
        return [(number, word) for number, ban in enumerate(self.bans) for word in ban.words]

    def reasons(self, text: str) -> set[str]:
        return {reason for hit in self.lexicon.find(text) for reason in REASONS[self.bans[hit.ban].because]}

    def stops(self, hit: Hit) -> bool:
        """Whether `camp check` calls it an error: what is only guessed is a warning."""
        return hit.how != "sounds" and self.placed[hit.ban].note.severity == "error"

    def plainly(self, text: str) -> set[str]:
        """The reasons of the words that a plain search finds: no `except`, no `unless`, no denial, nothing disguised."""
        return {reason for ban, plain in self._plain if plain.search(text) for reason in REASONS[ban.because]}

    @cached_property
    def _plain(self) -> list[tuple[Ban, re.Pattern[str]]]:
        return [(ban, re.compile("|".join(map(_plain, ban.words)))) for ban in self.bans]


@cache
def pack(name: str) -> Pack:
    """A pack's policy with all that it extends, in the example bank's project."""
    files = [
        parse(Source(path.name, path.read_text(encoding="utf-8")))[0] for path in sorted(_CAMPAIGNS.glob("*.camp"))
    ]
    model = model_with(files, [name])
    assert model is not None
    return Pack(name, tuple(one for one in model.policies[name].bans if one.note.in_force(DAY, DAY)))


def _plain(word: str) -> str:
    return ONE_OR_MORE.join(map(re.escape, word.split(NUMBER)))
