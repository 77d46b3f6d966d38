"""Code for people to look at: coloured in a notebook, on a page, in a terminal."""

from s2sad.view.fragment import html
from s2sad.view.page import page
from s2sad.view.terminal import coloured, terminal

__all__ = ["coloured", "html", "page", "terminal"]
