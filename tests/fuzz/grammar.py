"""The language of the programs, as templates (see `tests.fuzz.writer`): one line for each construct.

Weights follow what real numerical Python is made of. All functions are smooth where they are applied but at single points,
and most are bounded, so that nothing overflows in a loop. Arrays have three elements, matrices two rows of three.
What changes in place is in `tests.fuzz.stores`.
"""

from __future__ import annotations

from textwrap import dedent

from tests.fuzz.writer import Form

__all__ = ["FORMS", "NAMES", "statements", "ways"]

#: Names of variables by kind; others are numbered.
NAMES = {
    "float": ("a", "b", "s", "t", "y", "z"),
    "array": ("x", "u", "v", "w"),
    "matrix": ("A", "B"),
    "int": ("i", "j", "k", "n"),
    "list": ("l", "m"),
    "dict": ("p", "o"),
    "counts": ("r", "counts"),
    "pair": ("c", "d"),
    "buffer": ("new", "old", "work"),
    "grid": ("G", "H"),
    "edge": ("edge", "inner"),
}


def number(*texts: str) -> list[Form]:
    return [Form("number", text) for text in texts]


def ways(kind: str, *templates: str, weight: int = 4, feature: str = "", **local: str) -> list[Form]:
    """Forms of an expression; `local` are the names that they bind."""
    return [Form(kind, template, weight, feature, local) for template in templates]


def statements(*templates: str, weight: int = 4, feature: str = "", inside: str = "") -> list[Form]:
    return [Form("", template, weight, feature, inside=inside) for template in templates]


def block(template: str, weight: int = 4, feature: str = "", skips: bool = True) -> list[Form]:
    return [Form("", dedent(template).strip(), weight, feature, skips=skips)]


FORMS: list[Form] = []

# ---------------------------------------------------------------------- numbers

FORMS += number("0.5", "2.0", "0.7", "-1.3", "1.1", "-0.4", "3")
FORMS += ways("limit", "0.15", "-0.35", "0.65", "1.25", "-0.85")
FORMS += ways("small", "2", "3", "1", "0")
FORMS += ways("index", "0", "1", "2", "-1", "-2")

FORMS += ways("float", "<float!>", weight=40)
FORMS += ways("float", "<number>", weight=8)
FORMS += ways("float", "(<float> * <float>)", weight=14)
FORMS += ways("float", "(<float> + <float>)", "(<float> - <float>)", weight=10)
FORMS += ways("float", "np.sin(<float>)", "np.cos(<float>)", "math.sin(<float>)", "(<float> * <number>)", weight=5)
FORMS += ways("float", "(-<float>)", "np.tanh(<float>)", "np.exp(np.sin(<float>))", weight=3)
FORMS += ways("float", "(<float> / (2.0 + np.cos(<float>)))", "np.sqrt(1.0 + <float> ** 2)", weight=3)
FORMS += ways("float", "math.cos(<float>)", "(<float> ** 2)", "math.sqrt(2.0 + math.sin(<float>))", weight=2)
FORMS += ways("float", "abs(<float>)", "max(<float>, <float>)", "min(<float>, <number>)", weight=1)
FORMS += ways("float", "(1.5 + np.sin(<float>)) ** <float>", "np.arctan2(<float>, 1.5 + abs(<float>))", weight=1)
FORMS += ways("float", "math.exp(-(<float> ** 2))", "math.hypot(<float>, 1.5)", "np.log(1.5 + <float> ** 2)", weight=1)
FORMS += ways(
    "float", "float(<float>)", "np.square(<float>)", "math.radians(<float>)", "np.maximum(<float>, 0.1)", weight=1
)
FORMS += ways("float", "(<float> if <bool> else <float>)", weight=5)
FORMS += ways("float", "(<float> and <float>)", "(<float> or <float>)", feature="logic")
FORMS += ways("float", "(<float> * <int>)", "(<float> / (1 + <int!> ** 2))", weight=2)
FORMS += ways("float", "(<float> % 1.7)", "divmod(<float>, 0.9)[1]", "round(<float>, 1) * <float>", feature="steps")

# ----------------------------------------------------------------------- arrays

FORMS += ways("float", "<array!>[<index>]", weight=8)
FORMS += ways("float", "np.sum(<array>)", weight=8)
FORMS += ways(
    "float", "(<array> @ <array>)", "np.dot(<array>, <array>)", "<array!>.sum()", "np.mean(<array>)", weight=2
)
FORMS += ways(
    "float", "np.max(<array>)", "np.linalg.norm(<array> + 2.0)", "np.prod(<array>)", "<array!>[<int!> % 3]", weight=1
)
FORMS += ways(
    "float",
    "np.sum(<array>[<array> > <limit>])",
    "np.sum(<array>[::2])",
    "np.sum(<array!>[1:] * <array!>[:-1])",
    weight=1,
)

FORMS += ways("array", "<array!>", weight=40)
FORMS += ways("array", "np.array([<float>, <number>, <float>])", "np.ones(3)", weight=4)
FORMS += ways("array", "(<array> * <array>)", "(<array> + <array>)", "(<array> - <array>)", weight=8)
FORMS += ways("array", "(<float> * <array>)", "(<array> + <float>)", weight=8)
FORMS += ways("array", "np.sin(<array>)", "np.tanh(<array>)", "(<array> ** 2)", "(-<array>)", weight=4)
FORMS += ways(
    "array", "(<array> / (2.0 + np.cos(<array>)))", "np.exp(np.sin(<array>))", "np.sqrt(1.0 + <array> ** 2)", weight=2
)
FORMS += ways(
    "array", "<array>[::-1]", "<array!>[[0, 2, 0]]", "np.where(<array> > <limit>, <array>, <array>)", weight=2
)
FORMS += ways("array", "np.cumsum(<array>)", "np.concatenate([<array>[1:], <array>[:1]])", "<array!>.copy()", weight=2)
FORMS += ways(
    "array",
    "np.abs(<array>)",
    "np.clip(<array>, -0.9, 0.9)",
    "np.cross(<array>, <array>)",
    "np.maximum(<array>, <float>)",
    weight=1,
)
FORMS += ways("array", "np.asarray(<array>)", "np.roll(<array>, 1)", "(<array> if <bool> else <array>)", weight=1)

FORMS += ways("matrix", "<matrix!>", weight=30, feature="matrices")
FORMS += ways(
    "matrix", "np.array([<array>, <array>])", "np.outer(<array>[:2], <array>)", "np.ones((2, 3))", feature="matrices"
)
FORMS += ways(
    "matrix",
    "(<matrix> * <matrix>)",
    "(<matrix> + <array>)",
    "(<float> * <matrix>)",
    "np.sin(<matrix>)",
    feature="matrices",
)
FORMS += ways(
    "matrix",
    "<matrix>[::-1]",
    "<matrix!>.reshape(3, 2).T",
    "np.vstack([<array>, <array>])",
    weight=2,
    feature="matrices",
)
FORMS += ways(
    "float",
    "np.sum(<matrix> * <matrix>)",
    "<matrix!>[1, <index>]",
    "np.trace(<matrix!> @ <matrix!>.T)",
    feature="matrices",
)
FORMS += ways(
    "array",
    "<matrix!>[0]",
    "<matrix!>.T @ (<matrix!> @ <array>)",
    "np.sum(<matrix>, axis=0)",
    "<array>[:2] @ <matrix>",
    feature="matrices",
)

# -------------------------------------------------------------- arrays of integers

FORMS += ways("counts", "<counts!>", weight=30, feature="integers")
FORMS += ways("counts", "np.arange(3)", "np.array([1, 2, 3])", "np.arange(1, 4)", feature="integers")
FORMS += ways("counts", "(<counts> * <int>)", "<counts>[::-1]", "(<array> > <limit>).astype(int)", feature="integers")
FORMS += ways("array", "(<array> * <counts>)", "(<counts> - <array>)", "(<float> * <counts>)", feature="integers")
FORMS += ways(
    "array", "np.where(<counts> > 1, <array>, <array>)", "<array>[np.arange(3)]", feature="integers", weight=2
)
FORMS += ways(
    "float", "np.sum(<array> * <counts>)", "(<array> @ <counts>)", "(<counts>[1] * <float>)", feature="integers"
)
FORMS += ways("float", "(np.sum(<array> * <counts>) * <int>)", "np.mean(<counts> + <array>)", feature="integers")

# --------------------------------------------------------- integers, conditions

FORMS += ways("int", "<small>", weight=8)
FORMS += ways("int", "<int!>", weight=10)
FORMS += ways("int", "(<int> + 1) % 3", "(<int> * 2 + 1) % 4", "len(<array!>)", "<array!>.shape[0]", weight=2)
FORMS += ways("int", "(<int> if <bool> else <small>)", "int(<bool>)", weight=1)

FORMS += ways("bool", "<float> > <limit>", "<float> < <limit>", weight=10)
FORMS += ways("bool", "<float!> > <limit>", "<small> > 1", weight=2)
FORMS += ways("bool", "<int> % 2 == 0", "<int> > 1", weight=5)
FORMS += ways("bool", "<limit> < <float> < 1.45", "(<bool> and <bool>)", "(<bool> or <bool>)", "not <bool>", weight=3)
FORMS += ways(
    "bool", "np.all(<array> > -2.15)", "<int> in (0, 2)", "isinstance(<float!>, float)", "<array!> is None", weight=1
)

# ------------------------------------------------------------------- containers

FORMS += ways("list", "<list!>", weight=6, feature="lists")
FORMS += ways("list", "[<float>, <float>]", weight=8, feature="lists")
FORMS += ways(
    "list",
    "[<float>]",
    "<list!> + [<float>]",
    "[<float>] * 2",
    "[<float>, *<list!>]",
    "list(<array!>)",
    feature="lists",
    weight=2,
)
FORMS += ways("list", "<list!>[::-1]", "<list!>[:2]", "sorted(<list!>)", "list(<list!>)", feature="lists", weight=1)
FORMS += ways(
    "float", "<list!>[0]", "<list!>[-1]", "sum(<list!>)", "<list!>[<int!> % len(<list!>)]", weight=6, feature="lists"
)
FORMS += ways(
    "float", "(len(<list!>) * <float>)", "max(<list!>)", "np.sum(np.array(<list!>) ** 2)", weight=2, feature="lists"
)
FORMS += ways("array", "np.array([<list!:l>[0], <list!:m>[-1], <:l>[-1]])", weight=2, feature="lists")

FORMS += ways("dict", "<dict!>", weight=6, feature="dicts")
FORMS += ways("dict", "{'w': <array>, 'c': <float>}", weight=8, feature="dicts")
FORMS += ways("dict", "dict(w=<array>, c=<float>)", "{**<dict!>, 'c': <float>}", weight=2, feature="dicts")
FORMS += ways("float", "<dict!>['c']", weight=10, feature="dicts")
FORMS += ways("float", "<dict!>.get('c', 0.5)", "<dict!>.get('q', <float>)", weight=3, feature="dicts")
FORMS += ways("array", "<dict!>['w']", weight=10, feature="dicts")

FORMS += ways("pair", "<pair!>", weight=6, feature="pairs")
FORMS += ways("pair", "(<float>, <float>)", weight=8, feature="pairs")
FORMS += ways("pair", "<pair!>[::-1]", "tuple([<float>, <float>])", weight=2, feature="pairs")
FORMS += ways("float", "<pair!>[0]", "<pair!>[1]", "sum(<pair!>)", weight=6, feature="pairs")

# --------------------------------------------------------------- comprehensions

FORMS += ways(
    "float", "sum([<float^> for e in <array!>])", "sum(<float^> for e in <array!>)", feature="comprehensions", e="float"
)
FORMS += ways(
    "float",
    "max(<float^> for e in <array!>)",
    "sum(e * e for e in <array> if e > <limit>)",
    feature="comprehensions",
    weight=2,
    e="float",
)
FORMS += ways(
    "float",
    "sum(<float^> for q in range(3))",
    "[<float^> for q in range(2)][<small> % 2]",
    feature="comprehensions",
    weight=2,
    q="int",
)
FORMS += ways(
    "array",
    "np.array([<float^> for e in <array!>])",
    "np.array([<float^> for _, e in enumerate(<array!>)])",
    feature="comprehensions",
    e="float",
)
FORMS += ways(
    "array",
    "np.array([<float^> + g for e, g in zip(<array!>, <array>)])",
    feature="comprehensions",
    weight=2,
    e="float",
)
FORMS += ways(
    "list", "[<float^> for e in <list!>]", "[<float^> for e in <array!>]", feature="comprehensions", e="float"
)
FORMS += ways("dict", "{g: <dict!:p>[g] * <float> for g in <:p>}", feature="comprehensions", weight=2)
FORMS += ways(
    "bool", "any(e > 1.35 for e in <array!>)", "all(e < 1.55 for e in <array>)", feature="comprehensions", weight=1
)

# ------------------------------------------------------------------- statements

FORMS += statements("<=float> = <float>", weight=40)
FORMS += statements("<=array> = <array>", weight=20)
FORMS += statements("<=int> = <int>", weight=5)
FORMS += statements("<=counts> = <counts>", weight=8, feature="integers")
FORMS += statements("<float!:t> += <float>", weight=24, feature="updates")
FORMS += statements(
    "<float!:t> -= <float>", "<float!:t> *= <float>", "<float!:t> /= 2.0 + np.sin(<float>)", weight=8, feature="updates"
)
FORMS += statements("<=float> = <float!>", "<=array> = <array!>", "<=float:s> = <=float:t> = <float>", weight=3)
FORMS += statements("<=float>, <=float> = <float>, <float>", weight=4)
FORMS += statements("<float!:s>, <float!:t> = <:t>, <:s>", "<array!:s>, <array!:t> = <:t>, <:s>", weight=2)
FORMS += statements("<=float>, <=float>, <=float> = <array>", weight=3)
FORMS += statements("<=float:t> = 0.0\nfor <=float> in <array!>:\n    <:t> += <float>", weight=4)
FORMS += statements("print(<float>)", 'print(f"{<float!>:.3f} at {<int>}")', "print(<array!>)", weight=1)
FORMS += statements(
    "assert <float> < 1e6, 'too large'", "if <float> > 1e6:\n    raise ValueError('too large')", weight=1
)
FORMS += statements("<=float>: float = <float>", "pass", "'a note'", weight=1)
FORMS += statements("if (<=float:t> := <float>) > <limit>:\n    <:t> = <:t> * 0.5", feature="walrus")
FORMS += statements("<=float>, *<=list> = <float>, <float>, <float>", feature="lists", weight=2)
FORMS += statements("<=matrix> = <matrix>", feature="matrices", weight=20)

FORMS += statements("<=list> = <list>", weight=20, feature="lists")
FORMS += statements("<list!>.append(<float>)", weight=20, feature="lists")
FORMS += statements("<list!>[-1] = <float>", "<list!>[0] += <float>", "<list!> += [<float>]", feature="lists")
FORMS += statements(
    "<list!>.extend([<float>, <float>])",
    "<list!>.insert(0, <float>)",
    "<list!:l>.append(<float>)\n<=float> = <:l>.pop()",
    feature="lists",
    weight=3,
)
FORMS += statements(
    "<list!:l>.append(<float>)\n<=float> = <:l>.pop(0)",
    "<list!:l>.append(<float>)\ndel <:l>[0]",
    "<list!>.reverse()",
    feature="lists",
    weight=1,
)

FORMS += statements("<=dict> = <dict>", weight=20, feature="dicts")
FORMS += statements(
    "<dict!>['c'] = <float>", "<dict!>['w'] = <array>", "<dict!>['c'] += <float>", weight=5, feature="dicts"
)
FORMS += statements(
    "<dict!>.update(c=<float>)", "<dict!:p>.setdefault('q', <float>)\n<=float> = <:p>['q']", weight=2, feature="dicts"
)
FORMS += statements(
    "<=float:t> = 0.0\nfor key, item in <dict!>.items():\n    <:t> += np.sum(item) * <float>", weight=3, feature="dicts"
)
FORMS += statements("<=pair> = <pair>", weight=20, feature="pairs")
FORMS += statements("<=float>, <=float> = <pair>", weight=8, feature="pairs")

# ----------------------------------------------------------------- control flow

FORMS += block(
    """
    if <bool>:
        <block>
    """,
    weight=12,
)
FORMS += block(
    """
    if <bool>:
        <block>
    else:
        <block>
    """,
    weight=12,
    skips=False,
)
FORMS += block(
    """
    if <bool>:
        <block>
    elif <bool>:
        <block>
    else:
        <block>
    """,
    skips=False,
)
FORMS += block(
    """
    if <bool>:
        <block>
    elif <bool>:
        <block>
    """,
    weight=2,
)
FORMS += [Form("", f"for <=int> in range({limits}):\n    <loop>", 3, skips=True, keeps=keeps) for limits, keeps in (
    ("3", True), ("<int!>", False), ("2", True), ("1, 6, 2", True), ("3, 0, -1", True), ("<small>", False),
    ("len(<array!>)", True),
)]  # fmt: skip
FORMS += [Form("", f"for {head}:\n    <loop>", 2, skips=True, keeps=True) for head in (
    "<=float> in <array!>", "<=int>, <=float> in enumerate(<array!>)", "<=float>, <=float> in zip(<array!>, <array>)",
    "<=float> in (<float>, <float>)", "<=int> in reversed(range(3))", "<=float> in reversed(<array!>)",
    "<=int>, (<=float>, <=float>) in enumerate(zip(<array!>, <array!>), 1)", "<=float> in [<float>, <float>]",
)]  # fmt: skip
FORMS += [Form("", f"for {head}:\n    <loop>", 4, "lists", skips=True, keeps=True) for head in (
    "<=float> in <list!>[:3]", "<=int>, <=float> in enumerate(<list!>[:2])", "<=float>, <=float> in zip(<list!>[:2], <array!>)",
)]  # fmt: skip
FORMS += [Form("", "for <=array> in <matrix!>:\n    <loop>", 4, "matrices", skips=True, keeps=True)]
FORMS += [Form("", f"for {head}:\n    <loop>", 3, "iterators", skips=True) for head in (
    "<=int>, <=int> in itertools.product(range(2), range(2))", "<=int> in sorted((2, 0, 1))", "(<=int>,) in np.ndindex(2)",
    "<=float> in tuple(<array!>)", "<=float>, <=float> in zip(<array!>, <array!>, strict=True)",
    "<=float>, <=float> in itertools.pairwise(<array!>)", "<=float> in map(np.sin, <array!>)",
)]  # fmt: skip
FORMS += block(
    """
    <=count:c> = 0
    while <:c> < <small>:
        <:c> += 1
        <loop>
    """
)
FORMS += block(
    """
    <=count:c> = 0
    while <:c> < 3 and <bool>:
        <:c> += 1
        <loop>
    """
)
FORMS += block(
    """
    <=count:c> = 0
    while True:
        <:c> += 1
        if <:c> > 3:
            break
        <loop>
        if <:c> > 1 or <bool>:
            break
    """,
    feature="exits",
)
FORMS += block(
    """
    <=count:c> = 0
    while True:
        <:c> += 1
        if <:c> > 3:
            break
        <loop>
    """,
    feature="exits",
)
FORMS += block(
    """
    for <=int> in range(3):
        <loop>
    else:
        <block fixed>
    """,
    feature="exits",
)
FORMS += block(
    """
    <=count:c> = 0
    while <:c> < 2:
        <:c> += 1
        <loop>
    else:
        <block fixed>
    """,
    feature="exits",
)
FORMS += statements("if <bool>:\n    break", "if <bool>:\n    continue", weight=16, feature="exits", inside="loop")
FORMS += [Form("", word, 4, "exits", inside="loop", ends=True) for word in ("break", "continue")]
FORMS += [
    Form("", f"if <bool>:\n    return <{kind}>", 6, "returns", inside=kind)
    for kind in ("float", "array", "pair", "dict")
]
FORMS += block(
    """
    match <int>:
        case 0:
            <block>
        case 1 | 2:
            <block>
        case _:
            <block>
    """,
    weight=12,
    feature="match",
    skips=False,
)
FORMS += block(
    """
    with np.errstate(all='ignore'):
        <block>
    """,
    weight=12,
    feature="blocks",
    skips=False,
)
FORMS += block(
    """
    try:
        <block fixed>
    except ValueError:
        <block fixed>
    """,
    weight=8,
    feature="blocks",
)
FORMS += block(
    """
    try:
        <block fixed>
        if <bool>:
            raise ValueError('no')
        <block fixed>
    except ValueError:
        <block fixed>
    """,
    weight=8,
    feature="blocks",
)
FORMS += block(
    """
    try:
        <block fixed>
    except (ZeroDivisionError, KeyError) as error:
        <block fixed>
    else:
        <block fixed>
    finally:
        <block fixed>
    """,
    feature="blocks",
)
FORMS += statements(
    "import numpy as xp\n<=float> = xp.sin(<float>)",
    "from math import cos as cosine\n<=float> = cosine(<float>)",
    weight=3,
    feature="blocks",
)
FORMS += statements("logging.getLogger('fuzz').debug('%s', <float>)", weight=3, feature="blocks")

# ---------------------------------------------------------- functions as values

FORMS += ways("float", "<curve!>(<float>)", weight=16)
FORMS += ways("float", "(lambda e: <float^>)(<float>)", feature="functions", e="float")
FORMS += ways(
    "float",
    "functools.reduce(lambda e, g: e * g + <float>, [<float>, <float>])",
    "sum(map(lambda e: e * <float>, <array!>))",
    feature="functions",
    weight=2,
)
FORMS += [Form("", "<=curve> = lambda e: <float^>", 8, "functions", {"e": "float"})]
FORMS += [Form("", "<=curve> = lambda e, c=<float>: c * <float^>", 4, "functions", {"e": "float"})]
FORMS += [
    Form("", "<=curve> = lambda e: (lambda g: <float^>)(e * <float>)", 3, "functions", {"e": "float", "g": "float"})
]
FORMS += [Form("", "<=curve> = (lambda c: lambda e: <float^>)(<float>)", 3, "functions", {"e": "float", "c": "float"})]
FORMS += [Form("", "def <=curve>(e):\n    <body float e=float>", 12, "functions", keeps=True)]
FORMS += block(
    """
    def <=curve>(e):
        def deep(g):
            <body float g=float e=float>
        return deep(e * <float>) * <number>
    """,
    feature="functions",
    skips=False,
)
FORMS += [Form("", "def <=curve>(e, c=<float>):\n    <body float e=float c=float>", 4, "functions", keeps=True)]
FORMS += statements(
    "<=curve> = np.sin",
    "<=curve> = <curve!>",
    "<=curve> = functools.partial(np.multiply, <float>)",
    weight=2,
    feature="functions",
)
FORMS += statements(
    "<=float:s> = <float>\nfor step in (<curve!>, <curve!>):\n    <:s> = step(<:s>)", weight=3, feature="functions"
)
FORMS += statements(
    "<=float:s> = <float>\nfor step in [np.sin, np.tanh]:\n    <:s> = step(<:s>) * <float>",
    weight=2,
    feature="functions",
)

FORMS += ways(
    "float",
    *("grad(<curve!>)(<float>)", "jvp(<curve!>, (<float>,), (<float>,))[1]", "value_and_grad(<curve!>)(<float>)[1]"),
    feature="operators",
)
FORMS += ways(
    "float",
    *("vjp(<curve!>, <float>)[1](<float>)[0]", "grad(grad(<curve!>))(<float>)", "hvp(<curve!>)(<float>, <float>)"),
    feature="operators",
    weight=2,
)

# Constants of the module, and what functions with variable arguments read.
FORMS += ways(
    "float",
    "sum(<floats!>)",
    "(len(<floats!>) * <float>)",
    "<options!>.get('k', 0.5)",
    "(<options!>['r'] * <float>)",
    weight=12,
)
FORMS += [Form("", "for <=float> in <floats!>:\n    <loop>", 8, skips=True)]
