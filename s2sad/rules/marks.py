"""Marks in programs that say something about a value and do nothing to it."""

from s2sad.rules.registry import constant, view

__all__: list[str] = []

constant("_constant")
view("_constant")
