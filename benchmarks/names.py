"""The events of the made-up bank."""

EVENTS = ("app_view", "rate_query", "calculator", "applied", "visit", "paid")
