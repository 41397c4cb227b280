"""The messages that are measured: labelled advertising, and ordinary ones."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "shared" / "data"
CHINESE = ("zh_sms_2014_labeled", "zh_sms_80w_sample10k")
ENGLISH = ("sms_spam_uci",)
_HERE = Path(__file__).parent
_MASK = re.compile("(?<![A-Za-wyz])x+(?![A-Za-wyz])")


@dataclass(frozen=True)
class Labelled:
    text: str
    reasons: frozenset[str]


def labelled(split: str) -> list[Labelled]:
    """The labelled messages of one half, `tune` or `test`."""
    return [
        Labelled(_text(row["file"], int(row["line"]), row["hash"]), frozenset(row["reasons"].split()) - {"-"})
        for row in _rows("labels.tsv")
        if row["split"] == split
    ]


@cache
def ordinary(name: str) -> dict[int, str]:
    """Messages that their collectors called no spam, by line."""
    if name in ENGLISH:
        said = (SOURCE / name / "SMSSpamCollection").read_text("utf-8").splitlines()
        return {number: line.partition("\t")[2] for number, line in enumerate(said, 1) if line.startswith("ham\t")}
    return {number: digits(cells[-1]) for number, cells in enumerate(_cells(name), 1) if cells[1] == "0"}


def judged() -> dict[tuple[str, int], str]:
    """Alarms on ordinary messages that were read: `right` or `false`, by file and line."""
    found = {}
    for row in _rows("alarms.tsv"):
        _text(row["file"], int(row["line"]), row["hash"])
        found[row["file"], int(row["line"])] = row["verdict"]
    return found


def digits(text: str) -> str:
    """With digits where the collectors have hidden them: a run of x that no other Latin letter touches becomes 5s."""
    return _MASK.sub(lambda run: "5" * len(run[0]), text)


def _text(name: str, line: int, known: str) -> str:
    text = _cells(name)[line - 1][-1]
    if hashlib.sha256(text.encode()).hexdigest()[:12] != known:
        raise ValueError(f"{name}, line {line}: another text than the one that was read")
    return digits(text)


@cache
def _cells(name: str) -> list[list[str]]:
    [path] = (SOURCE / name).glob("part_a*.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))
