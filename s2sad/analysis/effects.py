"""What could change a value behind the derivative's back is refused.

A derivative reads values again after the primal part is done: an array, list or object that a call has changed meanwhile
would be read wrongly. So a call that is not known to leave its arguments alone may not have any that matter.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from s2sad.analysis.parts import construction
from s2sad.analysis.writes import parameters, written
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Attribute, Block, Call, Const, Evaluate, Expr, Function, Global, Name, Opaque, Routine
from s2sad.kind import Array, Kind, List, Never, Other, Sequence, Unknown
from s2sad.rules import helpers, registry
from s2sad.rules.contexts import gives_object
from s2sad.traversal import expressions, statements, walk

__all__ = ["check_effects", "is_harmless", "is_known_pure"]

_PURE = frozenset(
    "abs bool complex dict divmod enumerate float frozenset hasattr int isinstance issubclass len list max min pow range repr "
    "reversed round set slice sorted str sum tuple type zip any all getattr callable id hash format ord chr TypeError "
    "ValueError RuntimeError IndexError KeyError NotImplementedError ArithmeticError ZeroDivisionError AssertionError "
    "Exception FloatingPointError OverflowError dataclasses.replace itertools.product itertools.combinations "
    "itertools.permutations itertools.combinations_with_replacement itertools.pairwise itertools.islice".split()
)
#: The assignment to an attribute of an object that is taken apart: what is read is its variable.
_SET = Global("_set")
_HARMLESS = (
    *("print", "warnings.", "logging.", "sys.stdout.", "sys.stderr.", "time.", "os.path.", "os.makedirs", "os.mkdir"),
    *("numpy.save", "json.dump", "pickle.dump"),
)
_LIBRARIES = ("numpy.", "scipy.", "math.", "itertools.", "functools.", "operator.")
_IN_PLACE = (
    ".copyto",
    ".put",
    ".place",
    ".putmask",
    ".fill_diagonal",
    ".at",
    ".shuffle",
    ".put_along_axis",
    "operator.i",
)
#: Functions that write their result over their first argument, unless a parameter has this value.
_OVERWRITING = {"numpy.nan_to_num": ("copy", Const(True)), "numpy.median": ("overwrite_input", Const(False))}
_FRAMES = frozenset("eval exec locals globals vars compile dir setattr delattr __import__ breakpoint".split())
_PURE_METHODS = frozenset(
    "get keys values items index count startswith endswith split strip lower upper format join encode decode is_integer "
    "conjugate hex bit_length isdigit isalpha replace _replace tobytes".split()
)
_LOGGING = frozenset("debug info warning error exception critical log".split())
#: Methods of files that change nothing else.
_FILES = frozenset("write writelines flush close seek writerow writerows writeheader".split())
#: Methods of generators of random numbers, which change nothing else.
_DRAWS = frozenset(
    "beta binomial chisquare choice exponential gamma gauss integers lognormal lognormvariate multivariate_normal normal "
    "normalvariate permutation poisson rand randint randn random random_sample randrange sample standard_normal "
    "standard_t triangular uniform".split()
)
_CHANGING = frozenset(
    "append pop extend sort reverse insert remove clear update fill put resize setdefault popitem add discard itemset "
    "partition setflags byteswap shuffle".split()
)


def is_known_pure(call: Call) -> bool:
    """True for a call that is known to do nothing but give its value."""
    if written(call) is not None:
        return False
    match call.func:
        case Global(dotted=dotted):
            return registry.known(dotted) or dotted in _PURE or (dotted.startswith("_") and not helpers.changes(dotted))
        case Attribute(attr=attr):
            return registry.method_key(attr) is not None or attr in _PURE_METHODS
        case Name(id=name):
            return registry.known(registry.data_key(name))
    return False


def check_effects(function: Function, unit: Unit, kind_of: Callable[[Expr], Kind]) -> None:
    """Refuse the calls in `function` that may change a value that the derivative reads."""
    alone = {id(value) for value in _evaluated(function.body)}
    for expression in expressions(function.body):
        for part in walk(expression):
            match part:
                case Call():
                    _check_call(part, id(part) in alone, unit, kind_of)
                case Opaque(text=text):
                    _check_text(part, text, unit)


def _evaluated(block: Block) -> Iterator[Expr]:
    for s in statements(block):
        if isinstance(s, Evaluate):
            yield s.value


def _refusal(code: str, reason: str, node: Expr, unit: Unit, rewrite: str) -> DifferentiationError:
    return DifferentiationError(code, reason, unit.place(node.span), rewrite)


def _check_call(call: Call, alone: bool, unit: Unit, kind_of: Callable[[Expr], Kind]) -> None:
    name = _name_of(call.func)
    if isinstance(call.func, Global) and call.func.dotted in _FRAMES:
        raise _refusal(
            "S201", f"cannot differentiate a function that calls `{name}`", call, unit, "write out what it does"
        )
    if _writes_out(call):
        reason = f"cannot differentiate `{name}` that writes its result into an array"
        raise _refusal("S301", reason, call, unit, "leave `out` away and use the result")
    if call.func == _SET or isinstance(call.func, Routine) or _is_harmless(call, kind_of) or is_known_pure(call):
        return
    if construction(call, kind_of) is not None:
        return
    if not alone and isinstance(call.func, Global) and _only_reads(call.func.dotted):
        return
    changed = [part for part in _exposed(call) if _is_mutable(kind_of(part))]
    if changed or (alone and isinstance(call.func, Attribute) and not isinstance(call.func.value, Global)):
        reason = f"cannot differentiate the call of `{name}`: it may change a value that the derivative reads"
        rewrite = "use a function that returns a new value"
        if name.endswith(".at"):
            rewrite = "write the loop: `for i, v in zip(indices, values): x[i] = …`"
        raise _refusal("S301", reason, call, unit, rewrite)


def _only_reads(dotted: str) -> bool:
    """True for a library's function whose result is used: but for a few, they leave their arguments alone."""
    return dotted.startswith(_LIBRARIES) and not any(mark in dotted for mark in _IN_PLACE)


def _name_of(func: Expr) -> str:
    match func:
        case Global(dotted=dotted):
            return dotted
        case Attribute(attr=attr):
            return f".{attr}"
    return "it"


def _writes_out(call: Call) -> bool:
    """True if a call is given an array to write its result into, or may write it over its argument."""
    key = registry.key_of(call)
    in_place = _OVERWRITING.get(key or "")
    if in_place is None:
        return written(call) is not None
    args, keywords = registry.operands(call)
    given = dict(zip(parameters(key), args, strict=False)) | dict(keywords)
    return given.get(in_place[0], in_place[1]) != in_place[1] or written(call) is not None


def is_harmless(call: Call) -> bool:
    """True for a call that leaves objects among its arguments as they are."""
    return is_known_pure(call) or _is_harmless(call, lambda node: Other("value"))


def _is_harmless(call: Call, kind_of: Callable[[Expr], Kind]) -> bool:
    match call.func:
        case Global(dotted=dotted):
            return dotted.startswith(_HARMLESS) or gives_object(call)
        case Attribute(value=value, attr=attr) if attr in _LOGGING:
            return not _is_mutable(kind_of(value)) or isinstance(value, Name) or _is_logger(value)
        case Attribute(value=value, attr=attr) if attr in _FILES:
            return isinstance(kind_of(value), Other)
        case Attribute(value=value, attr=attr) if attr in _DRAWS:
            given = (*call.args, *(arg for _, arg in call.keywords))
            return isinstance(kind_of(value), Other) or not any(_is_mutable(kind_of(arg)) for arg in given)
    return False


def _is_logger(node: Expr) -> bool:
    match node:
        case Call(func=Global(dotted="logging.getLogger")):
            return True
    return False


def _exposed(call: Call) -> Iterator[Expr]:
    """The variables that a call could change: its arguments and what its method belongs to."""
    if isinstance(call.func, Attribute):
        yield call.func.value
    yield from call.args
    yield from (value for _, value in call.keywords)


def _is_mutable(kind: Kind) -> bool:
    return isinstance(kind, Array | List | Unknown | Never) or (isinstance(kind, Sequence) and kind.type == "list")


def _check_text(node: Expr, text: str, unit: Unit) -> None:
    """Comprehensions and the like may not change what they read."""
    for part in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _CHANGING:
            reason = (
                f"cannot differentiate the call of `.{part.func.attr}`: it may change a value that the derivative reads"
            )
            raise _refusal("S301", reason, node, unit, "use a function that returns a new value")
        if isinstance(part, ast.Name) and part.id in _FRAMES:
            raise _refusal(
                "S201", f"cannot differentiate a function that calls `{part.id}`", node, unit, "write it out"
            )
