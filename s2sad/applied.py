"""Functions that stand for others: with some arguments given, with the arguments of one call, under a decorator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType
from typing import Any

__all__ = ["Applied", "holds_functions", "inside", "is_cached", "is_function", "name_of"]


@dataclass(frozen=True, eq=False)
class Applied:
    """`function` with the values `given` of some of its parameters.

    `args` and `keywords` are parameters in the place of `*args` and `**kwargs`, as many, and called so, as one call needs;
    None leaves those as they are.
    """

    function: Callable[..., Any]
    given: Mapping[str, object] = field(default_factory=dict)
    args: tuple[str, ...] | None = None
    keywords: tuple[str, ...] | None = None

    @property
    def __name__(self) -> str:
        return name_of(self.function)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Refused: it is never called, only differentiated."""
        raise TypeError(f"{self.__name__} with given arguments cannot be called")

    def __getattr__(self, name: str) -> Any:
        if name in ("__module__", "__qualname__", "__doc__", "__globals__"):
            return getattr(self.function, name)
        raise AttributeError(f"an applied function has no attribute {name!r}", name=name, obj=self)


def name_of(function: object) -> str:
    """The name of a function; of a partial one that of the function it applies.

    >>> name_of(partial(max, 1))
    'max'
    """
    if isinstance(function, partial):
        return name_of(function.func)
    return str(getattr(function, "__name__", type(function).__name__))


def is_function(value: object) -> bool:
    """True for what is called: what it is decides on the derivative, not its type alone."""
    if isinstance(value, FunctionType | partial):
        return True
    return callable(value) and not isinstance(value, type) and hasattr(value, "__name__")


def holds_functions(value: object) -> bool:
    """True for a plain tuple, list or dict in which there are functions, directly or in another."""
    if type(value) in (tuple, list):
        return any(is_function(item) or holds_functions(item) for item in value)  # type: ignore[attr-defined]
    if type(value) is dict and all(type(key) in (str, int) for key in value):
        return holds_functions([*value.values()])
    return False


def is_cached(function: object) -> bool:
    """True for what `functools.cache` and `functools.lru_cache` make."""
    return type(function).__module__ == "functools" and hasattr(function, "cache_info")


def inside(function: object) -> tuple[str, object] | None:
    """The function inside of one that only calls it, and the attribute it is found under.

    These are those of `functools.cache` and `functools.lru_cache`, and what Numba compiled.
    """
    if is_cached(function):
        return "__wrapped__", function.__wrapped__  # type: ignore[attr-defined]
    if type(function).__module__.partition(".")[0] == "numba" and hasattr(function, "py_func"):
        return "py_func", function.py_func
    return None
