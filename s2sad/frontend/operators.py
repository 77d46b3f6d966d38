"""Operators such as `grad` in user code: what they make of a function is a function again."""

from __future__ import annotations

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Call, Const, Expr, Global, ListOf, Operator, TupleOf
from s2sad.traversal import map_children

__all__ = ["OPERATORS", "with_operators"]

#: The public names of the operators that a differentiated function may use.
OPERATORS = frozenset(
    "derivative elementwise_grad grad hessian hvp jacfwd jacobian jacrev jvp value_and_grad vjp".split()
)
_PARAMETERS = ("function", "wrt", "has_aux")


def with_operators(node: Expr, unit: Unit) -> Expr:
    """The expression with calls of operators as what they make."""
    new = map_children(node, lambda child: _inner(child, unit))
    return _operator(new, unit)


def _inner(node: Expr, unit: Unit) -> Expr:
    if isinstance(node, Global):
        return node
    return with_operators(node, unit)


def _operator(node: Expr, unit: Unit) -> Expr:
    match node:
        case Call(func=Global(dotted="s2sad.checkpoint"), args=(function,), keywords=()):
            # Of a library's function nothing is saved but its arguments and its value.
            return function if isinstance(function, Global) else Operator("checkpoint", function, None, span=node.span)
        case Call(func=Global(dotted=dotted)) if _mode(dotted) is not None:
            return _made(node, str(_mode(dotted)), unit)
        case Global(dotted=dotted) if _mode(dotted) is not None:
            raise _refusal(
                node, f"the operator `{_mode(dotted)}` is used as a value", f"call it: {_mode(dotted)}(f)", unit
            )
    return node


def _mode(dotted: str) -> str | None:
    """The operator that a name of s2sad stands for."""
    package, _, name = dotted.rpartition(".")
    return name if package in ("s2sad", "s2sad.api") and name in OPERATORS else None


def _made(call: Call, mode: str, unit: Unit) -> Expr:
    function, *point = call.args or (Const(None),)
    if mode == "jvp" and len(point) == 2:
        primals, tangents = (_items(part, unit) for part in point)
        made = Operator("jvp", function, tuple(range(len(primals))), span=call.span)
        return Call(made, (*primals, *tangents), span=call.span)
    if mode == "vjp" and point:
        made = Operator("vjp", function, tuple(range(len(point))), span=call.span)
        return Call(made, tuple(point), span=call.span)
    given = dict(zip(_PARAMETERS[1:], point, strict=False)) | {str(key): value for key, value in call.keywords}
    unknown = [key for key in given if key not in _PARAMETERS[1:]]
    if not call.args or unknown or len(point) > 2:
        raise _refusal(call, f"this call of `{mode}` is not understood", f"write it as {mode}(f, wrt=...)", unit)
    wrt = _literal(given.get("wrt", Const(0)), unit)
    return Operator(mode, function, wrt, bool(_literal(given.get("has_aux", Const(False)), unit)), span=call.span)


def _items(node: Expr, unit: Unit) -> tuple[Expr, ...]:
    if isinstance(node, TupleOf | ListOf):
        return node.items
    raise _refusal(
        node, "the primals and tangents of `jvp` have to be written as tuples", "jvp(f, (x,), (x_dot,))", unit
    )


def _literal(node: Expr, unit: Unit) -> object:
    match node:
        case Const(value=value):
            return value
        case TupleOf(items=items) | ListOf(items=items):
            return tuple(_literal(item, unit) for item in items)
    raise _refusal(
        node, "an argument of an operator is no literal", "write the position or the name of the argument", unit
    )


def _refusal(node: Expr, reason: str, rewrite: str, unit: Unit) -> DifferentiationError:
    return DifferentiationError("S104", reason, unit.place(node.span), rewrite)
