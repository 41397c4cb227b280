"""What a run is doing, on a terminal only: which stage of how many, since when, and for how long still where that is known."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from dsl.lang import translate
from runtime.cli.language import language
from runtime.profile import pace
from runtime.profile.pace import Pace
from runtime.profile.stages import FOLLOWING, Stages


@dataclass
class Watched:
    """One run of a program. `names`: its stages; customers: asked how many there are, once they are read."""

    stages: Stages
    program: str = ""
    names: Sequence[str] = ()
    customers: Callable[[], int | None] = lambda: None
    earlier: Pace | None = field(default=None)

    def line(self, say: Callable[[str], str]) -> str:
        """As it is at this moment."""
        stages = self.stages
        doing = say(stages.stage) + (f" · {say(stages.within)}" if stages.within else "")
        passed = _clock(stages.elapsed)
        if stages.stage not in self.names:
            return f"{doing}, {passed}"
        place = f"stage {self.names.index(stages.stage) + 1} of {len(self.names)}: {doing}, {passed}"
        found = pace.left(stages, self.names, self.earlier, self.customers())
        if found is None:
            return say(f"{place}, no estimate yet")
        return say(f"{place}, {'more than' if found.over else 'about'} {_clock(found.seconds)} left")

    def keep(self) -> None:
        """For the estimate of the next run, where this one has decided everything. Nobody to follow up takes no time."""
        count, seconds = self.customers(), {FOLLOWING: 0.0, **self.stages.seconds}
        if self.names and count and all(name in seconds for name in self.names):
            pace.remember(self.program, Pace(seconds, count))


@contextmanager
def status(watched: Watched | None = None) -> Iterator[Callable[[str], None]]:
    """Shows it as long as the block lasts, which tells the stages."""
    seen = watched or Watched(Stages())
    if not _at_a_terminal():
        yield seen.stages.tell
        seen.stages.end()
        return
    from rich.console import Console
    from rich.text import Text

    lang = language()  # the line is drawn by a thread that knows no command

    class _Line:
        def __rich__(self) -> Text:
            return Text(seen.line(lambda text: translate(text, lang)))

    seen.earlier = pace.recall(seen.program) if seen.program else None
    with Console(stderr=True).status(_Line()):
        yield seen.stages.tell
    seen.stages.end()
    seen.keep()


def _at_a_terminal() -> bool:
    return sys.stderr.isatty()


def _clock(seconds: float) -> str:
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
