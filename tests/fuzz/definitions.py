"""Functions that a program may define, and how these are used (see `tests.fuzz.writer` for the holes).

NAME stands for the name that a function gets.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

__all__ = ["DEFINITIONS", "Definition", "function", "method"]


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
    function(
        """
        def NAME(a):
            def outer(c):
                def inner(e):
                    <body float e=float c=float a=float>
                return inner
            return outer
        """,
        "NAME(<float>)(<float>)(<float>)",
        gives="float",
        feature="functions",
    ),
    function(
        """
        def NAME(a, c):
            def outer(e):
                def inner(y):
                    <body float y=float e=float a=float>
                return inner(e) * c + inner(c * e)
            return outer(a) - outer(<limit>)
        """,
        "NAME(<float>, <float>)",
        gives="float",
        feature="functions",
    ),
    function(
        """
        def NAME(v):
            return v[1:]
        """,
        "<=edge> = NAME(<buffer!>)",
        gives="",
        feature="views",
        weight=8,
    ),
    function(
        """
        def NAME(v, k):
            return v[k : k + 2]
        """,
        "<=edge> = NAME(<buffer!>, 0)",
        "<=edge> = NAME(<buffer!>, 1)",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(v):
            return v[::-1]
        """,
        "<=buffer> = NAME(<buffer!>)",
        "<=buffer> = NAME(NAME(<buffer!>))",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(v):
            return v
        """,
        "<=buffer> = NAME(<buffer!>)",
        "<=grid> = NAME(<grid!>)",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(v, a):
            v[0] = a * v[1]
            return v
        """,
        "<=buffer> = NAME(<buffer!>, <float>)",
        "NAME(<buffer!>, <float>)",
        "<=edge> = NAME(<edge!>, <float>)",
        gives="",
        feature="views",
        weight=8,
    ),
    function(
        """
        def NAME(v, a):
            v *= a
            return v[-2:]
        """,
        "<=edge> = NAME(<buffer!>, <float>)",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(g, k):
            return g[k]
        """,
        "<=buffer> = NAME(<grid!>, <row>)",
        gives="",
        feature="views",
        weight=6,
    ),
    function(
        """
        def NAME(v, a):
            if a > <limit>:
                return v[1:]
            return v[:2]
        """,
        "<=edge> = NAME(<buffer!>, <float>)",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(old, new, a):
            new[1:] = a * old[:-1]
            new[0] = np.sin(old[-1])
            return new, old
        """,
        "<buffer!:s>, <buffer!:t> = NAME(<:s>, <:t>, <float>)",
        "for <=int:i> in range(3):\n    <buffer!:s>, <buffer!:t> = NAME(<:s>, <:t>, <float>)",
        "<=buffer>, <=buffer> = NAME(np.ones(3), <array>.copy(), <float>)",
        gives="",
        feature="views",
        weight=8,
    ),
    function(
        """
        def NAME(old, new, a):
            new[:] = old * a
            return new, old, np.sum(new - old)
        """,
        "<buffer!:s>, <buffer!:t>, <=float> = NAME(<:s>, <:t>, <float>)",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(v):
            return v[:2], v[1:]
        """,
        "<=edge>, <=edge> = NAME(<buffer!>)",
        "<=edges> = NAME(<buffer!>)",
        gives="",
        feature="views",
    ),
    function(
        """
        def NAME(v, w):
            return [v[:2], w[::2]]
        """,
        "<=edges> = NAME(<buffer!>, <buffer!>)",
        gives="",
        feature="views",
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
