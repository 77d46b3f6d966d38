"""How much the lists of a reverse mode hold in the end, as a formula in the trip counts and the shapes of the arguments."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from s2sad.analysis.loops import Elements, Enumerated, Iteration, Range, Reversed, Zipped
from s2sad.ir import Const, Expr
from s2sad.kind import Array, Dim, Kind, Number
from s2sad.program import Spelling
from s2sad.syntax import to_ast
from s2sad.transform.residuals import Plan, Stacked
from s2sad.transform.steps import Loop

__all__ = ["memory_lines"]

#: A reference in a list, and a number of Python's or NumPy's with it. Of booleans there are two.
_REFERENCE = 8
_NUMBERS = {"bool": 8, "int": 36, "float": 32, "complex": 40}
_NUMPY_NUMBER = 40


def memory_lines(plan: Plan) -> Iterator[str]:
    """One line for each nest of loops that fills lists."""
    kind_of = plan.versions.context.kind_of_name
    table = plan.versions.table
    arguments = {name: kind_of(token) for name, token in plan.versions.entry.items()}
    found: dict[str, Counter[str]] = {}
    for version in plan.in_order():
        if isinstance(plan.decisions[version.token], Stacked) and version.how != "list":
            trips = " × ".join(map(_trips, table[version.token].region.loops()))
            count, size = _bytes(kind_of(version.token), arguments)
            found.setdefault(trips, Counter())[size] += count
    for trips, sizes in found.items():
        terms = [f"{count} × {size}" if size else str(count) for size, count in sizes.items()]
        yield f"{trips} × {terms[0] if len(terms) == 1 else '(' + ' + '.join(terms) + ')'} bytes"


def _trips(loop: Loop) -> str:
    """The number of rounds of a loop."""
    if loop.way is None:
        return "rounds of the while loop"
    return _length(loop.way)


def _length(way: Iteration) -> str:
    match way:
        case Range(start=Const(value=0), stop=stop, step=Const(value=1)):
            return _text(stop)
        case Range(start=start, stop=stop, step=Const(value=1)):
            return f"({_text(stop)} - {_text(start)})"
        case Range(start=start, stop=stop, step=step):
            return f"len(range({_text(start)}, {_text(stop)}, {_text(step)}))"
        case Elements(sequence=sequence):
            return f"len({_text(sequence)})"
        case Reversed(inner=inner) | Enumerated(inner=inner) | Zipped(parts=(inner, *_)):
            return _length(inner)
    return "rounds"


def _text(node: Expr) -> str:
    """An expression as Python, in brackets where it is a sum or the like."""
    text = ast.unparse(to_ast(node, lambda part: Spelling().spell(part)[0]))
    return f"({text})" if " " in text and not text.endswith(")") else text


def _bytes(kind: Kind, arguments: Mapping[str, Kind]) -> tuple[int, str]:
    """What one value takes: a number of bytes, and what it is to be multiplied by."""
    match kind:
        case Number(dtype=dtype):
            return _NUMBERS.get(dtype, _NUMPY_NUMBER), ""
        case Array(dtype=dtype, shape=shape):
            return np.dtype(dtype).itemsize, _size(shape, arguments)
    return 1, "?"


def _size(shape: tuple[Dim, ...], arguments: Mapping[str, Kind]) -> str:
    """The number of elements, by the argument of this shape or by the axes of arguments."""
    for name, kind in arguments.items():
        if isinstance(kind, Array) and kind.shape == shape and None not in shape:
            return f"{name}.size"
    return " × ".join(_axis(dim, arguments) for dim in shape) or "1"


def _axis(dim: Dim, arguments: Mapping[str, Kind]) -> str:
    """One dimension: a number, or the length of an argument's axis, or a little more or less than that."""
    if dim is None:
        return "?"
    if len(set(dim)) == 1:
        return str(dim[0])
    for name, kind in arguments.items():
        for axis, own in enumerate(kind.shape if isinstance(kind, Array) else ()):
            differences = {size - other for size, other in zip(dim, own or (), strict=False)}
            if own is not None and len(differences) == 1:
                (more,) = differences
                text = f"{name}.shape[{axis}]"
                return text if more == 0 else f"({text} {'+' if more > 0 else '-'} {abs(more)})"
    return "?"
