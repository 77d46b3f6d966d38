"""Library functions that are given themselves, as in `grad(np.sum)`: a Python function that calls one, with its source."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import FunctionType
from typing import Any

from s2sad.frontend.library import library_name
from s2sad.frontend.unit import Unit
from s2sad.ir import Const
from s2sad.rules.registry import Linear, Rule, Signature, linear_rules, rules_for
from s2sad.syntax import to_ast

__all__ = ["library_unit", "written"]


def written(function: Callable[..., Any]) -> Callable[..., Any]:
    """A Python function that does nothing but call the library's `function`, if there is a rule for that.

    Its parameters are those that the rule covers. Everything else is returned as it is.

    >>> import math
    >>> written(math.sin).__name__
    'math.sin'
    """
    dotted = library_name(function)
    made = _made(dotted, function.__doc__) if dotted else None
    return made or function


def library_unit(dotted: str) -> Unit | None:
    """The unit of the Python function that calls a library's; None without a rule for that."""
    from s2sad.frontend.live import unit_of

    made = _made(dotted, None)
    return None if made is None else replace(unit_of(made), name=dotted.rpartition(".")[2])


@lru_cache(maxsize=256)
def _made(dotted: str, doc: str | None) -> FunctionType | None:
    signature = _signature(dotted)
    if signature is None or signature.variadic:
        return None
    top, _, rest = dotted.rpartition(".")
    spelled = dotted.replace("numpy.", "np.", 1)
    text = _text(spelled, top, rest, signature)
    file = f"<{dotted}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space: dict[str, Any] = {"__name__": top or "builtins"}
    defined: dict[str, Any] = {}
    # Apart from its globals, where a builtin of the same name would be the function itself.
    exec(compile(text, file, "exec"), space, defined)
    space.update({name: value for name, value in defined.items() if name != rest})
    function = defined[rest]
    assert isinstance(function, FunctionType)
    function.__name__, function.__doc__ = spelled, doc
    return function


def _spelling(_: object) -> str:
    raise AssertionError("defaults are literals")


def _signature(dotted: str) -> Signature | None:
    """The parameters that all rules of the function have; where a rule asks for literals, without the optional ones."""
    found: tuple[Rule | Linear, ...] = (*rules_for(dotted), *linear_rules(dotted))
    if len({entry.signature.params for entry in found}) != 1:
        return None
    signature = found[0].signature
    if any(entry.when for entry in found):
        required = tuple(name for name in signature.params if name not in signature.defaults)
        return replace(signature, params=required)
    return signature


def _text(spelled: str, module: str, name: str, signature: Signature) -> str:
    imported = "import numpy as np" if spelled.startswith("np.") else f"import {module}" if module else ""
    parameters, arguments = _parameters(signature)
    return f"{imported}\n\n\ndef {name}({parameters}):\n    return {spelled}({arguments})\n"


def _parameters(signature: Signature) -> tuple[str, str]:
    """Parameters and arguments as text; those behind one that the rule does not cover are given by name."""
    parameters: list[str] = []
    arguments: list[str] = []
    for name in signature.params:
        default = signature.defaults.get(name)
        if default == Const(...):
            if "*" not in parameters:
                parameters.append("*")
        elif default is None:
            parameters.append(name)
            arguments.append(name)
        else:
            parameters.append(f"{name}={ast.unparse(to_ast(default, _spelling))}")
            arguments.append(f"{name}={name}")
    if parameters[-1:] == ["*"]:
        parameters.pop()
    return ", ".join(parameters), ", ".join(arguments)
