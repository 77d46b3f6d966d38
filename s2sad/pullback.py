"""The pullback that a `vjp` returns: the generated one, behind a check that the cotangent fits the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy import empty, ndarray

from s2sad.arguments import cotangent_of
from s2sad.trees import children, map_leaves

__all__ = ["Pullback", "with_checked_pullback"]


def with_checked_pullback(name: str, vjp: Callable[..., Any], /, *args: Any, **keywords: Any) -> Any:
    """Call a generated vjp; its pullback becomes a `Pullback`."""
    value, pullback = vjp(*args, **keywords)
    return value, Pullback(name, pullback, _form(value))


class Pullback:
    """Maps the adjoint of a function's value to those of its arguments; it can be called many times.

    ArgumentValueError (S104) if a cotangent has another shape or structure than the value, ArgumentError (S401) if it
    is no number.
    """

    __slots__ = ("__wrapped__", "_form", "_name")

    def __init__(self, name: str, pullback: Callable[..., Any], form: object) -> None:
        self.__wrapped__ = pullback
        self._name = name
        self._form = form

    def __call__(self, y_bar: Any, /) -> Any:
        """The adjoints of the arguments."""
        form: Any = self._form
        is_array = type(form) is _Shape and type(y_bar) is ndarray
        if not is_array or form.shape != y_bar.shape or form.dtype != y_bar.dtype:
            y_bar = cotangent_of(self._name, "value", _model(form), y_bar)
        return self.__wrapped__(y_bar)

    def __repr__(self) -> str:
        return f"<pullback of {self._name}>"


class _Shape:
    """The shape and dtype of an array: a pullback does not keep the array itself."""

    __slots__ = ("dtype", "shape")

    def __init__(self, array: ndarray[Any, Any]) -> None:
        self.shape, self.dtype = array.shape, array.dtype


def _form(value: Any) -> Any:
    if type(value) is ndarray:
        return _Shape(value)
    return value if children(value) is None else map_leaves(_form, value)


def _model(form: Any) -> Any:
    """A value of this form."""
    if type(form) is _Shape:
        return empty(form.shape, form.dtype)
    return form if children(form) is None else map_leaves(_model, form)
