"""What a rule is, and the table of them.

A rule is text in Python: `rule("y = np.exp(x)", "dy = dx * y")` gives the differential of a function, `linear("y = np.sum(x)",
"x_bar = ...")` says that a function is linear in an argument and names its transpose. The passes know functions only
through these tables; a rule has no code of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from s2sad.ir import Attribute, Binary, Call, Expr, Global, Index, ListOf, Name, Starred, TupleOf, Unary
from s2sad.kind import Kind
from s2sad.syntax import parse

__all__ = [
    "Arguments",
    "Guard",
    "Linear",
    "Rule",
    "RuleError",
    "Signature",
    "alias",
    "attribute",
    "attribute_key",
    "bind",
    "constant",
    "constants",
    "is_constant",
    "is_selection",
    "is_view",
    "key_of",
    "keys",
    "known",
    "linear",
    "linear_rules",
    "method",
    "method_key",
    "operands",
    "rule",
    "rules_for",
    "selection",
    "view",
]

#: The arguments of a call under the names of a rule's parameters.
Arguments = Mapping[str, Expr]
#: Decides from the arguments and their kinds whether a rule applies.
Guard = Callable[[Arguments, Mapping[str, Kind]], bool]


class RuleError(ValueError):
    """The text of a rule is malformed."""


@dataclass(frozen=True)
class Signature:
    """The left part of a rule: which function, its parameters with defaults, the name of its result."""

    key: str
    params: tuple[str, ...]
    defaults: Mapping[str, Expr]
    result: str
    variadic: str | None = None


@dataclass(frozen=True)
class Rule:
    """The differential of a function: linear in the names `d<param>`."""

    signature: Signature
    differential: Expr
    when: Guard | None = field(default=None, compare=False)
    text: str = ""


@dataclass(frozen=True)
class Linear:
    """A function linear in each of `transposes`; each expression maps the result's adjoint to that argument's.

    The transposes of an elementwise function may have the broadcast shape: the mechanism sums it back.
    """

    signature: Signature
    transposes: Mapping[str, Expr]
    elementwise: bool = False
    when: Guard | None = field(default=None, compare=False)
    text: str = ""


_RULES: dict[str, list[Rule]] = {}
_LINEAR: dict[str, list[Linear]] = {}
_CONSTANT: dict[str, str] = {}
_METHODS: dict[str, str] = {}
_ATTRIBUTES: dict[str, str] = {}
_PACKED: set[str] = set()
_SELECTIONS: set[str] = set()
_VIEWS: set[str] = set()
_ALIASES: dict[str, str] = {}


# ------------------------------------------------------------- declaring rules


def rule(signature: str, differential: str, when: Guard | None = None) -> None:
    """Declare a differential: `rule("y = np.arctan2(a, b)", "dy = (b * da - a * db) / (a**2 + b**2)")`.

    Several rules of one function are tried in the order they were declared, each if `when` holds.
    """
    sig = _signature(signature)
    target, expression = _equation(differential)
    if target != f"d{sig.result}":
        raise RuleError(f"{differential!r} must assign d{sig.result}")
    _RULES.setdefault(sig.key, []).append(Rule(sig, expression, when, f"{signature};  {differential}"))


def linear(signature: str, *transposes: str, elementwise: bool = False, when: Guard | None = None) -> None:
    """Declare a function linear in the arguments whose transposes are given: `x_bar = ...` in terms of `y_bar`."""
    sig = _signature(signature)
    by_param = {}
    for text in transposes:
        target, expression = _equation(text)
        if not target.endswith("_bar") or target.removesuffix("_bar") not in sig.params:
            raise RuleError(f"{text!r} must assign the adjoint of an argument of {signature!r}")
        by_param[target.removesuffix("_bar")] = expression
    text = ";  ".join((signature, *transposes))
    _LINEAR.setdefault(sig.key, []).append(Linear(sig, by_param, elementwise, when, text))


def constant(*names: str, why: str = "") -> None:
    """Declare functions whose result carries no derivative."""
    for name in names:
        _CONSTANT[_key_of_name(name)] = why


def alias(name: str, *others: str) -> None:
    """Declare that other names mean the same function."""
    for other in others:
        _ALIASES[_key_of_name(other)] = _key_of_name(name)


def method(*names: str, packed: bool = False, **others: str) -> None:
    """Declare methods of arrays that are the NumPy function of the same (or the given) name.

    `packed`: several positional arguments stand for a tuple, as in `x.reshape(2, 3)`.
    """
    for name, function in {**{name: f"np.{name}" for name in names}, **others}.items():
        _METHODS[name] = _key_of_name(function)
        if packed:
            _PACKED.add(name)


def selection(signature: str) -> None:
    """Declare the function that picks, element by element, its second argument where the first holds, else its third."""
    sig = _signature(signature)
    _SELECTIONS.add(sig.key)
    test, then, orelse = sig.params
    masks = (f"{then}_bar = np.where({test}, y_bar, 0)", f"{orelse}_bar = np.where({test}, 0, y_bar)")
    linear(signature, *masks, elementwise=True)


def attribute(**functions: str) -> None:
    """Declare attributes of arrays that are a NumPy function: `attribute(T="np.transpose")`."""
    for name, function in functions.items():
        _ATTRIBUTES[name] = _key_of_name(function)


# ------------------------------------------------------------------ asking them


def _canonical(key: str) -> str:
    return _ALIASES.get(key, key)


def rules_for(key: str) -> tuple[Rule, ...]:
    """The differentials of a function, in the order they are tried."""
    return tuple(_RULES.get(_canonical(key), ()))


def linear_rules(key: str) -> tuple[Linear, ...]:
    return tuple(_LINEAR.get(_canonical(key), ()))


def is_constant(key: str) -> bool:
    return _canonical(key) in _CONSTANT


def view(*names: str) -> None:
    """Declare functions that only look at their argument in another way: calling them again costs nothing."""
    _VIEWS.update(map(_key_of_name, names))


def is_view(key: str | None) -> bool:
    return key is not None and (_canonical(key) in _VIEWS)


def is_selection(key: str | None) -> bool:
    return key is not None and _canonical(key) in _SELECTIONS


def known(key: str) -> bool:
    """True if the function has a rule or is declared constant, so that calling it has no effect but its result."""
    key = _canonical(key)
    return key in _RULES or key in _LINEAR or key in _CONSTANT


def method_key(attr: str) -> str | None:
    """The function that the array method `attr` stands for."""
    return _METHODS.get(attr)


def attribute_key(attr: str) -> str | None:
    """The function that the array attribute `attr` stands for."""
    return _ATTRIBUTES.get(attr)


def constants() -> Mapping[str, str]:
    return _CONSTANT


def keys() -> list[str]:
    """Every function with a rule, sorted."""
    return sorted({*_RULES, *_LINEAR})


def key_of(node: Expr) -> str | None:
    """The key under which the operation at the root of `node` is found in the tables."""
    match node:
        case Call(func=Global(dotted=dotted)):
            return dotted
        case Call(func=Attribute(attr=attr)) if attr in _METHODS:
            return _METHODS[attr]
        case Attribute(attr=attr) if attr in _ATTRIBUTES:
            return _ATTRIBUTES[attr]
        case Binary(op=op):
            return op
        case Unary(op=op):
            return f"unary {op}"
        case Index():
            return "[]"
    return None


def operands(node: Expr) -> tuple[tuple[Expr, ...], tuple[tuple[str | None, Expr], ...]]:
    """The arguments of the operation at the root of `node`, positional and by keyword."""
    match node:
        case Call(func=Attribute(value=value, attr=attr), args=args, keywords=keywords) if attr in _METHODS:
            packed = (TupleOf(args),) if attr in _PACKED and len(args) > 1 else args
            return (value, *packed), keywords
        case Call(args=args, keywords=keywords):
            return args, keywords
        case Binary(left=a, right=b) | Index(value=a, index=b):
            return (a, b), ()
        case Unary(operand=x) | Attribute(value=x):
            return (x,), ()
    return (), ()


def bind(signature: Signature, node: Expr) -> Arguments | str:
    """The arguments of `node` by parameter, defaults filled in; or, as text, what does not fit."""
    args, keywords = operands(node)
    if any(isinstance(arg, Starred) for arg in args) or any(key is None for key, _ in keywords):
        return "arguments given by * or **"
    bound: dict[str, Expr] = {}
    if signature.variadic is None and len(args) > len(signature.params):
        return f"{len(args)} positional arguments"
    for name, arg in zip(signature.params, args, strict=False):
        bound[name] = arg
    if signature.variadic is not None:
        bound[signature.variadic] = ListOf(args[len(signature.params) :])
    for key, value in keywords:
        if key not in signature.params:
            return f"the argument `{key}`"
        bound[str(key)] = value
    for name in signature.params:
        if name not in bound:
            if name not in signature.defaults:
                return f"the argument `{name}` left out"
            bound[name] = signature.defaults[name]
    return bound


# ---------------------------------------------------------------- reading texts


def _equation(text: str) -> tuple[str, Expr]:
    target, _, expression = text.partition("=")
    return target.strip(), parse(expression.strip())


def _signature(text: str) -> Signature:
    """Read `y = np.sum(x, axis=None)`, `y = a + b`, `y = -x`, `y = x[i]`."""
    tree = ast.parse(text).body[0]
    if not isinstance(tree, ast.Assign) or not isinstance(tree.targets[0], ast.Name):
        raise RuleError(f"{text!r} is not of the form `y = f(x)`")
    result = tree.targets[0].id
    variadic = None
    if isinstance(tree.value, ast.Call) and tree.value.args and isinstance(tree.value.args[-1], ast.Starred):
        variadic = ast.unparse(tree.value.args.pop().value)  # type: ignore[attr-defined]
    node = parse(ast.unparse(tree.value))
    key = key_of(node)
    args, keywords = operands(node)
    names = tuple(arg.id for arg in args if isinstance(arg, Name))
    if key is None or len(names) != len(args):
        raise RuleError(f"{text!r} is not a call of one function with plain names")
    defaults = {str(name): value for name, value in keywords}
    return Signature(key, (*names, *defaults), defaults, result, variadic)


def _key_of_name(name: str) -> str:
    root, dot, rest = name.partition(".")
    return f"numpy.{rest}" if root == "np" and dot else name
