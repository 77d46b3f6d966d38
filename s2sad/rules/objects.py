"""Helpers for objects that are there at run time, or leave the function as its result."""

from __future__ import annotations

from s2sad.kind import Number
from s2sad.rules.helpers import helper
from s2sad.rules.registry import constant

helper(
    "_object",
    '''
def _object(cls, /, **attributes):
    """An object of the class `cls` with these attributes."""
    made = object.__new__(cls)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made
''',
    lambda args, kind_of: None,
)

helper(
    "_with",
    '''
def _with(x, /, **attributes):
    """The object `x` with other values of these attributes."""
    from copy import copy

    made = copy(x)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made
''',
    lambda args, kind_of: None,
)

constant("_distinct")

helper(
    "_distinct",
    '''
def _distinct(objects):
    """True if no object is in the list twice."""
    return len({id(one) for one in objects}) == len(objects)
''',
    lambda args, kind_of: None,
    kind=lambda kinds: Number("bool"),
)

#: `_set(x, "name", value)` is written `x.name = value`: see simplify/in_place.py.
helper(
    "_set",
    '''
def _set(x, name, value):
    """Give the attribute `name` of `x` a value."""
    setattr(x, name, value)
''',
    lambda args, kind_of: None,
    changes=True,
)
