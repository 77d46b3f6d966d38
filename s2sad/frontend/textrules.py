"""Derivatives by hand in a module's text: decorators, methods called at the top level, and rules declared there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from s2sad.errors import DifferentiationError
from s2sad.frontend.source import place_of
from s2sad.frontend.text import TextModule
from s2sad.frontend.toplevel import Definition
from s2sad.frontend.unit import Imported

__all__ = ["Declaration", "Said", "declarations", "given_for", "imported_name", "is_by_hand", "said_by", "said_of"]

_CUSTOM = ("s2sad.custom_jvp", "s2sad.custom_vjp")
_CHECKPOINT = "s2sad.checkpoint"
_METHODS = {"defjvp": ("jvp",), "defvjp": ("forward", "backward")}
_DECLARING = {"s2sad.rule": "rule", "s2sad.defjvp": "jvp", "s2sad.defvjp": "vjp"}


@dataclass(frozen=True)
class Said:
    """What decorators say of a function: see `s2sad.custom.ByHand`."""

    nondiff: tuple[int | str, ...] = ()
    recompute: bool = False


@dataclass(frozen=True, eq=False)
class Declaration:
    """A call of `rule`, `defjvp` or `defvjp` for the function that `target` names in the module."""

    module: TextModule
    kind: str
    target: ast.expr
    texts: tuple[str, ...] = ()
    makers: tuple[ast.expr, ...] = ()
    argnums: tuple[int, ...] = ()


def imported_name(module: TextModule, expression: ast.expr) -> str | None:
    """The full dotted name of an imported thing, by the import statements alone."""
    match expression:
        case ast.Attribute(value=value, attr=attr):
            base = imported_name(module, value)
            return base and f"{base}.{attr}"
        case ast.Name(id=name):
            bounds = module.top.names.get(name, [])
            match bounds[-1].by if bounds else None:
                case Imported(bound=dotted, level=0, attr=own):
                    return f"{dotted}.{own}" if own else dotted
    return None


# ------------------------------------------------------------------ decorators


def is_by_hand(module: TextModule, decorator: ast.expr) -> bool:
    """True for a decorator under which a name means the function itself, of which something is said."""
    return said_by(module, decorator) is not None or _method_of(module, decorator) is not None


def said_of(module: TextModule, node: ast.FunctionDef) -> Said | None:
    """What the decorators of a definition say; None where they say nothing."""
    found = [said for decorator in node.decorator_list if (said := said_by(module, decorator)) is not None]
    if not found:
        return None
    nondiff = next((said.nondiff for said in found if said.nondiff), ())
    return Said(nondiff, any(said.recompute for said in found))


def said_by(module: TextModule, decorator: ast.expr) -> Said | None:
    """What one decorator says: `custom_jvp`, `custom_jvp(nondiff_argnums=…)`, `partial(custom_jvp, …)`, `checkpoint`."""
    match decorator:
        case ast.Call(func=func, args=[inner], keywords=keywords) if imported_name(module, func) == "functools.partial":
            return _custom(module, inner, keywords)
        case ast.Call(func=func, args=[], keywords=keywords):
            return _custom(module, func, keywords)
        case ast.Name() | ast.Attribute() if imported_name(module, decorator) == _CHECKPOINT:
            return Said(recompute=True)
    return _custom(module, decorator, [])


def _custom(module: TextModule, expression: ast.expr, keywords: list[ast.keyword]) -> Said | None:
    if imported_name(module, expression) not in _CUSTOM:
        return None
    nondiff: list[int | str] = []
    for keyword in keywords:
        value = _literal(keyword.value, module)
        nondiff += value if isinstance(value, tuple) else (value,)
    return Said(tuple(nondiff))


def _literal(node: ast.expr, module: TextModule) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        reason = "what is said of a derivative by hand cannot be told from the text"
        place = place_of(node, module.file, module.lines)
        raise DifferentiationError("S103", reason, place, "write the numbers or names out") from None


def _method_of(module: TextModule, decorator: ast.expr) -> tuple[str, str] | None:
    """The function and the method of `@f.defjvp`."""
    match decorator:
        case ast.Attribute(value=ast.Name(id=name), attr="defjvp") if name in module.top.names:
            return name, "defjvp"
    return None


# ------------------------------------------------------------- at the top level


def given_for(module: TextModule, name: str) -> dict[str, ast.expr]:
    """The functions that `name.defjvp(…)` and `name.defvjp(…)` give, as statements or decorators."""
    found: dict[str, ast.expr] = {}
    for bounds in module.top.names.values():
        for bound in bounds:
            if isinstance(bound.by, Definition):
                node = bound.by.node
                if any(_method_of(module, decorator) == (name, "defjvp") for decorator in node.decorator_list):
                    found["jvp"] = ast.copy_location(ast.Name(node.name, ast.Load()), node)
    for call in module.top.calls:
        match call.func:
            case ast.Attribute(value=ast.Name(id=own), attr=attr) if own == name and attr in _METHODS:
                found |= dict(zip(_METHODS[attr], call.args, strict=False))
                found |= {str(keyword.arg): keyword.value for keyword in call.keywords}
    return found


def declarations(module: TextModule) -> Iterator[Declaration]:
    """The rules that are declared at the top level of a module."""
    for call in module.top.calls:
        kind = _DECLARING.get(imported_name(module, call.func) or "")
        if kind == "rule":
            signature, text = (str(_literal(arg, module)) for arg in call.args)
            target = _called(signature, call, module)
            yield Declaration(module, kind, target, (signature, text))
        elif kind is not None:
            target, *makers = call.args
            argnums = next((_literal(k.value, module) for k in call.keywords if k.arg == "argnums"), range(len(makers)))
            yield Declaration(module, kind, target, (), tuple(makers), tuple(argnums))  # type: ignore[arg-type]


def _called(signature: str, call: ast.Call, module: TextModule) -> ast.expr:
    """The function that a rule is for, as an expression in the module."""
    match ast.parse(signature).body:
        case [ast.Assign(value=ast.Call(func=func))]:
            return func
    place = place_of(call, module.file, module.lines)
    raise DifferentiationError("S206", f"the rule {signature!r} does not read `y = f(x)`", place, "name one function")
