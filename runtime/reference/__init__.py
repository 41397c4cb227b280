"""docs/semantics.md in plain Python, one customer at a time: slow, and what the relational runtime is measured by."""

from runtime.reference.data import Data, Event
from runtime.reference.plan import plan

__all__ = ["Data", "Event", "plan"]
