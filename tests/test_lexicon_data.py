"""Alarms on real messages that nobody would call advertising; counts only, for the messages are not ours to show."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from dsl.lexicon import Lexicon
from dsl.lexicon.tables import lines
from dsl.terms import Ban
from tests.lexicons import CHINESE, ENGLISH, ORDINARY

SOURCE = Path(__file__).parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the collections of messages do not lie beside the repository"
)
MOST = 0.003


@cache
def ordinary(name: str) -> list[str]:
    if name == "sms_spam_uci":
        rows = (line.partition("\t") for line in (SOURCE / name / "SMSSpamCollection").read_text("utf-8").splitlines())
        return [text for label, _, text in rows if label == "ham"]
    [path] = (SOURCE / name).glob("part_a*.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        cells = [line.rstrip("\n").split("\t") for line in file]
    return [row[2] for row in cells if row[1] == "0"]


def alarms(bans: Sequence[Ban], texts: list[str], guesses: bool = True, written: bool = True) -> float:
    """The share of texts with a hit."""
    lexicon = Lexicon(bans)
    hit = (
        any((guesses or one.how != "sounds") and (written or one.how != "written") for one in lexicon.find(text))
        for text in texts
    )
    return sum(hit) / len(texts)


def telling(bans: Sequence[Ban]) -> list[Ban]:
    """Without words that ordinary messages hold for their own sake: 第一, urgent."""
    return [Ban(tuple(set(ban.words) - ORDINARY), ban.allowed, ban.because, ban.unless) for ban in bans]


CASES = [("zh_sms_2014_labeled", CHINESE), ("zh_sms_80w_sample10k", CHINESE), ("sms_spam_uci", (*ENGLISH, *CHINESE))]


@pytest.mark.parametrize(("name", "bans"), CASES)
def test_ordinary_messages_are_left_alone(name: str, bans: Sequence[Ban]) -> None:
    texts = ordinary(name)
    assert len(texts) > 2000
    assert alarms(telling(bans), texts) <= MOST
    assert alarms(bans, texts, written=False) <= MOST  # tricks that are none, of any word


@pytest.mark.parametrize("name", ["zh_sms_2014_labeled", "zh_sms_80w_sample10k"])
def test_tricks_are_rare_whatever_is_banned(name: str) -> None:
    """Ten lexicons of fifty words that ordinary text is full of."""
    words = [line[0] + second for line in lines("pairs.txt") for second in line[2:]]
    many = random.Random(7).sample(words, 500)
    lexicons = [[Ban(tuple(many[start : start + 50]), (), "")] for start in range(0, 500, 50)]
    texts = ordinary(name)
    shares = [alarms(bans, texts, written=False, guesses=False) for bans in lexicons]
    assert sum(shares) / len(shares) <= 0.0003
    shares = [alarms(bans, texts, written=False) for bans in lexicons]
    assert sum(shares) / len(shares) <= 0.002


@pytest.mark.parametrize(("name", "bans"), CASES)
def test_suspects_are_few_and_all(name: str, bans: Sequence[Ban]) -> None:
    texts, lexicon = ordinary(name), Lexicon(bans)
    suspects = lexicon.suspects(texts)
    held = {number for number, text in enumerate(texts) if any(hit.how != "sounds" for hit in lexicon.find(text))}
    assert held <= set(suspects)
    assert len(suspects) <= len(held) + 0.03 * len(texts)
