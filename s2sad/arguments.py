"""The arguments of a derivative: what can be differentiated, what is promoted, and tangents that fit their primals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad.errors import ArgumentError, ArgumentValueError

__all__ = ["check_plain", "cotangent_of", "differentiable", "tangent_of"]

_FLOATS = "fc"
_NUMBERS = "biufc"


def check_plain(function: str, name: str, value: object) -> None:
    """Refuse subclasses of ndarray, whose operators may mean something else (`np.matrix`, masked arrays)."""
    if isinstance(value, np.ndarray) and type(value) not in (np.ndarray, np.memmap):
        made = type(value).__name__
        raise ArgumentError(
            "S401",
            f"argument `{name}` of `{function}` is of the class {made}, whose operators s2sad does not know",
            rewrite=f"pass a plain array: `np.asarray({name})`",
        )


def differentiable(function: str, name: str, value: Any) -> Any:
    """`value` as an argument to differentiate with respect to: a Python int becomes a float.

    >>> differentiable("loss", "x", 3)
    3.0

    ArgumentError (S401, a TypeError) if it is, or holds, anything but floats.
    """
    if type(value) is int:
        return float(value)
    _check_leaves(function, name, name, value)
    return value


def _check_leaves(function: str, name: str, path: str, value: Any) -> None:
    """Floats, arrays of floats, and tuples and lists of them; None may stand in a container for something absent."""
    if isinstance(value, tuple | list) and type(value) in (tuple, list):
        for index, item in enumerate(value):
            if item is not None and type(item) is not float:
                _check_leaves(function, name, f"{path}[{index}]", item)
    elif isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in _FLOATS:
            raise _no_float(function, path, _called(value), _as_floats(path, value))
    elif type(value) not in (float, complex):
        rewrite = f"write `float({path})`" if type(value) is int else f"select other arguments than `{name}` by `wrt`"
        raise _no_float(function, path, _called(value), rewrite)


def _as_floats(path: str, value: np.ndarray[Any, Any] | np.generic) -> str:
    if value.dtype.kind in "biu":
        return f"pass `{path}.astype(float)`" if isinstance(value, np.ndarray) else f"pass `float({path})`"
    return f"pass an array of floats: `np.asarray({path}, dtype=float)`"


def _no_float(function: str, path: str, what: str, rewrite: str) -> ArgumentError:
    reason = f"cannot differentiate `{function}` with respect to `{path}`: it is {what}"
    return ArgumentError("S401", f"{reason}, not a float or an array of floats", rewrite=rewrite)


def _called(value: object) -> str:
    """A value's type as a message names it."""
    match value:
        case None:
            return "None"
        case np.ndarray():
            return f"an array of dtype {value.dtype}"
        case np.generic():
            return f"a scalar of dtype {value.dtype}"
    made = type(value).__name__
    return f"{'an' if made[0] in 'aeiou' else 'a'} {made}"


# -------------------------------------------------------------------- tangents


@dataclass(frozen=True)
class _Owner:
    """Whose tangents, and what they are called."""

    function: str
    what: str


def tangent_of(function: str, path: str, primal: Any, tangent: Any) -> Any:
    """`tangent` with the type, dtype and structure of `primal`.

    >>> tangent_of("loss", "x", np.ones(2, np.float32), np.array([1, 0]))
    array([1., 0.], dtype=float32)

    ArgumentValueError (S104) if the shapes or structures differ, ArgumentError (S401) if it is no number.
    """
    return _fitted(_Owner(function, "tangent"), path, primal, tangent)


def cotangent_of(function: str, path: str, value: Any, cotangent: Any) -> Any:
    """`cotangent` with the type, dtype and structure of a function's `value`. Errors as for `tangent_of`.

    >>> cotangent_of("loss", "value", 2.5, 1)
    1.0
    """
    return _fitted(_Owner(function, "cotangent"), path, value, cotangent)


def _fitted(owner: _Owner, path: str, primal: Any, tangent: Any) -> Any:
    if isinstance(primal, tuple | list):
        return _container(owner, path, primal, tangent)
    if primal is None:
        return _none(owner, path, tangent)
    if type(tangent) is type(primal) and type(primal) is not np.ndarray:
        return tangent
    array = np.asarray(tangent) if _is_rectangular(tangent) else None
    allowed = _NUMBERS if np.iscomplexobj(primal) else _NUMBERS.replace("c", "")
    if array is None or array.dtype.kind not in allowed:
        of = f"`{path}` of `{owner.function}`"
        reason = f"the {owner.what} of {of} is {_called(tangent)}, where `{path}` is {_called(primal)}"
        raise ArgumentError("S401", reason, rewrite=f"a {owner.what} has the type of its primal")
    if array.shape != np.shape(primal):
        raise _different(owner, path, f"has shape {np.shape(primal)}", f"shape {array.shape}")
    return _cast(primal, tangent, array)


def _cast(primal: Any, tangent: Any, array: np.ndarray[Any, Any]) -> Any:
    if isinstance(primal, np.ndarray):
        fits = type(tangent) is np.ndarray and array.dtype == primal.dtype
        return tangent if fits else array.astype(primal.dtype)
    return type(primal)(array[()])


def _is_rectangular(value: Any) -> bool:
    try:
        np.shape(value)
    except ValueError:
        return False
    return True


def _container(owner: _Owner, path: str, primal: Any, tangent: Any) -> Any:
    if type(tangent) is not type(primal) or len(tangent) != len(primal):
        has = f"is a {type(primal).__name__} of {len(primal)}"
        size = f" of {len(tangent)}" if isinstance(tangent, tuple | list) else ""
        raise _different(owner, path, has, f"{_called(tangent)}{size}")
    pairs = enumerate(zip(primal, tangent, strict=True))
    parts = [_fitted(owner, f"{path}[{index}]", x, x_dot) for index, (x, x_dot) in pairs]
    unchanged = all(new is old for new, old in zip(parts, tangent, strict=True))
    return tangent if unchanged else type(primal)(parts)


def _none(owner: _Owner, path: str, tangent: object) -> None:
    if tangent is not None:
        raise _different(owner, path, "is None", _called(tangent))


def _different(owner: _Owner, path: str, has: str, given: str) -> ArgumentValueError:
    with_shape = "given with " if given.startswith("shape") else ""
    reason = f"`{path}` of `{owner.function}` {has}, its {owner.what} is {with_shape}{given}"
    return ArgumentValueError("S104", reason, rewrite=f"a {owner.what} has the shape and structure of its primal")
