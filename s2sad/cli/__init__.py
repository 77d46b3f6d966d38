"""The command line: `s2sad gen | check | show | explain | test | cache`."""

from s2sad.cli.app import app, main

__all__ = ["app", "main"]
