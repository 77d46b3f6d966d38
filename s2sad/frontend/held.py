"""Iterators that a variable holds, as a list and the place in it.

    it = iter(xs)                      it_items = list(xs)
                                       it_place = 0
    a = next(it)               →       if it_place >= len(it_items):
                                           raise StopIteration
                                       a = it_items[it_place]
                                       it_place = it_place + 1
    for v in it:                       for v in it_items[it_place:]:
        …                                  it_place = it_place + 1
                                           …

So it is for an iterator over what does not change while it is held, and of which nothing else is done than to ask for the next
element and to run over the others.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from s2sad.frontend.pieces import name_node
from s2sad.frontend.settled import Library, Shared, gives_new
from s2sad.naming import Names

__all__ = ["Held", "changing", "held_iterators"]


_DISPLAYS = (ast.Tuple, ast.List, ast.Dict, ast.Set)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
#: What reads a sequence and keeps nothing of it.
_READERS = frozenset("len sum min max sorted list tuple iter next enumerate zip range abs float print".split())


@dataclass(frozen=True)
class Held:
    """The variables that stand for an iterator: what it runs over, and the place of the next element."""

    items: str
    place: str

    def start(self, source: ast.expr) -> str:
        """The text of what makes it."""
        return f"{self.items} = list({ast.unparse(source)})\n{self.place} = 0"

    def taken(self, name: str, default: ast.expr | None) -> str:
        """The text of what assigns the next element to a variable."""
        take = f"{name} = {self.items}[{self.place}]\n{self.place} = {self.place} + 1"
        if default is None:
            return f"if {self.place} >= len({self.items}):\n    raise StopIteration\n{take}"
        inner = take.replace("\n", "\n    ")
        return f"{name} = {ast.unparse(default)}\nif {self.place} < len({self.items}):\n    {inner}"

    def passed(self) -> str:
        """The text of what goes on to the next element."""
        return f"{self.place} = {self.place} + 1"

    def all_taken(self, name: str) -> str:
        """The text of what assigns all elements that are left to a variable."""
        return f"{name} = {self.items}[{self.place}:]\n{self.place} = len({self.items})"

    def rest(self, place: ast.AST) -> ast.expr:
        """The elements that are left."""
        bounds = ast.Slice(name_node(self.place, place), None)
        whole = ast.Subscript(name_node(self.items, place), bounds, ast.Load())
        return ast.fix_missing_locations(ast.copy_location(whole, place))


def held_iterators(body: list[ast.stmt], library: Library, names: Names) -> dict[str, Held]:
    """The variables of a function that hold iterators, with what stands for them."""
    nodes = [part for s in body for part in ast.walk(s)]
    bound = Counter(part.id for part in nodes if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load))
    seen = {name for s in body for name in changing(s, library)}
    shared = Shared(body, library)
    in_place = {name for s in body for name in changing(s, library, second_names=False)}
    unsettled = seen | {name for name in bound if (shared.reach(name) - {name}) & in_place}
    found: dict[str, Held] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func, args=[source], keywords=[])) if (
                library(func) == "iter" and bound[name] == 1
            ):
                if _is_settled(source, unsettled, library) and _is_known(name, body, library):
                    found[name] = Held(names.unique(f"{name}_items"), names.unique(f"{name}_place"))
    return found


def _is_settled(source: ast.expr, unsettled: set[str], library: Library) -> bool:
    """True for a sequence that stays what it is while the function runs."""
    match source:
        case ast.Name(id=name):
            return name not in unsettled
        case ast.Call(func=func, args=args, keywords=[]):
            known = library(func) in ("range", "reversed", "enumerate", "zip", "sorted", "list", "tuple")
            return known and all(_is_settled(arg, unsettled, library) for arg in args)
        case ast.Subscript(value=value):
            return _is_settled(value, unsettled, library)
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return not any(isinstance(part, ast.Starred | ast.NamedExpr) for part in elts)
    # The result of arithmetic is new.
    return isinstance(source, ast.Constant | ast.BinOp)


def changing(node: ast.AST, library: Library, second_names: bool = True) -> Iterator[str]:
    """The variables whose objects something may change; with `second_names` also those that get another name."""
    match node:
        case (
            ast.Subscript(value=value, ctx=ast.Store() | ast.Del())
            | ast.Attribute(value=value, ctx=ast.Store() | ast.Del())
        ):
            yield from _names(value)
        case ast.AugAssign(target=target):
            yield from _names(target)
        case ast.Call(func=func, args=args, keywords=keywords):
            if isinstance(func, ast.Attribute) and library(func) is None:
                yield from _names(func.value)
            if not _only_reads(library(func)) and not gives_new(node, library):
                parts = [*args, *(keyword.value for keyword in keywords)]
                yield from (name for part in parts for name in _whole(part))
        case _ if not second_names:
            pass
        case ast.Assign(value=value) | ast.NamedExpr(value=value) | ast.AnnAssign(value=ast.expr() as value):
            # Under a second name it may change, too.
            yield from _whole(value)
        case ast.For(iter=iterable):
            yield from (name for part in ast.walk(iterable) if isinstance(part, _DISPLAYS) for name in _whole(part))
        case ast.comprehension(iter=iterable):
            yield from (name for part in ast.walk(iterable) if isinstance(part, _DISPLAYS) for name in _whole(part))
        case ast.arguments(defaults=defaults, kw_defaults=others):
            yield from (name for part in (*defaults, *others) if part is not None for name in _whole(part))
    for child in ast.iter_child_nodes(node):
        yield from changing(child, library, second_names)


def _only_reads(name: str | None) -> bool:
    """True for a library's function that neither changes its arguments nor keeps them longer than what it gives lives."""
    return name is not None and (name in _READERS or name.startswith(("itertools.", "math.")))


def _whole(node: ast.AST) -> Iterator[str]:
    """The variables whose objects an expression hands on, or views of them."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.Call() | ast.JoinedStr():
            # Calls are looked at by themselves.
            return
        case ast.Subscript(value=value, slice=index):
            # The elements of a list of it are the same objects.
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            yield from _whole(value) if any(map(_is_part, parts)) else ()
        case ast.Lambda():
            return
        case _:
            yield from (name for part in ast.iter_child_nodes(node) for name in _whole(part))


def _is_part(index: ast.expr) -> bool:
    """True for an index that gives more than one element."""
    return isinstance(index, ast.Slice) or (isinstance(index, ast.Constant) and index.value in (..., None))


def _names(node: ast.AST) -> Iterator[str]:
    yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _is_known(name: str, body: list[ast.stmt], library: Library) -> bool:
    """True if nothing happens to an iterator but what is known here."""
    every = [part for s in body for part in ast.walk(s) if isinstance(part, ast.Name) and part.id == name]
    known = {id(part) for s in body for part in _uses(s, library) if isinstance(part, ast.Name) and part.id == name}
    return len(every) == len(known) + 1


def _uses(node: ast.AST, library: Library) -> Iterator[ast.AST]:
    """What is asked for its next element, and what loops run over that do not ask it themselves."""
    if isinstance(node, _FUNCTIONS):
        return
    match node:
        case ast.Call(func=func, args=[it] | [it, _], keywords=[]) if library(func) == "next":
            yield it
        case ast.For(iter=ast.Name(id=name) as it, body=body) if name not in {n for s in body for n in _names(s)}:
            yield it
        case ast.Call(func=func, args=[it], keywords=[]) if library(func) in ("list", "tuple", "sum"):
            yield it
    for child in ast.iter_child_nodes(node):
        yield from _uses(child, library)
