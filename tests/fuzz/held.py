"""Forms of what Python's library orders, collects and iterates over: keys, deques, default dicts, counters, iterators.

A queue is a deque that is not empty, a window one of at most two elements; totals are numbers under small integers, a tally
a counter of them, groups are lists; a feed is an iterator under a name. Of these only the function that makes them knows.
"""

from __future__ import annotations

from tests.fuzz.grammar import statements, ways
from tests.fuzz.writer import Form

__all__ = ["HELD"]

HELD: list[Form] = []

# ---------------------------------------------------------------------- orders

HELD += ways(
    "float",
    "max(<array!>, key=lambda e: <float^>)",
    "min(<float>, <float>, key=lambda e: <float^>)",
    "sorted(<array!>, key=lambda e: <float^>)[<index>]",
    "max([<float>, <float>, <float>], key=lambda e: e * <float^>)",
    feature="orders",
    e="float",
)
HELD += ways(
    "float",
    "max([(<float>, <float>), (<float>, <float>)], key=lambda g: g[1])[0]",
    "min(((<float>, <int>), (<float>, <int>)), key=lambda g: g[0] * 0.5)[0]",
    "sorted(zip(<array!>, <array!>), key=lambda g: g[1])[<index>][0]",
    "max(zip(<array!>, <array!>), key=operator.itemgetter(0))[1]",
    feature="orders",
    weight=1,
)
HELD += ways(
    "float",
    "max(<array!>, key=abs)",
    "min([<float>, <float>], key=abs, default=0.3)",
    "sorted(<array>)[<index>]",
    "sorted(<array!>, key=np.sin, reverse=True)[<index>]",
    feature="orders",
)
HELD += ways(
    "int",
    "max(range(3), key=lambda g: <array!:v>[g])",
    "min((0, 1, 2), key=lambda g: g % 2)",
    feature="orders",
    weight=2,
)
HELD += statements(
    "<=float:s> = <float>\nfor <=float:e> in sorted(<array!>, key=lambda g: -g):\n    <:s> = <:s> * <:e> + <float>",
    "<=float:s>, <=float:t> = sorted((<float>, <float>), reverse=True)",
    "<=int:i>, <=float:s> = min(enumerate(<array>), key=lambda g: g[1] ** 2)",
    feature="orders",
)

# ------------------------------------------------------------------ collections

HELD += statements(
    "<=queue> = deque([<float>, <float>])",
    "<=queue> = deque(<array>, maxlen=3)",
    "<=window> = deque(maxlen=2)",
    "<=totals> = defaultdict(float)",
    "<=tally> = Counter()",
    "<=groups> = defaultdict(list)",
    weight=10,
    feature="collections",
)
# What is computed from all elements of a dict is followed where it does not change any more.
HELD += statements(
    "<=array:v> = <array>\n<=float:c> = <float>\n<=sums:q> = defaultdict(float)\nfor <=int:i>, <=float:e> in enumerate(<:v>):\n"
    "    <:q>[<:i> % 2] += <:e> * <:c>",
    weight=10,
    feature="collections",
)
HELD += statements(
    "<=array:v> = <array>\n<=float:c> = <float>\n<=sorts:q> = defaultdict(list)\nfor <=float:e> in <:v>:\n"
    "    <:q>[<:e> > <limit>].append(<:e> * <:c>)",
    weight=2,
    feature="collections",
)
HELD += statements(
    "<queue!>.append(<float>)",
    "<queue!>.appendleft(<float>)",
    "<queue!:q>.append(<float>)\n<=float> = <:q>.popleft()",
    "<queue!:q>.appendleft(<float>)\n<=float> = <:q>.pop() * <float>",
    "<window!>.append(<float>)",
    "for <=float> in <array!>:\n    <window!:q>.append(<float>)\n    <=float:s> = sum(<:q>) * <float>",
    weight=10,
    feature="collections",
)
HELD += statements(
    "<queue!>.extend([<float>, <float>])",
    "<queue!>.rotate(1)",
    "<queue!>.rotate(-2)",
    "<queue!:q>.append(<float> * <:q>[0])",
    "<=float:s> = 1.0\nfor <=float:e> in <queue!>:\n    <:s> = <:s> * <:e> + <float!>",
    "<=float:s> = 0.0\nfor key, item in <sums!>.items():\n    <:s> += item * <float>",
    "<=float:s> = 0.0\nfor item in <sorts!>.values():\n    <:s> += sum(item) * len(item)",
    "<=float:t> = <float>\n<totals!>[<row>] += <:t>",
    "<=float:t> = <float>\n<totals!>[<int!> % 2] = <:t>",
    "<totals!>[<row>] *= <float!>",
    "<totals!>[<small>] -= <float!>",
    "<=float> = <totals!>[<row>] * <float!>",
    "<=float> = <tally!>[<small>] * <float!>",
    "<tally!>[<small>] += <float!>",
    "<tally!>[<int!>] += 1",
    "<=float:t> = <float>\n<groups!>[<small>].append(<:t>)",
    "<groups!>[<int!> % 2].append(<float!>)",
    "<=float> = sum(<groups!>[<small>]) + <float!>",
    weight=4,
    feature="collections",
)
HELD += ways(
    "float",
    "<queue!>[0]",
    "<queue!>[-1]",
    "sum(<queue!>)",
    "sum(<window!>)",
    "sum(<sums!>.values())",
    weight=8,
    feature="collections",
)
HELD += ways(
    "float",
    "(len(<queue!>) * <float>)",
    "(len(<window!>) * <float>)",
    "max(<queue!>)",
    "(len(<sums!>) * <float>)",
    "<sums!>.get(0, 0.5)",
    weight=2,
    feature="collections",
)

# -------------------------------------------------------------------- iterators

HELD += ways(
    "list",
    "list(itertools.accumulate(<array!>))",
    "list(itertools.accumulate(<list!>, lambda e, g: e * <float^> + g))",
    feature="accumulated",
    e="float",
    g="float",
)
HELD += ways("float", "list(itertools.accumulate(<array>))[<index>]", feature="accumulated")
HELD += ways(
    "float",
    "sum(itertools.accumulate(<array!>, lambda e, g: e * g + <float^>))",
    "max(itertools.accumulate([<float>, <float>], lambda e, g: g - e * <float^>, initial=<float>))",
    feature="accumulated",
    e="float",
    g="float",
)
HELD += ways(
    "array",
    "np.array(list(itertools.accumulate(<array!>, operator.mul)))",
    "np.array([e * <float> for e in itertools.accumulate(<array!>)])",
    "np.array(list(itertools.accumulate(<array>, lambda e, g: e * <float^> + g)))",
    feature="accumulated",
    e="float",
    g="float",
)
HELD += [Form("", f"for {head}:\n    <loop>", 6, "accumulated", skips=True, keeps=True) for head in (
    "<=float> in itertools.accumulate(<array!>)", "<=int>, <=float> in enumerate(itertools.accumulate([<float>, <float>]))",
    "<=float>, <=float> in zip(<array!>, itertools.accumulate(<array!>, max))",
    "<=float> in itertools.accumulate(range(1, 4), lambda e, g: e * g)",
)]  # fmt: skip

HELD += statements(
    "<=feed> = iter([<float>, <float>, <float>])",
    "<=feed> = iter(<array> * <float>)",
    "<=feed> = iter(<array> + <array>)",
    "<=pairs> = iter(zip(<array> * 2.0, (<float>, <float>, <float>)))",
    weight=12,
    feature="held",
)
HELD += statements(
    "<=float> = next(<feed!>)",
    "<=float> = next(<feed!>, <float>)",
    "<=float:s> = <float>\nfor <=float:e> in <feed!>:\n    <:s> = <:s> * <float!> + <:e>",
    "<=float:s> = <float>\nfor <=float:e> in <feed!>:\n    if <:e> > <limit>:\n        break\n    <:s> += <:e> * <float!>",
    "<=float:s>, <=float:t> = next(<feed!:q>, <float>), next(<:q>, <float>)",
    "<=float> = <float> * next(<feed!>, 0.5) - <float>",
    "<=float> = sum(<feed!>)",
    "for <=int> in range(2):\n    <=float:s> = next(<feed!>, <float>) * <float>",
    "<=float>, <=float> = next(<pairs!>)",
    "<=float:s> = 0.0\nfor <=float:e>, <=float:t> in <pairs!>:\n    <:s> += <:e> * <:t> * <float!>",
    weight=10,
    feature="held",
)
HELD += ways("float", "next(<feed!>, <float>)", "np.sum(list(<feed!>))", weight=3, feature="held")
