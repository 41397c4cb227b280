"""The syntax tree: what was written, with its places, before any name is looked up. Immutable."""
