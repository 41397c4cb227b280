"""The relational runtime: a program over whole tables. Each step is a sqlglot query over the tables of the steps before.

Instants are BIGINT microseconds since 1970 in UTC, so that no engine's interval arithmetic shows through.
"""
