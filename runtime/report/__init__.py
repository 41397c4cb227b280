"""What a check has found, for people and for the programs that run it: formats, fingerprints, and what was known before."""
