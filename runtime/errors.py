"""What ends a command with exit code 2: input that cannot be used."""

from __future__ import annotations


class InputError(Exception):
    """`message` says what is wrong, `help` what to do about it."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message, self.help = message, help
