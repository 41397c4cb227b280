"""What `camp policy` shows, compares and records."""
