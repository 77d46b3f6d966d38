"""What can be wrong with a command, and the exit code it ends with."""

from __future__ import annotations

from s2sad.errors import S2sadError

__all__ = ["UsageError", "exit_code"]

#: Errors about what was asked for rather than about the function: no such function, wrong options, no float.
_USAGE = ("S101", "S104", "S401")


class UsageError(Exception):
    """The command makes no sense as it was given; the message is a sentence that says what would."""


def exit_code(error: S2sadError) -> int:
    """2 for an error in what was asked for, 3 for a function that cannot be differentiated."""
    return 2 if error.code in _USAGE else 3
