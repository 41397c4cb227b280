"""Pure functions that make the words: filters, the joining of a message's parts, the length in SMS segments."""
