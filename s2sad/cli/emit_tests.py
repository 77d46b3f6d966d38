"""`s2sad gen --emit-tests`: a test file that goes with a derivative and needs no s2sad.

It imports NumPy, the module of the function and the file of the derivative, and compares the two by differences, at a
point that is written into it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from s2sad.cli.emitted_cases import CASES, Cases, Param
from s2sad.cli.emitted_text import ALWAYS, HELPERS
from s2sad.cli.load import import_root
from s2sad.cli.problems import UsageError
from s2sad.cli.project import project_root
from s2sad.cli.request import Made, Request, header_lines, make, relative
from s2sad.cli.samples import is_large, literal, sample_values, wave
from s2sad.frontend.annotations import parameters
from s2sad.naming import Names
from s2sad.testing.coordinates import coordinates
from s2sad.trees import children, map_leaves

__all__ = ["emitted_tests"]

#: How exact a derivative is expected to be, by the precision of its arguments.
_RTOL = {"d": 1e-6, "f": 1e-3, "e": 2e-2}


def emitted_tests(made: Made, requests: Iterable[Request] = ()) -> str:
    """The text of the test file. If there is a jvp of the same function among `requests`, it is compared with, too.

    UsageError for a parameter of which neither a value nor a kind is known.
    """
    # Late, because it loads the formatter.
    from s2sad.emit import formatted

    if made.request.outputs:
        raise UsageError(f"no tests are written for functions with outputs: write one that calls {made.generated.name}")
    if any(name not in parameters(made.subject.unit) for name, _ in made.request.args):
        raise UsageError("no tests are written for functions that take any number of arguments")
    parts = [name for name in made.subject.options.wrt if name not in parameters(made.subject.unit)]
    if parts:
        raise UsageError(f"no tests are written for a part of an argument, `{parts[0]}`: `s2sad test` can check it")
    forward = next((make(request) for request in requests if _is_forward_of(request, made.request)), None)
    cases = _cases(made, forward)
    tests = list(CASES[cases.options.mode](cases))
    needed = [text for name, text in HELPERS.items() if name in ALWAYS or any(f"{name}(" in test for test in tests)]
    return formatted("\n".join([*_head(made), *_imports(cases, made, forward), *_point(cases), *needed, *tests]))


def _is_forward_of(one: Request, other: Request) -> bool:
    """True for the forward mode of a derivative in reverse mode."""
    if one.mode != "jvp" or other.mode not in ("grad", "value_and_grad", "vjp") or one.output is None or other.has_aux:
        return False
    return (one.file.resolve(), one.function, one.wrt, one.args) == (
        other.file.resolve(),
        other.function,
        other.wrt,
        other.args,
    )


def _cases(made: Made, forward: Made | None) -> Cases:
    options, taken = made.subject.options, ("ROOT", "RTOL", "Path", "sys", "import_module", "run_path", "h", "k", "y")
    names = Names((*taken, *HELPERS, "bars", "jacobian", "pullback", "expected", "error"))
    function = names.unique(made.request.function.rpartition(".")[2])
    derivative = names.unique(made.generated.name)
    jvp = names.unique(forward.generated.name) if forward else ""
    keywords = {param.arg for param in made.subject.unit.node.args.kwonlyargs}
    params = []
    for name, value in _values(made).items():
        constant, dot, other = (names.unique(f"{name}{ending}") for ending in ("", "_dot", "_dot_2"))
        params.append(Param(name, constant, dot, other, value, name in keywords))
    return Cases(function, derivative, jvp, options, tuple(params))


def _values(made: Made) -> dict[str, Any]:
    """The values of all parameters: given, drawn, or defaults."""
    request, unit, wrt = made.request, made.subject.unit, made.subject.options.wrt
    values = sample_values(unit, dict(request.args), dict(request.at), {}, literal)
    arguments = unit.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip([param.arg for param in reversed(positional)], reversed(arguments.defaults), strict=False))
    defaults |= {p.arg: d for p, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
    for name, default in defaults.items():
        if name not in values:
            values[name] = literal(name, ast.unparse(default))
    return {name: _as_float(values[name]) if name in wrt else values[name] for name in parameters(unit)}


def _as_float(value: Any) -> Any:
    """What is differentiated by is a float, also where it was given as 3 or [1, 2]."""
    if isinstance(value, np.ndarray):
        return value.astype(np.result_type(value, np.float64)) if value.dtype.kind in "iu" else value
    return float(value) if type(value) is int else value


# -------------------------------------------------------------------- the parts


def _head(made: Made) -> Iterator[str]:
    request, root = made.request, project_root(made.request.file)
    at = [word for name, text in request.at for word in ("--at", f"{name}={_spelled(text)}")]
    yield from (f"# {line}" for line in header_lines(request, made.subject, "--emit-tests", *at))
    assert request.path is not None
    target = f"{relative(request.file, root)}:{request.function}"
    yield f'"""Compares {relative(request.path, root)} with differences of {target}."""'


def _spelled(text: str) -> str:
    """A literal in its one spelling."""
    return ast.unparse(ast.parse(text, mode="eval"))


def _imports(cases: Cases, made: Made, forward: Made | None) -> Iterator[str]:
    request, root = made.request, project_root(made.request.file)
    folder, module = import_root(request.file)
    yield "import sys\nfrom importlib import import_module\nfrom pathlib import Path\nfrom runpy import run_path\n"
    yield "import numpy as np\n"
    yield "ROOT = Path(__file__).resolve().parents[1]"
    yield f"sys.path.insert(0, str({_below_root(folder, root)}))"
    yield f'{cases.function} = import_module("{module}").{request.function}'
    for name, one in ((cases.derivative, made), (cases.jvp, forward)):
        if one is not None:
            assert one.request.path is not None
            yield f'{name} = run_path(str({_below_root(one.request.path, root)}))["{one.generated.name}"]'


def _below_root(path: Path, root: Path) -> str:
    below = relative(path, root)
    return "ROOT" if below == "." else f'ROOT / "{below}"'


def _point(cases: Cases) -> Iterator[str]:
    """The values of the parameters, directions in which they move, and how exact the derivatives have to be."""
    yield "\n# The point, and directions in which it moves."
    for param in cases.params:
        yield f"{param.constant} = {_text(param.value)}"
    random = np.random.default_rng(1)
    for param in cases.wrt:
        yield f"{param.dot} = {_text(_direction(param.value, random))}"
    if cases.options.mode in ("hessian", "hvp"):
        for param in cases.wrt:
            yield f"{param.other} = {_text(_direction(param.value, random))}"
    yield f"RTOL = {_rtol(cases)}\n"


def _rtol(cases: Cases) -> float:
    found = [leaf.dtype for param in cases.params for leaf in coordinates(param.value).leaves]
    return max((_RTOL.get(np.finfo(dtype).dtype.char, 1e-6) for dtype in found), default=1e-6)


def _direction(value: Any, random: np.random.Generator) -> Any:
    """Numbers of the form of `value` and about its size, none of them 0."""
    return map_leaves(lambda leaf: _leaf_direction(leaf, random), value)


def _leaf_direction(leaf: Any, random: np.random.Generator) -> Any:
    if isinstance(leaf, np.ndarray) and is_large(leaf):
        return wave(leaf.shape, leaf.dtype)
    found = coordinates(leaf)
    sizes = np.abs(found.vector)
    sizes = np.where(sizes > 0, sizes, np.max(sizes, initial=0.0) or 1.0)
    drawn = random.uniform(0.5, 1.5, found.size) * random.choice([-1.0, 1.0], found.size) * sizes
    return found.tree_of(np.array([float(f"{number:.2g}") for number in drawn]))


# --------------------------------------------------------------------- literals


def _text(value: Any) -> str:
    """The text of a value."""
    parts = children(value)
    if isinstance(value, dict):
        items = [f"{key!r}: {_text(item)}" for key, item in value.items()]
        return f"{{{', '.join(items)}}}"
    if parts is not None:
        items = [_text(item) for _, item in parts]
        if isinstance(value, tuple):
            return f"({', '.join(items)}{',' * (len(items) == 1)})"
        return f"[{', '.join(items)}]"
    if isinstance(value, np.ndarray):
        return _array_text(value)
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({value!s})"
    return repr(value)


def _array_text(array: np.ndarray[Any, Any]) -> str:
    name = array.dtype.name
    plain = name in ("float64", "int64", "bool", "complex128")
    if is_large(array) and np.array_equal(array, wave(array.shape, array.dtype)):
        reshaped = f".reshape{array.shape}" if array.ndim > 1 else ""
        return f"(0.5 + 0.4 * np.cos(np.arange({array.size}))){reshaped}" + ("" if plain else f".astype(np.{name})")
    if not array.size:
        return f"np.zeros({array.shape}, np.{name})"
    return f"np.array({_list_text(array)}{'' if plain else f', np.{name}'})"


def _list_text(array: np.ndarray[Any, Any]) -> str:
    # The shortest text of a number in its own precision.
    return str(array[()]) if array.ndim == 0 else f"[{', '.join(map(_list_text, array))}]"
