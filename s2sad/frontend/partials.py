"""`functools.partial` in user code: the function with its first arguments captured, or a lambda that holds what is given."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Call, Closure, Expr, Function, Global, Lambda, Name, Param, Return, Routine, Starred
from s2sad.naming import Names
from s2sad.traversal import map_children

__all__ = ["with_partials"]

#: The parameters of a function of the program, by its key.
Arguments = Callable[[str], ast.arguments]


def with_partials(node: Expr, unit: Unit, arguments: Arguments) -> Expr:
    """The expression with calls of `functools.partial` as what they make."""
    new = map_children(node, lambda child: with_partials(child, unit, arguments))
    match new:
        case Call(func=Global(dotted="functools.partial"), args=(function, *given), keywords=keywords):
            if any(isinstance(value, Starred) for value in given) or any(key is None for key, _ in keywords):
                reason = "cannot differentiate a partial function with arguments given by `*` or `**`"
                raise DifferentiationError("S201", reason, unit.place(node.span), "give each argument by itself")
            named = {str(key): value for key, value in keywords}
            known = _parameters(function, arguments)
            if isinstance(function, Routine) and not named and known and len(given) <= len(known.positional):
                return Closure(function.key, tuple(zip(known.positional, given, strict=False)), span=new.span)
            if known is not None and known.fits(len(given), named):
                return _of_known(function, known, tuple(given), named, new)
            return _of_any(function, tuple(given), named, new)
    return new


@dataclass(frozen=True)
class _Parameters:
    """The parameters of a function; it is `plain` if a call gives all of them."""

    positional: tuple[str, ...]
    keyword: tuple[str, ...]
    plain: bool

    def fits(self, count: int, named: Iterable[str]) -> bool:
        """True if all that is given has a parameter, and what is left is given in each call."""
        return self.plain and count <= len(self.positional) and {*named} <= {*self.positional[count:], *self.keyword}


def _parameters(function: Expr, arguments: Arguments) -> _Parameters | None:
    match function:
        case Routine(key=key):
            args = arguments(key)
            plain = not (args.defaults or any(args.kw_defaults) or args.vararg or args.kwarg)
            positional = tuple(arg.arg for arg in (*args.posonlyargs, *args.args))
            return _Parameters(positional, tuple(arg.arg for arg in args.kwonlyargs), plain)
        case Lambda(function=Function(params=params), bound=()):
            plain = all(param.form in ("positional", "keyword") and param.default is None for param in params)
            positional = tuple(param.name for param in params if param.form == "positional")
            return _Parameters(positional, tuple(param.name for param in params if param.form == "keyword"), plain)
    return None


def _of_known(function: Expr, known: _Parameters, given: tuple[Expr, ...], named: dict[str, Expr], node: Expr) -> Expr:
    """A lambda with the parameters that are left: behind one that has a value by name, all are given by name."""
    left = known.positional[len(given) :]
    cut = next((k for k, name in enumerate(left) if name in named), len(left))
    params = [Param(name) for name in left[:cut]]
    params += [Param(name, "keyword") for name in (*left[cut:], *known.keyword) if name not in named]
    bound = dict(zip(known.positional, given, strict=False)) | named
    if not isinstance(function, Routine):
        own = Names((*known.positional, *known.keyword)).unique("function")
        bound[own], function = function, Name(own)
    keywords = tuple((name, Name(name)) for name in known.keyword)
    called = Call(function, tuple(map(Name, known.positional)), keywords, span=node.span)
    return _lambda(tuple(params), called, tuple(bound.items()))


def _of_any(function: Expr, given: tuple[Expr, ...], named: dict[str, Expr], node: Expr) -> Expr:
    """A lambda that takes any number of arguments more, where the parameters are not known."""
    first = {f"given_{number}": value for number, value in enumerate(given)}
    bound = first | {f"given_{name}": value for name, value in named.items()}
    if not isinstance(function, Routine | Global):
        bound["function"] = function
        function = Name("function")
    args = (*map(Name, first), Starred(Name("rest")))
    keywords = (*((name, Name(f"given_{name}")) for name in named), (None, Name("options")))
    params = Param("rest", "args"), Param("options", "kwargs")
    return _lambda(params, Call(function, args, keywords, span=node.span), tuple(bound.items()))


def _lambda(params: tuple[Param, ...], called: Call, bound: tuple[tuple[str, Expr], ...]) -> Lambda:
    return Lambda(Function("with_given", params, (Return(called),)), None, bound, span=called.span)
