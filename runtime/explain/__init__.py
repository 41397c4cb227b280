"""Why a customer gets what they get: one customer's way through a run, by the interpreter, held against what the run wrote."""
