"""campaigns/zh: the example bank with Chinese keywords, as `camp fmt --keywords zh` writes it. `python -m tests.chinese` does."""

from __future__ import annotations

from pathlib import Path

from dsl.format import formatted
from dsl.source import Source

BANK = Path(__file__).parent.parent / "campaigns"
CHINESE = BANK / "zh"


def pages() -> dict[Path, str]:
    """Each file of campaigns/zh and what stands in it."""
    settings = (BANK / "camp.toml").read_text(encoding="utf-8").replace('"../out/', '"../../out/')
    found = {CHINESE / "camp.toml": settings}
    for path in sorted(BANK.rglob("*.camp")):
        if not path.is_relative_to(CHINESE):
            text, problems = formatted(Source(str(path), path.read_text(encoding="utf-8")), "zh")
            assert not problems, problems
            found[CHINESE / path.relative_to(BANK)] = text
    return found


def main() -> None:
    wanted = pages()
    for path in CHINESE.rglob("*.camp"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
