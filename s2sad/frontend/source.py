"""From a live Python function to its source: the tree and text of the code that really runs."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, MethodWrapperType
from types import WrapperDescriptorType as SlotWrapperType

from s2sad.errors import DifferentiationError, Place
from s2sad.frontend.definition import Node, as_function, definitions, name_of_lambda, parse

__all__ = ["Source", "place_of", "shown_path", "source_of", "why_no_function"]

_COMPILED = (BuiltinFunctionType, MethodDescriptorType, MethodWrapperType, SlotWrapperType)


@dataclass(frozen=True, eq=False)
class Source:
    """A function's definition, the path of its file as people are shown it, and all lines of the file."""

    node: ast.FunctionDef
    file: str
    lines: tuple[str, ...]


def source_of(function: object) -> Source:
    """The source of a Python function; S101 where there is none, S102 where it is not the code that runs.

    >>> from textwrap import shorten
    >>> source_of(shorten).node.name
    'shorten'
    """
    if not isinstance(function, FunctionType):
        reason, rewrite = why_no_function(function)
        raise DifferentiationError("S101", reason, rewrite=rewrite)
    lines = _lines(function)
    found = _definitions(function, lines)
    if not found:
        lines = _lines_now(function)
        found = _definitions(function, lines)
    if not found:
        raise _changed(function)
    file = shown_path(function.__code__.co_filename)
    if len({ast.dump(each) for each in found}) > 1:
        raise _ambiguous(found[0], file, lines)
    return Source(_function_node(found[0], file, lines), file, tuple(lines))


def shown_path(path: str) -> str:
    """`path` relative to the working directory if it is below it, else the file's name; never absolute."""
    if path.startswith("<"):
        return path
    relative = os.path.relpath(path) if _same_drive(path) else os.pardir
    below = relative.split(os.sep)[0] != os.pardir
    return (relative if below else os.path.basename(path)).replace(os.sep, "/")


def place_of(node: ast.AST, file: str, lines: Sequence[str]) -> Place:
    """The place of a node; of its first line where it has several."""
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0)
    text = lines[line - 1].rstrip("\n") if 0 < line <= len(lines) else ""
    one_line = getattr(node, "end_lineno", None) == line
    end = getattr(node, "end_col_offset", None) if one_line else None
    return Place(file, line, column, len(text) if end is None else end, text)


def why_no_function(thing: object) -> tuple[str, str]:
    """Why `thing`, which is no plain Python function, has no source to differentiate, and what works instead."""
    name = _name(thing)
    if isinstance(thing, type):
        return f"`{name}` is a class", "differentiate a function that makes the object and returns a number"
    if type(thing).__name__ == "ufunc":
        return f"`{name}` is a NumPy ufunc, which has no Python source", f"wrap it: lambda x: {name}(x)"
    if type(thing).__name__ == "_ArrayFunctionDispatcher":
        return f"`np.{name}` is compiled and has no Python source", f"wrap it: lambda x: np.{name}(x)"
    if isinstance(thing, _COMPILED):
        return f"`{name}` is compiled and has no Python source", f"wrap it: lambda x: {name}(x)"
    if isinstance(thing, MethodType):
        return f"`{name}` is a bound method", "write it as a function with the object's numbers as parameters"
    if type(thing).__module__ == "s2sad.derivatives":
        return f"`{name}` is a derivative, which a differentiated function cannot call", "differentiate it by itself"
    if isinstance(thing, partial):
        return f"`{name}` is a functools.partial", "write it as a function: lambda x: f(x, ...)"
    if type(thing).__module__.split(".")[0] == "numba":
        return f"`{name}` is compiled by Numba", f"differentiate its Python function: {name}.py_func"
    if callable(thing):
        return f"`{name}` is an object with `__call__`, not a function", f"wrap it: lambda x: {name}(x)"
    return f"{name} cannot be called", "give a Python function"


# ------------------------------------------------------------------- finding


def _lines(function: FunctionType) -> list[str]:
    lines = linecache.getlines(function.__code__.co_filename, function.__globals__)
    if not lines:
        raise _missing(function)
    return lines


def _lines_now(function: FunctionType) -> list[str]:
    """The lines of the file as it is now: after a reload `linecache` still has those of before."""
    linecache.checkcache(function.__code__.co_filename)
    return _lines(function)


def _definitions(function: FunctionType, lines: list[str]) -> tuple[Node, ...]:
    try:
        return definitions(function.__code__, "".join(lines))
    except (SyntaxError, ValueError):
        return ()


def _function_node(found: Node, file: str, lines: Sequence[str]) -> ast.FunctionDef:
    match found:
        case ast.AsyncFunctionDef(name=name) as node:
            place = place_of(node, file, lines)
            raise DifferentiationError("S201", f"`{name}` is a coroutine", place, "write it with `def`")
        case ast.Lambda() as node:
            return as_function(node, name_of_lambda(node, parse("".join(lines))))
        case node:
            return as_function(node, node.name)


def _same_drive(path: str) -> bool:
    return os.path.splitdrive(os.path.abspath(path))[0] == os.path.splitdrive(os.getcwd())[0]


def _name(thing: object) -> str:
    """What a message calls `thing`: the name it carries, or its type."""
    if isinstance(thing, partial):
        return f"partial({_name(thing.func)}, ...)"
    own = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    if not isinstance(own, str):
        return f"an object of type {type(thing).__qualname__}" if not callable(thing) else type(thing).__qualname__
    return f"np.{own}" if type(thing).__name__ == "ufunc" else own


# ------------------------------------------------------------------ refusals


def _missing(function: FunctionType) -> DifferentiationError:
    name, file = function.__qualname__, function.__code__.co_filename
    if file.startswith("<"):
        reason = f"the source of `{name}` is not kept: it comes from a prompt, `python -c` or `exec` ({file})"
        return DifferentiationError("S101", reason, rewrite="write the function in a file, or use IPython")
    reason = f"the source of `{name}` cannot be read: its file {shown_path(file)} is not there"
    return DifferentiationError("S101", reason, rewrite="run Python where the .py file is, or import it again")


def _changed(function: FunctionType) -> DifferentiationError:
    name, file = function.__qualname__, shown_path(function.__code__.co_filename)
    reason = (
        f"the source of `{name}` in {file} is not the code that runs: the file was edited after it was imported, "
        "or the function was made by a tool"
    )
    return DifferentiationError("S102", reason, rewrite="import the file again: importlib.reload, or a new Python")


def _ambiguous(found: Node, file: str, lines: Sequence[str]) -> DifferentiationError:
    reason = "several lambdas on this line compile to the same code and cannot be told apart"
    place = place_of(found, file, lines)
    return DifferentiationError("S101", reason, place, "put each on a line of its own")
