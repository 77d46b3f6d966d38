"""Between Python's syntax trees and the core language, for expressions; and templates, expressions written as text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from s2sad.ir import (
    Attribute,
    Binary,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    D,
    DictOf,
    Expr,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Result,
    Routine,
    Slice,
    Span,
    Starred,
    TupleOf,
    Unary,
)
from s2sad.traversal import map_children

__all__ = [
    "BINARY",
    "UNARY",
    "Unsupported",
    "carried",
    "from_ast",
    "parse",
    "span_of",
    "template",
    "to_ast",
    "variable",
]

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
UNARY: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not", ast.Invert: "~"}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_BINARY_CLASS = {op: cls for cls, op in BINARY.items()}
_UNARY_CLASS = {op: cls for cls, op in UNARY.items()}
_COMPARE_CLASS = {op: cls for cls, op in COMPARE.items()}
_CARRIED = (
    ast.JoinedStr, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda,
)  # fmt: skip

Resolve = Callable[[ast.expr], Expr | None]
Spell = Callable[[Global | Routine], str]


@dataclass(frozen=True)
class Unsupported(Exception):
    """An expression that the core language does not have."""

    node: ast.AST
    what: str


def span_of(node: ast.AST) -> Span | None:
    """The part of its first line that a node of the parser covers."""
    line = getattr(node, "lineno", None)
    if line is None:
        return None
    one_line = node.end_lineno == line  # type: ignore[attr-defined]
    end = node.end_col_offset if one_line else 10_000  # type: ignore[attr-defined]
    return Span(line, node.col_offset, end)  # type: ignore[attr-defined]


def from_ast(node: ast.expr, resolve: Resolve) -> Expr:
    """The expression in the core language. `resolve` gives names and attribute chains their meaning (None: a plain
    attribute). Raises Unsupported.
    """
    span = span_of(node)

    def sub(child: ast.expr) -> Expr:
        return from_ast(child, resolve)

    def subs(nodes: list[ast.expr]) -> tuple[Expr, ...]:
        return tuple(map(sub, nodes))

    def maybe(child: ast.expr | None) -> Expr | None:
        return None if child is None else sub(child)

    match node:
        case ast.Name() | ast.Attribute() | ast.Lambda() if (found := resolve(node)) is not None:
            return found
        case ast.Attribute(value=value, attr=attr):
            return Attribute(sub(value), attr, span=span)
        case ast.Constant(value=value):
            return Const(value, span=span)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() | complex() as value)):
            return Const(-value, span=span) if type(value) is not bool else Unary("-", Const(value), span=span)
        case ast.UnaryOp(op=op, operand=operand):
            return Unary(UNARY[type(op)], sub(operand), span=span)
        case ast.BinOp(left=left, op=op, right=right):
            return Binary(BINARY[type(op)], sub(left), sub(right), span=span)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            return Compare(sub(left), tuple(COMPARE[type(op)] for op in ops), subs(rights), span=span)
        case ast.BoolOp(op=op, values=values):
            return Bool("and" if isinstance(op, ast.And) else "or", subs(values), span=span)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return Conditional(sub(test), sub(body), sub(orelse), span=span)
        case ast.Call(func=func, args=args, keywords=keywords):
            named = tuple((keyword.arg, sub(keyword.value)) for keyword in keywords)
            return Call(sub(func), subs(args), named, span=span)
        case ast.Subscript(value=value, slice=index):
            return Index(sub(value), sub(index), span=span)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return Slice(maybe(lower), maybe(upper), maybe(step), span=span)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            return (TupleOf if isinstance(node, ast.Tuple) else ListOf)(subs(elts), span=span)
        case ast.Dict(keys=keys, values=values) if (constants := _constant_keys(keys)) is not None:
            return DictOf(constants, subs(values), span=span)
        case ast.Starred(value=value):
            return Starred(sub(value), span=span)
    if isinstance(node, _CARRIED):
        return resolve(node) or carried(node, resolve, span)
    raise Unsupported(node, type(node).__name__)


def _constant_keys(nodes: list[ast.expr | None]) -> tuple[str | int, ...] | None:
    """The keys of a dict display if they are different strings and integers."""
    keys = [node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) in (str, int)]
    return tuple(keys) if len(keys) == len(nodes) == len(set(keys)) else None  # type: ignore[arg-type]


def carried(node: ast.expr, resolve: Resolve, span: Span | None = None) -> Opaque:
    """An expression kept as text, with the meaning of its free names beside it."""
    free = tuple(dict.fromkeys(name.id for name in _free_names(node, frozenset())))
    bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            raise Unsupported(inner, type(inner).__name__)
        if isinstance(inner, ast.Name) and inner.id in free and inner.id in bound:
            raise Unsupported(inner, "a name that is both bound and free in one expression")
    reads = []
    for name in free:
        found = resolve(ast.copy_location(ast.Name(name, ast.Load()), node))
        if found is not None:
            reads.append((name, found))
    return Opaque(ast.unparse(node), tuple(reads), span=span)


def _free_names(node: ast.AST, bound: frozenset[str]) -> Iterator[ast.Name]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            if name not in bound:
                yield node
        case ast.Lambda(args=args, body=body):
            own = {a.arg for a in ast.walk(args) if isinstance(a, ast.arg)}
            for default in (*args.defaults, *(d for d in args.kw_defaults if d is not None)):
                yield from _free_names(default, bound)
            yield from _free_names(body, bound | own)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            inner = bound
            for generator in node.generators:
                yield from _free_names(generator.iter, inner)
                inner |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
                for test in generator.ifs:
                    yield from _free_names(test, inner)
            for field in ("key", "value", "elt"):
                if hasattr(node, field):
                    yield from _free_names(getattr(node, field), inner)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _free_names(child, bound)


# ------------------------------------------------------------------ and back


def to_ast(node: Expr, spell: Spell) -> ast.expr:
    """Python's tree for an expression; `spell` writes the references to libraries and functions."""

    def sub(child: Expr) -> ast.expr:
        return to_ast(child, spell)

    def subs(nodes: tuple[Expr, ...]) -> list[ast.expr]:
        return [to_ast(child, spell) for child in nodes]

    match node:
        case Name(id=name):
            return ast.Name(name, ast.Load())
        case Const(value=value):
            return _constant(value)
        case Global() | Routine():
            return ast.parse(spell(node), mode="eval").body
        case Unary(op=op, operand=operand):
            return ast.UnaryOp(_UNARY_CLASS[op](), sub(operand))
        case Binary(op=op, left=left, right=right):
            return ast.BinOp(sub(left), _BINARY_CLASS[op](), sub(right))
        case Compare(left=left, ops=ops, rights=rights):
            return ast.Compare(sub(left), [_COMPARE_CLASS[op]() for op in ops], subs(rights))
        case Bool(op=op, values=values):
            return ast.BoolOp(ast.And() if op == "and" else ast.Or(), subs(values))
        case Conditional(test=test, then=then, orelse=orelse):
            return ast.IfExp(sub(test), sub(then), sub(orelse))
        case Call(func=func, args=args, keywords=keywords):
            return ast.Call(sub(func), subs(args), [ast.keyword(key, sub(value)) for key, value in keywords])
        case Attribute(value=value, attr=attr):
            return ast.Attribute(sub(value), attr, ast.Load())
        case Index(value=value, index=index):
            return ast.Subscript(sub(value), sub(index), ast.Load())
        case Slice(lower=lower, upper=upper, step=step):
            return ast.Slice(*(None if x is None else sub(x) for x in (lower, upper, step)))
        case TupleOf(items=items):
            return ast.Tuple(subs(items), ast.Load())
        case ListOf(items=items):
            return ast.List(subs(items), ast.Load())
        case DictOf(keys=keys, items=items):
            return ast.Dict([_constant(key) for key in keys], subs(items))
        case Starred(value=value):
            return ast.Starred(sub(value), ast.Load())
        case Opaque(text=text, reads=reads):
            return _spliced(text, {name: sub(value) for name, value in reads})
    raise TypeError(f"no syntax for {node!r}")


def _constant(value: object) -> ast.expr:
    """A literal; negative numbers the way the parser gives them, infinities by name."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value != value or value in (float("inf"), float("-inf")):
            return ast.Call(ast.Name("float", ast.Load()), [ast.Constant(repr(value))], [])
        if value < 0 or (value == 0 and str(value).startswith("-")):
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)  # type: ignore[arg-type]


class _Splice(ast.NodeTransformer):
    def __init__(self, replacements: dict[str, ast.expr]) -> None:
        self.replacements = replacements

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.replacements.get(node.id, node)


def _spliced(text: str, replacements: dict[str, ast.expr]) -> ast.expr:
    tree = _Splice(replacements).visit(ast.parse(text, mode="eval")).body
    assert isinstance(tree, ast.expr)
    return tree


# ------------------------------------------------------------------- templates

_ROOTS = {"np": "numpy", "math": "math", "scipy": "scipy", "cmath": "cmath"}
_BUILTINS = frozenset(
    "abs bool complex dict divmod enumerate float int isinstance len list map max min next pow range reversed round sum "
    "tuple type zip TypeError ValueError".split()
)


def _resolve_template(node: ast.expr) -> Expr | None:
    match node:
        case ast.Name(id=name):
            if name in _BUILTINS or name.startswith("_"):
                return Global(name)
            return Global(_ROOTS[name]) if name in _ROOTS else Name(name)
        case ast.Attribute():
            dotted = ast.unparse(node)
            root, _, rest = dotted.partition(".")
            if root in _ROOTS and rest.replace(".", "").isidentifier():
                return Global(f"{_ROOTS[root]}.{rest}")
    return None


@lru_cache(maxsize=4096)
def parse(text: str) -> Expr:
    """A template's text as an expression: `np.f` is NumPy's, `_f` a helper, other names are variables."""
    tree = ast.parse(text, mode="eval").body
    return _without_spans(from_ast(tree, _resolve_template))


@lru_cache(maxsize=4096)
def variable(name: str) -> Expr:
    """The variable of that name, or the part of one that is called so.

    >>> variable('params["W"]')
    Index(value=Name(id='params'), index=Const(value='W', type='str'))
    """
    if name.isidentifier() or "@" in name:
        return Name(name)
    tree = ast.parse(name, mode="eval").body
    return _without_spans(from_ast(tree, lambda node: Name(node.id) if isinstance(node, ast.Name) else None))


def _without_spans(node: Expr) -> Expr:
    bare = map_children(node, _without_spans)
    if bare.span is not None:
        object.__setattr__(bare, "span", None)
    return bare


def template(text: str, **parts: Expr) -> Expr:
    """The expression that `text` writes, its variables replaced by `parts`.

    >>> template("a * (1 - a)", a=Name("y"))
    Binary(op='*', left=Name(id='y'), right=Binary(op='-', left=Const(value=1, type='int'), right=Name(id='y')))
    """
    return _fill(parse(text), parts)


def _fill(node: Expr, parts: dict[str, Expr]) -> Expr:
    if isinstance(node, Name):
        return parts.get(node.id, node)
    if isinstance(node, D | Result):
        return node
    return map_children(node, lambda child: _fill(child, parts))
