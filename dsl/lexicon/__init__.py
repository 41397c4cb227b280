"""A lexicon of banned words that sees through tricks and leaves honest copy alone."""

from dsl.lexicon.finder import Lexicon, lexicon
from dsl.lexicon.hits import Hit

__all__ = ["Hit", "Lexicon", "lexicon"]
