"""The interpreter against the runtime on random programs and data."""
