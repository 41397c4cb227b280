"""Rules: each a small function whose docstring is its page (What · Why · Bad · Good · Source)."""
