"""A lexicon of banned words that sees through tricks and leaves honest copy alone."""

from dsl.lexicon.finder import Hit, Lexicon

__all__ = ["Hit", "Lexicon"]
