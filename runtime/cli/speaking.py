"""Click's help and its usage errors in another language than English (dsl/lang/cli_zh.toml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import click

from dsl.lang import command_line, label, titles, translate
from dsl.source import display_width

# What stands together on a line: an opening mark with what follows it, a closing one with what precedes it.
_UNIT = re.compile(r"\s+|\[[^\]\s]{,20}\]|[（“《]*(?:[^\s⺀-￯“”]+|[⺀-￯])[，。；：、）”》？！]*|\S")
_EXTRA = re.compile(r"(.*?) *(\[[^\]]*\])?", re.DOTALL)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, which Chinese fills without blanks."""
    line = ""
    for unit in _UNIT.findall(" ".join(text.split())):
        if line and display_width(line + unit.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += unit if line else unit.lstrip()
    if line:
        yield line.rstrip()


class Formatter(click.HelpFormatter):
    def __init__(self, ctx: click.Context, lang: str) -> None:
        super().__init__(width=ctx.terminal_width, max_width=ctx.max_content_width)
        self.ctx, self.lang, self._heading = ctx, lang, ""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for word, meant in titles(self.lang).items():
            args = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", meant, args) if word.isupper() else args
        super().write_usage(prog, args, f"{titles(self.lang)['Usage']}：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self._heading = heading
        self.write(f"{'':>{self.current_indent}}{titles(self.lang).get(heading, heading)}：\n")

    def write_text(self, text: str) -> None:
        margin = " " * self.current_indent
        paragraphs = []
        for paragraph in text.split("\n\n"):
            lines = paragraph.split("\n")
            if lines[0].strip() == "\b":  # each line as it is
                shown = [self._meant(line) for line in lines[1:]]
            else:
                shown = list(wrapped(self._meant(paragraph), self.width - len(margin)))
            paragraphs.append("\n".join(margin + line for line in shown))
        self.write("\n\n".join(paragraphs) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        found = [
            (first, self._short(first) if self._heading == "Commands" else self._option(text)) for first, text in rows
        ]
        column = min(max(len(first) for first, _ in found), col_max) + col_spacing
        for first, text in found:
            lines = list(wrapped(text, self.width - column - self.current_indent)) or [""]
            begin = first.ljust(column)
            if len(first) > column - col_spacing:
                self.write(f"{'':>{self.current_indent}}{first}\n")
                begin = " " * column
            for line in lines:
                self.write(f"{'':>{self.current_indent}}{begin}{line}".rstrip() + "\n")
                begin = " " * column

    def _meant(self, text: str) -> str:
        return command_line(self.lang).get(" ".join(text.split()), text)

    def _short(self, name: str) -> str:
        """The first sentence of a command's help."""
        group = self.ctx.command
        command = group.get_command(self.ctx, name) if isinstance(group, click.Group) else None
        first = self._meant((command.help or "").split("\n\n")[0]) if command else ""
        return first.split("。")[0] + "。"

    def _option(self, text: str) -> str:
        """`Help.  [default: 7d]`, `[required]`."""
        found = _EXTRA.fullmatch(text)
        assert found is not None
        if not found[2]:
            return self._meant(text)
        extras = [part.partition(": ") for part in found[2][1:-1].split("; ")]
        shown = [titles(self.lang).get(key, key) + (f"：{value}" if colon else value) for key, colon, value in extras]
        return f"{self._meant(found[1])}  [{'；'.join(shown)}]".lstrip()


class SpokenError(click.UsageError):
    """A usage error in another language. As click does it, one that knows no command shows no usage."""

    def __init__(self, error: click.UsageError, lang: str) -> None:
        super().__init__(translate(" ".join(error.format_message().split()), lang), error.ctx)
        self.lang = lang

    def show(self, file: Any = None) -> None:
        shown = ""
        if self.ctx is not None:
            help = f"{self.ctx.command_path} {self.ctx.help_option_names[-1]}"
            shown = f"{self.ctx.get_usage()}\n{label('see', self.lang)}：{help}\n\n"
        click.echo(f"{shown}{label('error', self.lang)}：{self.message}", file=file, err=file is None)
