"""Copy: a small, safe part of Jinja. Read into values of our own, checked, rendered, and compiled by the runtime."""
