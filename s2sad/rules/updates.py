"""Updates `x += v` of what may be a number, which is bound anew, or an array, which others would see change."""

from s2sad.ir import Expr
from s2sad.kind import Array, Number
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import rule

__all__: list[str] = []


def _number(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    (x,) = args
    return x if isinstance(kind_of(x), Number | Array) else None


helper(
    "_number",
    '''
def _number(x):
    """`x`, which is updated under one of its names, and so has to be a number: of an array all names would see it."""
    if isinstance(x, (np.ndarray, list)):
        raise TypeError("an array or list that has other names is updated in place: write `x = x + …` instead of `x += …`")
    return x
''',
    _number,
)
rule("y = _number(x)", "dy = dx")
