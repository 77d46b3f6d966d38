"""What a rule is, and the table of them.

A rule is text in Python: `rule("y = np.exp(x)", "dy = dx * y")` gives the differential of a function,
`linear("y = np.sum(x)", "x_bar = ...")` says that a function is linear in an argument and names its transpose. The
passes know functions only through these tables; a rule has no code of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from s2sad.errors import RuleError
from s2sad.ir import Attribute, Binary, Call, Const, Expr, Global, Index, ListOf, Name, Routine, Starred, TupleOf, Unary
from s2sad.kind import Kind
from s2sad.syntax import parse
from s2sad.traversal import substitute

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
    "canonical",
    "choice",
    "constant",
    "constants",
    "data_key",
    "edition",
    "extended",
    "has_rule",
    "is_choice",
    "is_constant",
    "is_selection",
    "is_shallow",
    "is_view",
    "is_writable_view",
    "is_zero",
    "key_of",
    "keys",
    "known",
    "like",
    "linear",
    "linear_rules",
    "mark",
    "may_share",
    "method",
    "method_key",
    "operands",
    "read_signature",
    "rule",
    "rules_for",
    "selection",
    "shallow",
    "sharing",
    "stand_in",
    "stand_in_for",
    "view",
    "without_defaults",
    "zero",
]

#: The arguments of a call under the names of a rule's parameters.
Arguments = Mapping[str, Expr]
#: Decides from the arguments and their kinds whether a rule applies.
Guard = Callable[[Arguments, Mapping[str, Kind]], bool]


@dataclass(frozen=True)
class Signature:
    """The left part of a rule: which function, its parameters with defaults, the name of its result.

    The default `...` marks a parameter that the rule does not cover: it must be left out, or None.
    """

    key: str
    params: tuple[str, ...]
    defaults: Mapping[str, Expr]
    result: str
    variadic: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, with the one that takes any number of arguments as a list."""
        return (*self.params, self.variadic) if self.variadic is not None else self.params


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

    `elementwise`: transposes may have the broadcast shape, the mechanism sums it back.
    `lazy`: they take a number for an array of equal elements.
    `jointly`: linear in these arguments together, as a sum is; else in each while the others stay, as a product is.
    `lists`: the arguments may be lists; else a list is made an array first.
    `ignored`: of these arguments the result has no derivative; often they only give a shape.
    `of`: it stands for the derivative of this function in a place where only its transpose, given by hand, is known; it
    cannot be called. Its arguments are the differential, the value, and the function's. `forward` is the derivative, where
    that is known as well.
    """

    signature: Signature
    transposes: Mapping[str, Expr]
    elementwise: bool = False
    lazy: bool = False
    jointly: bool = False
    lists: bool = False
    ignored: frozenset[str] = frozenset()
    of: str = ""
    forward: Expr | None = None
    when: Guard | None = field(default=None, compare=False)
    text: str = ""


_RULES: dict[str, list[Rule]] = {}
_LINEAR: dict[str, list[Linear]] = {}
_CONSTANT: dict[str, str] = {}
_METHODS: dict[str, str] = {}
_ATTRIBUTES: dict[str, str] = {}
_PACKED: set[str] = set()
_SELECTIONS: set[str] = set()
#: The functions that return views, and whether these are read-only.
_VIEWS: dict[str, bool] = {}
_SHARING: dict[str, Callable[[Call], bool]] = {}
_SHALLOW: set[str] = set()
_CHOICES: set[str] = set()
_MARKS: set[str] = set()
_ZEROS: set[str] = set()
_ALIASES: dict[str, str] = {}
_STAND_INS: dict[str, str] = {}
_EDITIONS: list[int] = [0]
_NUMBERS = count(1)
_NOT_COVERED = Const(...)


# ------------------------------------------------------------- declaring rules


def rule(signature: str, differential: str, when: Guard | None = None) -> None:
    """Declare a differential: `rule("y = np.arctan2(a, b)", "dy = (b * da - a * db) / (a**2 + b**2)")`.

    A term `0 * dx` says that the derivative with respect to `x` is zero. The text may call only functions with rules.
    Several rules of one function are tried in the order they were declared, each if `when` holds.
    """
    sig = read_signature(signature)
    target, expression = _equation(differential, sig)
    if target != f"d{sig.result}":
        raise RuleError(f"{differential!r} must assign d{sig.result}")
    _RULES.setdefault(sig.key, []).append(Rule(sig, expression, when, f"{signature};  {differential}"))


def linear(
    signature: str,
    *transposes: str,
    elementwise: bool = False,
    lazy: bool = False,
    jointly: bool = False,
    lists: bool = False,
    when: Guard | None = None,
) -> None:
    """Declare a function linear in the arguments whose transposes are given: `x_bar = ...` in terms of `y_bar`.

    `x_bar = 0` says that the result has no derivative with respect to `x`.
    """
    sig = read_signature(signature)
    by_param = {}
    for text in transposes:
        target, expression = _equation(text, sig)
        if not target.endswith("_bar") or target.removesuffix("_bar") not in (*sig.params, sig.variadic):
            raise RuleError(f"{text!r} must assign the adjoint of an argument of {signature!r}")
        by_param[target.removesuffix("_bar")] = expression
    ignored = frozenset(name for name, expression in by_param.items() if expression == Const(0))
    counted = {name: expression for name, expression in by_param.items() if name not in ignored}
    text = ";  ".join((signature, *transposes))
    entry = Linear(sig, counted, elementwise, lazy, jointly, lists, ignored, when=when, text=text)
    _LINEAR.setdefault(sig.key, []).append(entry)


def constant(*names: str, why: str = "") -> None:
    """Declare functions whose result carries no derivative."""
    for name in names:
        _CONSTANT[_key_of_name(name)] = why


def mark(*names: str) -> None:
    """Declare functions that hand on their argument, whatever it is, as a constant."""
    constant(*names)
    view(*names)
    _MARKS.update(map(_key_of_name, names))


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
    """Declare the function that picks each element from its second argument where the first holds, else its third."""
    sig = read_signature(signature)
    _SELECTIONS.add(sig.key)
    test, then, orelse = sig.params
    masks = (f"{then}_bar = np.where({test}, y_bar, 0)", f"{orelse}_bar = np.where({test}, 0, y_bar)")
    linear(signature, *masks, elementwise=True, jointly=True)


def attribute(**functions: str) -> None:
    """Declare attributes of arrays that are a NumPy function: `attribute(T="np.transpose")`."""
    for name, function in functions.items():
        _ATTRIBUTES[name] = _key_of_name(function)


@contextmanager
def extended(entries: Sequence[Rule | Linear]) -> Iterator[None]:
    """With rules of a user's, which come before those of the same function, and before its being constant."""
    if not entries:
        yield
        return
    _EDITIONS.append(next(_NUMBERS))
    rules, linears, constants = dict(_RULES), dict(_LINEAR), dict(_CONSTANT)
    for entry in reversed(entries):
        key = canonical(entry.signature.key)
        _CONSTANT.pop(key, None)
        if isinstance(entry, Rule):
            _RULES[key] = [entry, *_RULES.get(key, ())]
        else:
            _LINEAR[key] = [entry, *_LINEAR.get(key, ())]
    try:
        yield
    finally:
        for table in (_RULES, _LINEAR, _CONSTANT):
            table.clear()
        _RULES.update(rules)
        _LINEAR.update(linears)
        _CONSTANT.update(constants)
        _EDITIONS.pop()


def edition() -> int:
    """A number that tells the present rules from those that hold elsewhere."""
    return _EDITIONS[-1]


# ------------------------------------------------------------------ asking them


def canonical(key: str) -> str:
    """The key under which a function that goes by several names has its rules."""
    return _ALIASES.get(key, key)


def rules_for(key: str) -> tuple[Rule, ...]:
    """The differentials of a function, in the order they are tried."""
    return tuple(_RULES.get(canonical(key), ()))


def linear_rules(key: str) -> tuple[Linear, ...]:
    return tuple(_LINEAR.get(canonical(key), ()))


def is_constant(key: str) -> bool:
    return canonical(key) in _CONSTANT


def view(*names: str, read_only: bool = False) -> None:
    """Declare functions that only look at their argument in another way: calling them again costs nothing. What is
    `read_only` cannot be written into, even if the argument can.
    """
    _VIEWS.update(dict.fromkeys(map(_key_of_name, names), read_only))


def sharing(*names: str, when: Callable[[Call], bool] = lambda call: True) -> None:
    """Declare functions whose result may be an argument, or look at its memory; `when` tells for which calls."""
    _SHARING.update((_key_of_name(name), when) for name in names)


def shallow(*names: str) -> None:
    """Declare functions and methods (`.copy`) that make a new container of the elements that their argument has."""
    _SHALLOW.update(names)


def zero(*names: str) -> None:
    """Declare functions whose value is zero, and so its own tangent."""
    _ZEROS.update(map(_key_of_name, names))


def is_zero(key: str | None) -> bool:
    return key is not None and canonical(key) in _ZEROS


def stand_in(**functions: str) -> None:
    """Declare functions of `np.linalg` that fail on sample values, with others that return values of the same kind."""
    for name, other in functions.items():
        _STAND_INS[f"numpy.linalg.{name}"] = _key_of_name(other)


def stand_in_for(dotted: str) -> str:
    """The function to call on samples to learn what `dotted` returns."""
    return _STAND_INS.get(dotted, dotted)


def is_view(key: str | None) -> bool:
    return key is not None and (canonical(key) in _VIEWS)


def is_writable_view(key: str | None) -> bool:
    """True for a function whose result can be written into if its argument can."""
    return key is not None and _VIEWS.get(canonical(key)) is False


def may_share(call: Call) -> bool:
    """True if the value of a call may be an argument, or look at its memory."""
    key = canonical(key_of(call) or "")
    if key in _VIEWS or (key in _SHARING and _SHARING[key](call)):
        return True
    entries: tuple[Rule | Linear, ...] = (*rules_for(key), *linear_rules(key))
    found = [bind(entry.signature, call) for entry in entries]
    copies = [bound["copy"] for bound in found if isinstance(bound, Mapping) and "copy" in bound]
    copies += [value for name, value in call.keywords if name == "copy"]
    return any(copy != Const(True) for copy in copies)


def is_shallow(call: Call) -> bool:
    """True if the value of a call is a new container with the elements of an argument."""
    match call.func:
        case Global(dotted=name):
            return name in _SHALLOW
        case Attribute(attr=attr):
            return f".{attr}" in _SHALLOW
    return False


def choice(*names: str) -> None:
    """Declare functions whose value is one of their arguments, as it is."""
    _CHOICES.update(names)
    sharing(*names)


def is_choice(call: Call) -> bool:
    return isinstance(call.func, Global) and call.func.dotted in _CHOICES


def like(key: str) -> int | None:
    """Which argument of the function has the kind of its result, where one has it whatever it is."""
    if key in _MARKS:
        return 0
    return 1 if any(entry.of for entry in _LINEAR.get(key, ())) else None


def is_selection(key: str | None) -> bool:
    return key is not None and canonical(key) in _SELECTIONS


def known(key: str) -> bool:
    """True if the function has a rule or is declared constant, so that calling it has no effect but its result."""
    key = canonical(key)
    return key in _RULES or key in _LINEAR or key in _CONSTANT


def has_rule(call: Call) -> bool:
    """True for a call of a function of the program that has a rule."""
    return isinstance(call.func, Routine) and known(key_of(call) or "")


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
        case Call(func=Global(dotted=key)):
            return key
        case Call(func=Routine(key=key)):
            # Without the number of a specialisation.
            return key.partition("$")[0]
        case Call(func=Name(id=name)):
            return data_key(name)
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


def data_key(name: str) -> str:
    """The key of something that is called by the name of a variable."""
    return f"{name}()"


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
    """The arguments of `node` by parameter, defaults filled in; or, as text, what the signature does not cover."""
    args, keywords = operands(node)
    if signature.variadic is not None and len(args) == 1 and isinstance(args[0], Starred) and not keywords:
        return {**signature.defaults, signature.variadic: args[0].value}
    if any(isinstance(arg, Starred) for arg in args) or any(key is None for key, _ in keywords):
        return "arguments given by * or **"
    positional = signature.params
    if signature.variadic is not None:
        # What stands behind is given by keyword.
        positional = tuple(name for name in positional if name not in signature.defaults)
    elif len(args) > len(positional):
        return f"{len(args)} positional arguments"
    bound: dict[str, Expr] = dict(zip(positional, args, strict=False))
    if signature.variadic is not None:
        bound[signature.variadic] = ListOf(args[len(positional) :])
    for key, value in keywords:
        if key not in signature.params:
            return f"the argument `{key}`"
        bound[str(key)] = value
    for name in signature.params:
        default = signature.defaults.get(name)
        if name not in bound:
            if default is None:
                return f"the argument `{name}` left out"
            bound[name] = default
        elif default == _NOT_COVERED and bound[name] != Const(None):
            return f"the argument `{name}`"
    return {name: value for name, value in bound.items() if signature.defaults.get(name) != _NOT_COVERED}


def without_defaults(node: Expr) -> Expr:
    """A call in a rule's text without the keyword arguments that have their default value."""
    if not isinstance(node, Call) or not node.keywords:
        return node
    key = key_of(node) or ""
    entries: tuple[Rule | Linear, ...] = (*linear_rules(key), *rules_for(key))
    defaults = {name: value for entry in entries for name, value in entry.signature.defaults.items()}
    kept = tuple((name, value) for name, value in node.keywords if name not in defaults or defaults[name] != value)
    return replace(node, keywords=kept)


# ---------------------------------------------------------------- reading texts


def _equation(text: str, signature: Signature) -> tuple[str, Expr]:
    target, _, expression = text.partition("=")
    # `max` is a parameter of np.clip.
    params: dict[Expr, Expr] = {Global(name): Name(name) for name in signature.params}
    return target.strip(), substitute(parse(expression.strip()), params)


def read_signature(text: str) -> Signature:
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
