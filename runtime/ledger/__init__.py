"""What was decided, sent and heard, kept over runs: transactional, in one DuckDB file or a Parquet dataset."""
