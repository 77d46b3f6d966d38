"""Marks in programs that say something about a value and do nothing to it."""

from s2sad.rules.helpers import helper
from s2sad.rules.registry import mark

__all__: list[str] = []

mark("_constant", "_stop_gradient")
helper(
    "_stop_gradient",
    '''
def _stop_gradient(x):
    """`x` itself: a constant for derivatives, here and in those of this file."""
    return x
''',
    lambda args, kind_of: None,
)
