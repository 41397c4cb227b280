"""A slip of the pen anywhere in any example gives findings or none, and never a traceback."""

from __future__ import annotations

import re

import pytest

from dsl.compiler import analyse
from dsl.diagnostics import render
from dsl.source import Source
from tests.completing import HERE, campaign, completed
from tests.slips import slips
from tests.test_cases import GOOD, named

LANGUAGE = (HERE.parent / "docs" / "language.md").read_text(encoding="utf-8")
TEXTS = {named(path): path.read_text(encoding="utf-8") for path in GOOD}
TEXTS |= {
    f"language.md/{number}": text
    for number, text in enumerate(re.findall(r"^```camp\n(.*?)^```", LANGUAGE, re.DOTALL | re.MULTILINE))
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_slip_is_told_with_a_place_or_not_at_all(name: str) -> None:
    for done, text in slips(TEXTS[name], 10, seed=len(name)):
        try:
            found = analyse(completed(text)).found
            told = [render(one) for one in found]
        except Exception as error:
            raise AssertionError(f"{name}, {done}:\n{text}") from error
        for one, words in zip(found, told, strict=True):
            assert one.message and words and 0 <= one.span.start <= one.span.end <= len(one.source.text)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("audience { asets > 1 CNY\n vists > 3 }", "CAMP301 CAMP301"),
        ("audience { asets > 1 CNY }\nbudget 3 USD", "CAMP301 CAMP311"),
        ("policy rulse\nkind benefitt", "CAMP301 CAMP301"),
        ("policy rulse\nwindow 2 hours before nowhere", "CAMP301 CAMP301"),
        ("message smss when vists > 1 { benefit $a$; benefit $b$ }", "CAMP301 CAMP301 CAMP303"),
        (
            "step a after 1 day { message sms when vists > 1 { text $a$ } }\nstep b after 1 day { message fax { text $b$ } }",
            "CAMP301 CAMP301",
        ),
        ("step a after 1 month { message fax { text $a$ }; confirm fix { text $a$ } }", "CAMP301 CAMP301 CAMP315"),
        ("step a after 1 day if clikced { window 2 hours before nowhere; task $a$ }", "CAMP301 CAMP301"),
        ("on reply $1$ { message fax { text $a$ } }\nexit when did lon", "CAMP301 CAMP301"),
        ("goal lon within 1 month\nexpire after 2 months", "CAMP301 CAMP315 CAMP315"),
    ],
)
def test_each_mistake_of_meaning_is_told(body: str, codes: str) -> None:
    found = analyse(completed(campaign(body.replace("$", '"')))).found
    assert sorted(one.code for one in found) == codes.split()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("event a", "CAMP304 CAMP304"),
        ("customer { id key }", "CAMP304"),
        ('brand b "B" { zone "UTC"; currency CNY }', "CAMP304"),
        ("brand b { }", "CAMP201 CAMP304"),
        ('brand b "B" { zone "UTC"; currency CNY }\ncustomer { id }', "CAMP201"),
    ],
)
def test_a_project_without_its_bank_is_told_so(text: str, codes: str) -> None:
    """Not where it stands there and could not be read."""
    assert sorted(one.code for one in analyse([Source("a.camp", text)]).found) == codes.split()
    assert analyse([]).found == ()
