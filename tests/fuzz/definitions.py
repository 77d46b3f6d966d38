"""Functions and classes that a program may define, and how these are used (see `tests.fuzz.writer` for the holes).

NAME stands for the name that a definition gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

from tests.fuzz.grammar import FORMS, statements, ways
from tests.fuzz.stores import STORES

__all__ = ["CLASSES", "DEFINITIONS", "FEATURES", "METHODS", "OBJECTS", "Definition"]


@dataclass(frozen=True)
class Definition:
    """A function or a class; `gives` are the forms (kind and template) that can be written once it is there, `inside` those in
    its body alone.
    """

    template: str
    gives: tuple[tuple[str, str], ...]
    feature: str = ""
    weight: int = 4
    inside: tuple[tuple[str, str], ...] = ()


def function(template: str, *calls: str, gives: str = "float", feature: str = "", weight: int = 4) -> Definition:
    return Definition(dedent(template).strip(), tuple((gives, call) for call in calls), feature, weight)


def recursive(template: str, *calls: str, within: tuple[str, ...], weight: int = 8) -> Definition:
    """A function that calls itself, in its body by the calls `within`."""
    called = tuple(("float", call) for call in calls)
    return Definition(dedent(template).strip(), called, "recursion", weight, tuple(("float", call) for call in within))


def method(template: str, *calls: str, gives: str = "float", weight: int = 4) -> Definition:
    return Definition(indent(dedent(template).strip(), "    "), tuple((gives, call) for call in calls), "", weight)


DEFINITIONS = [
    function(
        """
        def NAME(a, b):
            <body float a=float b=float>
        """,
        "NAME(<float>, <float>)",
        weight=10,
    ),
    function(
        """
        def NAME(a):
            <body float a=float>
        """,
        "NAME(<float>)",
        weight=6,
    ),
    function(
        """
        def NAME(x, n):
            <body float x=array n=int>
        """,
        "NAME(<array>, <int>)",
    ),
    function(
        """
        def NAME(x, a):
            <body array x=array a=float>
        """,
        "NAME(<array>, <float>)",
        gives="array",
        weight=6,
    ),
    function(
        """
        def NAME(a, b=0.5):
            <body float a=float b=float>
        """,
        "NAME(<float>)",
        "NAME(<float>, <float>)",
        "NAME(b=<float>, a=<float>)",
    ),
    function(
        """
        def NAME(a, *, b=0.5, c):
            <body float a=float b=float c=float>
        """,
        "NAME(<float>, c=<float>)",
        "NAME(<float>, c=<float>, b=<float>)",
        weight=2,
    ),
    function(
        """
        def NAME(a, /, b):
            <body float a=float b=float>
        """,
        "NAME(<float>, b=<float>)",
        "NAME(*(<float>, <float>))",
        weight=2,
    ),
    function(
        """
        def NAME(a, mode='fast'):
            if mode == 'fast':
                return np.sin(a)
            <body float a=float>
        """,
        "NAME(<float>)",
        "NAME(<float>, 'slow')",
    ),
    function(
        """
        def NAME(a, b=None):
            if b is None:
                b = a * 0.5
            <body float a=float b=float>
        """,
        "NAME(<float>)",
        "NAME(<float>, <float>)",
    ),
    function(
        """
        def NAME(a, b):
            <body pair a=float b=float>
        """,
        "NAME(<float>, <float>)",
        gives="pair",
        feature="pairs",
        weight=8,
    ),
    function(
        """
        def NAME(p, a):
            <body float p=dict a=float>
        """,
        "NAME(<dict>, <float>)",
        feature="dicts",
        weight=8,
    ),
    function(
        """
        def NAME(x, a):
            <body dict x=array a=float>
        """,
        "NAME(<array>, <float>)",
        gives="dict",
        feature="dicts",
        weight=8,
    ),
    function(
        """
        def NAME(l, a):
            <body float l=list a=float>
        """,
        "NAME(<list>, <float>)",
        feature="lists",
        weight=8,
    ),
    function(
        """
        def NAME(l, a):
            l.append(a * l[0])
        """,
        "NAME(<list!>, <float>)",
        gives="",
        feature="lists",
        weight=4,
    ),
    function(
        """
        def NAME(q, a):
            q[0] = a * q[1]
            q[1:] += a
        """,
        "NAME(<buffer!>, <float>)",
        gives="",
        feature="stores",
        weight=6,
    ),
    function(
        """
        def NAME(q, a):
            for i in range(1, 3):
                q[i] += a * q[i - 1] ** 2
            return q[0] * <number>
        """,
        "<=float> = NAME(<buffer!>, <float>)",
        "<=float> = NAME(<grid!>[0], <float>)",
        gives="",
        feature="stores",
        weight=6,
    ),
    function(
        """
        def NAME(q, x):
            q[1:] = x[1:] - x[:-1]
            q *= <number>
        """,
        "NAME(<buffer!>, <array>)",
        gives="",
        feature="views",
        weight=6,
    ),
    function(
        """
        def NAME(g, a):
            for row in g:
                row[1] = a * row[0]
        """,
        "NAME(<grid!>, <float>)",
        gives="",
        feature="grids",
        weight=6,
    ),
    function(
        """
        def NAME(a, *rest):
            <body float a=float rest=floats>
        """,
        "NAME(<float>, <float>, <float>)",
        "NAME(<float>)",
        "NAME(<float>, *<array!>)",
        feature="arguments",
        weight=12,
    ),
    function(
        """
        def NAME(a, **options):
            <body float a=float options=options>
        """,
        "NAME(<float>, r=<float>)",
        "NAME(<float>, k=<float>, r=0.3)",
        "NAME(<float>, **{'r': <float>})",
        feature="arguments",
        weight=8,
    ),
    function(
        """
        def NAME(f, a):
            <body float f=curve a=float>
        """,
        "NAME(<curve!>, <float>)",
        "NAME(np.cos, <float>)",
        "NAME(lambda e: e * <float>, <float>)",
        feature="functions",
        weight=8,
    ),
    function(
        """
        def NAME(a, c):
            def inner(e):
                <body float e=float a=float c=float>
            return inner
        """,
        "NAME(<float>, <float>)(<float>)",
        feature="functions",
    ),
    recursive(
        """
        def NAME(a, k):
            if k <= 0:
                return a * 0.5
            <body float a=float k=int>
        """,
        "NAME(<float>, 2)",
        "NAME(<float>, <small>)",
        within=("NAME(<float>, k - 1)",),
    ),
    recursive(
        """
        def NAME(a, k):
            if k <= 0:
                return a * 0.5
            return NAME_other(a, k - 1)


        def NAME_other(a, k):
            <body float a=float k=int>
        """,
        "NAME(<float>, 2)",
        within=("NAME(<float>, k - 1)",),
    ),
    function(
        """
        def NAME(x):
            for e in x:
                yield np.sin(e)
                if e > 0.45:
                    yield e * 0.5
        """,
        "sum(NAME(<array>))",
        "sum([e * e for e in NAME(<array>)])",
        feature="generators",
        weight=12,
    ),
    function(
        """
        @functools.lru_cache
        def NAME(k):
            return 0.3 * k + 0.2
        """,
        "NAME(<int>)",
        feature="arguments",
    ),
]

# ---------------------------------------------------------------------- classes

#: Classes with a number `c` and an array `w`, without their methods. Of the first, arguments may be instances.
CLASSES = [
    function(
        """
        @dataclass
        class NAME:
            c: float
            w: np.ndarray
        """,
        "NAME(<float>, <array>)",
        "NAME(c=<float>, w=<array>)",
        gives="NAME",
    ),
    function(
        """
        class NAME:
            def __init__(self, c, w):
                self.c = c
                self.w = w
        """,
        "NAME(<float>, <array>)",
        gives="NAME",
    ),
    function(
        """
        class NAME:
            scale = 0.7

            def __init__(self, c, w=None):
                self.c = c * self.scale
                self.w = np.ones(3) if w is None else w
        """,
        "NAME(<float>)",
        "NAME(<float>, w=<array>)",
        gives="NAME",
    ),
    function(
        """
        class NAME_base:
            def __init__(self, c):
                self.c = c

            def half(self):
                return self.c * 0.5


        class NAME(NAME_base):
            def __init__(self, c, w):
                super().__init__(np.sin(c))
                self.w = w

            def half(self):
                return super().half() + self.w[0]
        """,
        "NAME(<float>, <array>)",
        gives="NAME",
    ),
]

#: What can be written with an object of the class NAME.
OBJECTS = [
    *ways("NAME", "<NAME!>", weight=8),
    *ways("float", "<NAME!>.c", weight=12),
    *ways("array", "<NAME!>.w", weight=8),
    *statements("<=NAME> = <NAME>", weight=20),
    *statements("<NAME!>.c = <float>", "<NAME!>.c += <float>", "<NAME!>.w = <array>", weight=6),
]

METHODS = [
    method(
        """
        def area(self, e):
            <body float e=float self=NAME>
        """,
        "<NAME!>.area(<float>)",
        weight=12,
    ),
    method(
        """
        def move(self, e):
            self.c = self.c + e
            self.w = self.w * <limit>
        """,
        "<NAME!>.move(<float>)",
        gives="",
        weight=6,
    ),
    method(
        """
        def moved(self, e):
            self.c += e
            return self
        """,
        "<NAME!>.moved(<float>)",
        gives="NAME",
        weight=2,
    ),
    method(
        """
        @property
        def size(self):
            <body float self=NAME>
        """,
        "<NAME!>.size",
        weight=6,
    ),
    method(
        """
        @staticmethod
        def rule(e, g):
            <body float e=float g=float>
        """,
        "<NAME!>.rule(<float>, <float>)",
        "NAME.rule(<float>, <float>)",
    ),
    method(
        """
        @classmethod
        def made(cls, e):
            return cls(e, np.array([e, 0.3, -e]))
        """,
        "NAME.made(<float>)",
        gives="NAME",
    ),
    method(
        """
        def __call__(self, e):
            <body float e=float self=NAME>
        """,
        "<NAME!>(<float>)",
    ),
    method(
        """
        def __add__(self, other):
            return NAME(self.c + other.c, self.w * other.w)
        """,
        "(<NAME!> + <NAME!>)",
        gives="NAME",
        weight=2,
    ),
]

FEATURES = tuple(sorted({one.feature for one in (*FORMS, *STORES, *DEFINITIONS)} - {""} | {"objects"}))
