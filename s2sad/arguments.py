"""The arguments of a derivative: what can be differentiated, what is promoted, and tangents that fit their primals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad.errors import ArgumentError, ArgumentValueError
from s2sad.naming import root_name
from s2sad.observed import fields_of, has_plain_attributes
from s2sad.trees import children, leaves, rebuild

__all__ = ["check_floats", "check_plain", "cotangent_of", "differentiable", "tangent_of"]

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


def check_floats(function: str, path: str, value: Any) -> None:
    """Refuse (S401, a TypeError) what is, or holds, anything but floats: the part of an argument at `path`."""
    _check_leaves(function, root_name(path), path, value)


def _check_leaves(function: str, name: str, path: str, value: Any) -> None:
    """Floats, arrays of floats, and containers of them; None may stand in a container for something absent."""
    if _is_nested(value):
        _check_keys(function, path, value)
        for step, item in children(value) or ():
            if item is not None and type(item) is not float:
                _check_leaves(function, name, f"{path}{step}", item)
    elif isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind not in _FLOATS:
            raise _no_float(function, path, _called(value), _as_floats(path, value))
    elif type(value) not in (float, complex):
        raise _no_float(function, path, _called(value), _instead(name, path, value))


def _is_nested(value: object) -> bool:
    """True for a container, and for an object that is nothing but its attributes."""
    made = type(value)
    return made in (tuple, list, dict) or fields_of(made) is not None or has_plain_attributes(made)  # type: ignore[arg-type]


def _check_keys(function: str, path: str, value: Any) -> None:
    """Refuse dicts by whose keys the code cannot be written: it has them as literals."""
    odd = [key for key in value if type(key) not in (str, int)] if type(value) is dict else []
    if odd:
        reason = f"cannot differentiate `{function}` with respect to `{path}`: it has the key {odd[0]!r}"
        raise ArgumentError("S401", reason, rewrite="use strings or integers as keys")


def _instead(name: str, path: str, value: object) -> str:
    """What to write where a value is no float."""
    if type(value) is int:
        return f"write `float({path})`"
    if hasattr(value, "__dataclass_fields__"):
        return "use a plain dataclass: without `__post_init__`, an `__init__` of its own, and `field(init=False)`"
    return f"select other arguments than `{name}` by `wrt`"


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
    if children(primal) is not None:
        return _container(owner, path, primal, tangent)
    if primal is None:
        return _none(owner, path, tangent)
    if type(tangent) is type(primal) and type(primal) is not np.ndarray:
        return tangent
    if not _has_tangent(primal):
        # Nothing flows through an integer or a string of a result: whatever stands there is not read.
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


def _has_tangent(primal: Any) -> bool:
    if isinstance(primal, np.ndarray | np.generic):
        return primal.dtype.kind in _FLOATS
    return isinstance(primal, float | complex)


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
    own, given = dict(children(primal) or ()), dict(children(tangent) or ())
    if type(tangent) is not type(primal) or own.keys() != given.keys():
        raise _different(owner, path, f"is {_nested(primal, own)}", _nested(tangent, given))
    parts = {step: _fitted(owner, f"{path}{step}", item, given[step]) for step, item in own.items()}
    # The order of a dict counts: its leaves are taken in the order of the primal's.
    if list(own) == list(given) and all(parts[step] is given[step] for step in parts):
        return tangent
    return rebuild(primal, (leaf for part in parts.values() for _, leaf in leaves(part)))


def _nested(value: object, parts: Mapping[str, Any]) -> str:
    """A container as a message names it: a list of 3, a dict of ["W"], ["b"]."""
    if isinstance(value, dict) and parts:
        return f"{_called(value)} of {', '.join(parts)}"
    return f"{_called(value)} of {len(parts)}" if isinstance(value, tuple | list) else _called(value)


def _none(owner: _Owner, path: str, tangent: object) -> None:
    if tangent is not None:
        raise _different(owner, path, "is None", _called(tangent))


def _different(owner: _Owner, path: str, has: str, given: str) -> ArgumentValueError:
    with_shape = "given with " if given.startswith("shape") else ""
    reason = f"`{path}` of `{owner.function}` {has}, its {owner.what} is {with_shape}{given}"
    return ArgumentValueError("S104", reason, rewrite=f"a {owner.what} has the shape and structure of its primal")
