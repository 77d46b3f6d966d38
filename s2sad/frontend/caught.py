"""Functions with `*args` and `**kwargs` of which is said what they catch: a parameter for each of it.

The kinds `rest: (float, float)` and `options: {scale: float}` make `def f(x, *rest, **options)` the function
`def f(x, rest_0, rest_1, *, scale)`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from s2sad.errors import ArgumentError
from s2sad.frontend.given import Given, applied
from s2sad.frontend.unit import Unit
from s2sad.naming import Names

__all__ = ["Caught", "caught"]


@dataclass(frozen=True)
class Caught:
    """A function that catches nothing, the kinds of its parameters as text, and the names of new parameters by what they
    are called in terms of the old ones: `rest[0]`.
    """

    unit: Unit
    kinds: Mapping[str, str]
    names: Mapping[str, str]


def caught(unit: Unit, kinds: Mapping[str, str]) -> Caught:
    """The function with what its `*args` and `**kwargs` catch by itself, as far as `kinds` say what that is.

    ArgumentError (S104) if they say it in another way.
    """
    arguments = unit.node.args
    args, kwargs = (
        None if arg is None or arg.arg not in kinds else arg.arg for arg in (arguments.vararg, arguments.kwarg)
    )
    if args is None and kwargs is None:
        _check_named(unit)
        return Caught(unit, kinds, {})
    items = [] if args is None else _items(unit, args, kinds[args])
    pairs = {} if kwargs is None else _pairs(unit, kwargs, kinds[kwargs])
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    names = Names([*(arg.arg for arg in every), *filter(None, (args, kwargs)), *pairs])
    new = {names.unique(f"{args}_{number}"): item for number, item in enumerate(items)}
    called = {f"{args}[{number}]": name for number, name in enumerate(new)}
    given = Given(args=None if args is None else tuple(new), keywords=None if kwargs is None else tuple(pairs))
    left = {name: text for name, text in kinds.items() if name not in (args, kwargs)}
    return Caught(applied(unit, given, unit.key), {**left, **new, **pairs}, called)


def _check_named(unit: Unit) -> None:
    """Refuse a function that has no parameter but those that catch."""
    arguments = unit.node.args
    for catching, example in ((arguments.vararg, "(float, float)"), (arguments.kwarg, "{scale: float}")):
        if catching is not None and not (arguments.posonlyargs or arguments.args or arguments.kwonlyargs):
            reason = f"`{unit.node.name}` takes any number of arguments, and which these are is not known"
            raise ArgumentError("S104", reason, rewrite=f"say it: --arg '{catching.arg}: {example}'")


def _items(unit: Unit, name: str, text: str) -> list[str]:
    """The kinds in a tuple of them."""
    tree = _parsed(text)
    if not isinstance(tree, ast.Tuple):
        raise _wrong(unit, f"*{name}", text, f"--arg '{name}: (float, float[n])' for two of them")
    return list(map(ast.unparse, tree.elts))


def _pairs(unit: Unit, name: str, text: str) -> dict[str, str]:
    """The kinds in a dict of them, by their keys."""
    match _parsed(text):
        case ast.Dict(keys=keys, values=values):
            words, own = [_word(key) for key in keys], unit.node.args
            taken = {arg.arg for arg in (*own.args, *own.kwonlyargs)}
            if all(word.isidentifier() and word not in taken for word in words):
                return dict(zip(words, map(ast.unparse, values), strict=True))
    raise _wrong(unit, f"**{name}", text, f"--arg '{name}: {{scale: float}}' for one of them")


def _word(key: ast.expr | None) -> str:
    match key:
        case ast.Name(id=word) | ast.Constant(value=str(word)):
            return word
    return ""


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None


def _wrong(unit: Unit, parameter: str, text: str, example: str) -> ArgumentError:
    reason = f"the kind of `{parameter}` of `{unit.node.name}`, `{text.strip()}`, does not say what it catches"
    return ArgumentError("S104", reason, rewrite=example)
