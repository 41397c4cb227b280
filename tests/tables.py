"""Writes the generated tables of dsl/lexicon/tables: `python -m tests.tables`. Needs OpenCC, pypinyin and jieba.

Nothing of these is needed to run Camp, nor installed with it: `pip install opencc pypinyin jieba` first.
"""

from __future__ import annotations

from pathlib import Path

TABLES = Path(__file__).parent.parent / "dsl" / "lexicon" / "tables"
IDEOGRAPHS = [*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32000)]


def simplified() -> str:
    """Every ideograph that OpenCC's t2s takes for another, grouped by what it takes it for."""
    import opencc  # type: ignore[import-not-found, unused-ignore]

    convert = opencc.OpenCC("t2s").convert
    groups: dict[str, str] = {}
    for point in IDEOGRAPHS:
        plain = convert(chr(point))
        if plain != chr(point) and len(plain) == 1:
            groups[plain] = groups.get(plain, "") + chr(point)
    return (
        "# Traditional characters to simplified ones, each for itself: TSCharacters of OpenCC (https://github.com/BYVoid/OpenCC),\n"
        "# Apache License 2.0, as its t2s converts them, grouped by the simplified one. Made by `python -m tests.tables`.\n"
        "# A line: the simplified character, then the traditional ones.\n"
    ) + "".join(f"{plain} {others}\n" for plain, others in groups.items())


MADE = {"simplified.txt": simplified}


def main() -> None:
    for name, make in MADE.items():
        (TABLES / name).write_text(make(), encoding="utf-8")
        print(name, (TABLES / name).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
