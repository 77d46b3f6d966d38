"""Functions whose derivative is computed wherever they are: it raises no ValueError where they raise none."""

from __future__ import annotations

__all__ = ["is_total"]

#: Of Python's own, those that take numbers to numbers or go through sequences.
_PLAIN = frozenset(
    "abs bool enumerate float int isinstance len list max min range reversed round str sum tuple zip".split()
)

#: Of `math`, those whose derivative calls nothing that fails elsewhere than they do.
_MATH = frozenset(
    "acos asin atan atan2 ceil cos cosh degrees exp expm1 fabs floor hypot isclose isfinite isnan log log10 log1p log2 "
    "radians sin sinh sqrt tan tanh".split()
)


def is_total(dotted: str) -> bool:
    """True for a function of a library, by its dotted name, whose derivative raises a ValueError only where it does itself."""
    module, _, name = dotted.rpartition(".")
    if module == "numpy":
        # What NumPy complains of are shapes, and those of tangents are those of values.
        return True
    return name in _MATH if module == "math" else not module and name in _PLAIN
