"""A report as one HTML page, which loads nothing from anywhere."""

from runtime.page.page import page

__all__ = ["page"]
