"""Regular expressions of RE2 as Java reads them."""

from __future__ import annotations


def java(pattern: str) -> str:
    """`$` is the very end, where Java's also stands before a last line break; in a class no two `&` and no `[` mean anything."""
    found: list[str] = []
    at, inside = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            found.append(pattern[at : at + 2])
            at += 2
            continue
        if inside:
            opens = found[-1] in ("[", "[^")
            if char == "]" and not opens:
                inside = False
            elif char == "^" and found[-1] == "[":
                found[-1] = "[^"
                at += 1
                continue
            elif char in "&[" or (char == "]" and opens):
                char = "\\" + char
        elif char == "[":
            inside = True
        elif char == "$":
            char = r"\z"
        found.append(char)
        at += 1
    return "".join(found)
