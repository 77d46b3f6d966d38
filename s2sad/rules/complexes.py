"""Whether a value is complex, or an array of integers, where its kind is not known."""

from s2sad.rules.helpers import helper
from s2sad.rules.registry import constant

__all__: list[str] = []

helper(
    "_is_complex",
    '''
def _is_complex(x):
    """True for a complex number or array, and for a list, tuple or dict of such."""
    if isinstance(x, (list, tuple, dict)):
        return any(map(_is_complex, x.values() if isinstance(x, dict) else x))
    return isinstance(x, (complex, np.complexfloating)) or (isinstance(x, np.ndarray) and np.iscomplexobj(x))
''',
    lambda args, kind_of: None,
)
helper(
    "_is_integer",
    '''
def _is_integer(x):
    """True for an array of integers or booleans."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "biu"
''',
    lambda args, kind_of: None,
)
constant("_is_complex", "_is_integer", why="a question about types")
