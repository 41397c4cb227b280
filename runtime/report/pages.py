"""The page of a rule as plain text and as Markdown, in the language that is spoken."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from dsl.rules.registry import Entry

# What the hundreds of codes are about; a code of none of them has no tag of its own.
TAGS = {
    "1": "text",
    "2": "syntax",
    "3": "names-and-values",
    "4": "schedule",
    "5": "copy-and-compliance",
    "6": "settings",
    "7": "allowing",
}


@dataclass(frozen=True)
class Page:
    """`sections`: title → prose. `examples`: title → code."""

    name: str
    sections: tuple[tuple[str, str], ...]
    examples: tuple[tuple[str, str], ...]

    @property
    def what(self) -> str:
        return self.sections[0][1]

    @property
    def short(self) -> str:
        """The first sentence of what it finds."""
        end = "。" if "。" in self.what else ". "
        return self.what.split(end)[0].rstrip(".。") + end.strip()

    @property
    def text(self) -> str:
        prose = [f"{title}: {text}" for title, text in self.sections]
        return "\n\n".join([*prose, *(f"{title}:\n{textwrap.indent(code, '    ')}" for title, code in self.examples)])

    @property
    def markdown(self) -> str:
        prose = [f"**{title}:** {text}" for title, text in self.sections]
        return "\n\n".join([*prose, *(f"**{title}:**\n\n```\n{code}\n```" for title, code in self.examples)])


def page(entry: Entry, lang: str) -> Page:
    examples = tuple((title, entry.section(title)) for title in ("Bad", "Good") if entry.section(title))
    if lang == "en":
        titles = [title for title in ("What", "Why", "Source") if entry.section(title)]
        prose = tuple((title, " ".join(entry.section(title).split())) for title in titles)
        return Page(entry.name, prose, examples)
    from dsl.lang import label, rules

    said = rules(lang)[entry.code]
    more = (("Source", said.source),) if said.source else ()
    prose = tuple((label(title, lang), text) for title, text in (*said.said, *more))
    return Page(said.name, prose, tuple((label(title, lang), code) for title, code in examples))


def tags(entry: Entry) -> list[str]:
    return [TAGS[entry.code[4]]] if entry.code[4] in TAGS else []
