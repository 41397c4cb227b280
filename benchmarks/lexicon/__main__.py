"""Prints what the packs' words find, and writes it into docs/compliance.md."""

from __future__ import annotations

import sys

from benchmarks.lexicon import messages, page


def main() -> int:
    if not messages.SOURCE.is_dir():
        print(f"The messages do not lie beside the repository ({messages.SOURCE.name}): nothing was measured.")
        return 1
    section = page.section()
    print(section)
    page.write(section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
