"""Arguments that share their memory with others, where the function changes them: refused when it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from s2sad.analysis.inout import deep_parts
from s2sad.ir import Block, Const, Expr, Function, Index, Name, Statement
from s2sad.kind import Array, Key, Kind, item_of, items_of
from s2sad.simplify.shapes import without_helpers
from s2sad.syntax import template
from s2sad.transform.refusing import refused_if
from s2sad.transform.values import values_of

__all__ = ["apart"]


def apart(function: Function, kind_of: Callable[[Expr], Kind], data: Iterable[str]) -> Block:
    """Statements that refuse arguments of the outermost function which share their memory with one that it changes, and
    module data that do; and arguments in which something is changed that is in them twice.
    """
    checks: dict[Expr, Statement] = {}

    def check(helper: str, part: Expr, other: Expr, name: str, reason: str) -> None:
        test, turned = (without_helpers(template(helper, u=u, v=v), kind_of) for u, v in ((part, other), (other, part)))
        is_known = isinstance(kind_of(part), Array) and turned in checks
        if test != Const(False) and not is_known:
            text = f"{function.name} changes `{name}` in place: {reason}"
            checks.setdefault(test, refused_if(test, text, ValueError))

    for name in function.changes:
        parts = _deep_parts(function, name, kind_of) if name in function.deep else []
        for other in (*(param.name for param in function.params if param.name != name), *data):
            reason = f"`{other}` must not share its memory"
            check("_overlap(u, v)", Name(name), Name(other), name, reason)
            for part in parts:
                check("_tangled(u, v)", part, Name(other), name, reason)
        for part in parts:
            for other_part in (part, *_beside(part, kind_of)):
                check("_tangled(u, v)", part, other_part, name, "its parts must not share their memory")
    return tuple(line for line in checks.values() if line not in function.body)


def _deep_parts(function: Function, name: str, kind_of: Callable[[Expr], Kind]) -> list[Expr]:
    """The parts of an argument in which something is changed: elements that are there for sure, or the whole."""
    kind = kind_of(Name(name))
    parts = list(dict.fromkeys(deep_parts(values_of(function).body, name)))
    known = [isinstance(part, Index) and _key(kind, part.index) is not None for part in parts]
    return [] if isinstance(kind, Array) else parts if all(known) else [Name(name)]


def _key(kind: Kind, index: Expr) -> Key | None:
    return item_of(kind, index.value) if isinstance(index, Const) else None


def _beside(part: Expr, kind_of: Callable[[Expr], Kind]) -> list[Expr]:
    """The other elements of the container of which this is one."""
    if not isinstance(part, Index):
        return []
    kind = kind_of(part.value)
    return [Index(part.value, Const(key)) for key, _ in items_of(kind) or () if key != _key(kind, part.index)]
