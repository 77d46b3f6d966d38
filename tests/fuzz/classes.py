"""Classes that a program may define, their methods, and how objects are used (see `tests.fuzz.writer` for the holes).

NAME stands for the name that a class gets.
"""

from __future__ import annotations

from tests.fuzz.definitions import function, method
from tests.fuzz.grammar import statements, ways

__all__ = ["CLASSES", "METHODS", "OBJECTS"]

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
    *statements("<NAME!:o>.c, <=float> = <float>, <:o>.c", "<NAME!>.c *= <float>", weight=2),
    *statements("<NAME!>.w = <array>.copy()\n<NAME!>.w[<index>] = <float>", weight=1),
    *ways("float", "<NAME!>.w[<index>]", weight=2),
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
        "<NAME!>.moved(<float>).moved(<float>)",
        gives="NAME",
        weight=2,
    ),
    method(
        """
        def turned(self, e):
            self.w = self.w[::-1] * e
            return self
        """,
        "<NAME!>.turned(<float>).turned(<float>)",
        "<NAME!:o>.turned(<float>)\n<=float> = <:o>.turned(<number>).c",
        "<=float> = <NAME!>.turned(<float>).w[<index>]",
        gives="",
        weight=6,
    ),
    method(
        """
        def drawn(self, e):
            self.c = self.c * e + np.sum(self.w)
            return self
        """,
        "<NAME!>.drawn(<float>).c",
        "np.sum(<NAME!>.drawn(<float>).drawn(<limit>).w)",
        weight=6,
    ),
    method(
        """
        @property
        def half(self):
            return self.c * 0.5

        @half.setter
        def half(self, e):
            self.c = 2.0 * e
        """,
        "<NAME!>.half = <float>",
        "<NAME!>.half += <float>",
        "<=float> = <NAME!>.half * <float>",
        gives="",
    ),
    method(
        """
        def swapped(self, other):
            self.c, other.c = other.c, self.c
            return other
        """,
        "<NAME!>.swapped(<NAME!>)",
        "<=float> = <NAME!>.swapped(<NAME!>).c",
        gives="",
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
