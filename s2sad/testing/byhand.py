"""Checking derivatives that are given by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2sad.custom import ByHand, declared_for
from s2sad.derivatives import inputs_of
from s2sad.testing.check import check_grads
from s2sad.testing.coordinates import is_float
from s2sad.testing.report import Report
from s2sad.trees import leaves

__all__ = ["check_rule"]


def check_rule(
    f: Callable[..., Any], *args: Any, order: int = 1, rtol: float | None = None, atol: float = 0.0
) -> Report:
    """Check what is given by hand for `f`, by `custom_jvp`, `custom_vjp`, `rule`, `defjvp` or `defvjp`, at these arguments.

    Forward and reverse mode, those of both that there are, are compared with finite differences and with each other by
    the dot product; parameters that are not to be differentiated are left out. At order 2 the derivatives of the rules
    are checked as well. The rest as for `check_grads`.

    >>> import numpy as np, s2sad
    >>> @s2sad.custom_jvp
    ... def cube(x):
    ...     return x**3
    >>> _ = cube.defjvp(lambda p, t: (p[0] ** 3, 3 * p[0] ** 2 * t[0]))
    >>> check_rule(cube, np.array([1.0, 2.0]))
    <cube: 3 comparisons agree (order 1, fwd and rev)>
    """
    names = inputs_of(f).positional
    skipped = {names[one] if isinstance(one, int) else one for one in getattr(f, "nondiff", ())}
    given = dict(zip(names, args, strict=False))
    wrt = tuple(name for name, value in given.items() if name not in skipped and _is_float(value))
    return check_grads(f, args, order, _modes(f), wrt, rtol=rtol, atol=atol)


def _modes(f: Callable[..., Any]) -> tuple[str, ...]:
    """The modes that there are rules for."""
    kinds = {one.kind for one in declared_for(f)}
    by_hand = isinstance(f, ByHand) and f.jvp is None and f.forward is not None
    return ("rev",) if by_hand or kinds == {"vjp"} else ("fwd", "rev")


def _is_float(value: Any) -> bool:
    parts = [part for _, part in leaves(value)]
    return bool(parts) and all(map(is_float, parts))
