"""The works, one module each. The primal is plain NumPy, the derivative beside it as good as careful hands make it."""

from benchmarks.work import Work
from benchmarks.works import cavity, digits, elementwise, in_place, indexing, jacobians, logistic, rosenbrock

__all__ = ["WORKS"]

WORKS: tuple[Work, ...] = (
    *logistic.WORKS,
    *cavity.WORKS,
    *digits.WORKS,
    *elementwise.WORKS,
    *indexing.WORKS,
    *in_place.WORKS,
    *jacobians.WORKS,
    *rosenbrock.WORKS,
)
