"""Forms that change arrays in place: by element, slice, mask and index array, in loops, through views and second names.

A buffer is an array of three elements that changes, a grid one of two rows of three, an edge a view of two elements; the other
kinds (`tests.fuzz.grammar`) are made anew in each expression. The same object may have several names of these kinds.
"""

from __future__ import annotations

from tests.fuzz.grammar import statements, ways
from tests.fuzz.writer import Form

__all__ = ["STORES"]

STORES: list[Form] = []

# ---------------------------------------------------------------------- buffers

STORES += statements(
    "<=buffer> = np.zeros(3)",
    "<=buffer> = <array>.copy()",
    "<=array:v> = <array>\n<=buffer:q> = np.empty(3)\n<:q>[:] = <:v>",
    weight=12,
    feature="stores",
)
STORES += statements("<buffer!>[<index>] = <float>", weight=16, feature="stores")
STORES += statements(
    "<buffer!>[<index>] += <float>",
    "<buffer!>[<index>] *= <float>",
    "<buffer!>[1:] = <array>[1:]",
    "<buffer!>[<int!> % 3] = <float>",
    "<buffer!> += <array>",
    "<buffer!:q>[1:] += <:q>[:-1] * <float>",
    weight=6,
    feature="stores",
)
STORES += statements(
    "<buffer!>[::2] *= <float>",
    "<buffer!:q>[:-1] = <:q>[1:]",
    "<buffer!>[:] = <array>",
    "<buffer!> -= <float>",
    "<buffer!>[<array> > <limit>] = <float>",
    "<buffer!:q>[<:q> > <limit>] *= <float>",
    "<buffer!>[[0, 2]] = <array>[[2, 1]]",
    "<buffer!>[[2, 0]] += <float>",
    "np.add.at(<buffer!>, [0, 2, 0], <array>)",
    "<buffer!:q>[0], <:q>[2] = <:q>[2], <:q>[0]",
    "<buffer!:s>, <buffer!:t> = <:t>, <:s>",
    weight=3,
    feature="stores",
)
STORES += statements(
    "for <=int:i> in range(3):\n    <buffer!:q>[<:i>] = <float> * <:q>[<:i> - 1]",
    "for <=int:i> in range(1, 3):\n    <buffer!:q>[<:i>] += 0.5 * <:q>[<:i> - 1] * <float>",
    "for <=int:i> in range(2):\n    <buffer!:q>[<:i>] -= <:q>[<:i> + 1] * <array!>[<:i>]",
    "for <=int:i>, <=float:e> in enumerate(<array!>):\n    <buffer!:q>[<:i>] = <:e> * <:q>[2 - <:i>]",
    weight=5,
    feature="stores",
)
STORES += statements(
    "<buffer!>.fill(<float>)",
    "np.copyto(<buffer!>, <array>)",
    "np.multiply(<array>, <float>, out=<buffer!>)",
    "np.sin(<buffer!:q>, out=<:q>)",
    weight=2,
    feature="stores",
)
STORES += statements(
    "np.multiply.at(<buffer!>, [0, 2, 0], <array>)",
    "np.subtract.at(<buffer!>, [<index>, 1], <float>)",
    "np.maximum.at(<buffer!>, [<index>, 1], <float>)",
    "np.minimum.at(<buffer!>, [2, <index>, 2], <array>)",
    "np.add.at(<buffer!>, np.array([1, 1, <index>]), <array>)",
    weight=2,
    feature="stores",
)
STORES += ways("array", "(<buffer!> * <array>)", "np.sin(<buffer!>)", "<buffer!>.copy()", weight=8, feature="stores")
STORES += ways("float", "<buffer!>[<index>]", "np.sum(<buffer!>)", weight=8, feature="stores")
STORES += ways("float", "(<buffer!:q> @ <:q>[::-1])", weight=2, feature="stores")

# ------------------------------------------------------------------------ grids

STORES += ways("row", "0", "1", "-1")
STORES += statements("<=grid> = np.zeros((2, 3))", "<=grid> = np.array([<array>, <array>])", weight=12, feature="grids")
STORES += statements(
    "<grid!>[<row>, <index>] = <float>",
    "<grid!>[<row>, <index>] += <float>",
    "<grid!>[<row>] = <array>",
    "<grid!>[:, <index>] += <float>",
    "<grid!>[:, 1:] *= <float>",
    weight=8,
    feature="grids",
)
STORES += statements(
    "<grid!>[<row>][<index>] = <float>",
    "<grid!>[<row>] *= <float>",
    "<grid!:g>[0, 1:] = <:g>[1, :-1] * <float>",
    "<grid!:g>[:, 0] = <:g>[:, -1]",
    "<grid!> += <array>",
    "<grid!:g>[<:g> > <limit>] = <float>",
    "<grid!:g>[0] += <:g>[1] * <array>",
    "<grid!:g>[[0, 1], [2, 0]] = <array>[:2]",
    "<grid!:s>, <grid!:t> = <:t>, <:s>",
    weight=3,
    feature="grids",
)
STORES += statements(
    "for <=int:i> in range(2):\n    for <=int:j> in range(3):\n        <grid!:g>[<:i>, <:j>] = <float> * <:g>[<:i> - 1, <:j>]",
    "for <=int:i> in range(2):\n    for <=int:j> in range(1, 3):\n        <grid!:g>[<:i>, <:j>] += 0.5 * <:g>[<:i>, <:j> - 1]",
    "for <=int:j> in range(3):\n    <grid!:g>[:, <:j>] *= <array!>[<:j>]",
    weight=4,
    feature="grids",
)
STORES += statements(
    "np.multiply.at(<grid!>, ([0, 1, 0], [<index>, 1, 1]), <array>)",
    "np.maximum.at(<grid!>, [<row>, 0], <array>)",
    weight=2,
    feature="grids",
)
STORES += ways("array", "(<grid!>[<row>] * <array>)", "np.sum(<grid!>, axis=0)", weight=6, feature="grids")
STORES += ways("float", "<grid!>[<row>, <index>]", "np.sum(<grid!> ** 2)", weight=6, feature="grids")
STORES += ways("float", "np.sum(<grid!>[:, 1:])", weight=2, feature="grids")

# ------------------------------------------------------------------------ views

STORES += statements("<=buffer> = <array>.copy()", "<=grid> = np.array([<array>, <array>])", weight=10, feature="views")
STORES += statements(
    "<=buffer> = <buffer!>",
    "<=edge> = <buffer!>[:2]",
    "<=edge> = <buffer!>[-2:]",
    "<=buffer> = <grid!>[<row>]",
    "<=edge> = <grid!>[<row>, :2]",
    "<=edge> = <grid!>[:, <index>]",
    weight=8,
    feature="views",
)
STORES += statements(
    "<=grid> = <grid!>",
    "<=edge> = <edge!>",
    "<=edge> = <edge!>[::-1]",
    "<=edge> = <edge!>.copy()",
    "<=buffer> = <buffer!>[::-1]",
    "<=buffer:q> = np.zeros(3) if <bool> else np.ones(3)",
    "<=buffer> = <buffer!> if <bool> else <buffer!>",
    "<=edge> = <buffer!>[:2] if <bool> else <buffer!>[::-2]",
    weight=2,
    feature="views",
)
STORES += statements(
    "<edge!>[0] = <float>",
    "<edge!>[-1] += <float>",
    "<edge!> *= <float>",
    "<edge!>[:] = <array>[-2:]",
    "<edge!> += <array>[:2]",
    "<buffer!>[<index>] = <float>",
    "<buffer!> += <array>",
    "<grid!>[<row>, <index>] += <float>",
    "np.multiply.at(<edge!>, [0, 1, 0], <array>)",
    weight=6,
    feature="views",
)
STORES += statements(
    "<=edges> = [<buffer!>[:2], <buffer!>[1:]]",
    "<=edges> = (<edge!>, <buffer!>[::2])",
    "<=edge> = <grid!>.T[<index>]",
    "<=edge> = <grid!>[:, ::-1][<row>, 1:]",
    "<=edge> = <grid!>.reshape(-1)[:2]",
    "<=line> = <grid!>.ravel()",
    "<=line> = <grid!>.reshape(6)",
    weight=4,
    feature="views",
)
STORES += statements(
    "<edges!>[<row>][0] = <float>",
    "<edges!>[<row>] += <array>[1:]",
    "<edges!:l>[0][:] = <:l>[1] * <float>",
    "for <=edge:q> in <edges!>:\n    <:q> *= <float>",
    "<line!>[<index>] += <float>",
    "<line!>[3:] = <array>",
    weight=5,
    feature="views",
)
STORES += ways("float", "np.sum(<edges!>[<row>])", "np.sum(<line!>)", "<line!>[-1]", weight=4, feature="views")
STORES += statements("for <=buffer:q> in <grid!>:\n    <:q>[<index>] += <float> * <:q>[0]", weight=4, feature="views")
STORES += ways("array", "(<buffer!> * <array>)", "(<edge!>[0] * <array>)", weight=6, feature="views")
STORES += ways(
    "float",
    "np.sum(<edge!> ** 2)",
    "<edge!>[0]",
    "<buffer!>[<index>]",
    "np.sum(<grid!> ** 2)",
    weight=6,
    feature="views",
)

# ------------------------------------------------------------- lists of buffers

STORES += statements("<=buffers> = [np.zeros(3), <array>.copy()]", weight=12, feature="buffers")
STORES += statements("<=buffers> = [<array> * k for k in range(2)]", weight=4, feature="buffers")
STORES += statements(
    "<buffers!>[0][<index>] = <float>",
    "<buffers!>[1][<index>] += <float>",
    "<buffers!>[<row>] += <array>",
    "<buffers!>[<row>] = <array>.copy()",
    "<buffers!>[<int!> % 2][<index>] *= <float>",
    weight=6,
    feature="buffers",
)
STORES += statements(
    "for <=int:i>, <=float:e> in enumerate(<array!>):\n    <buffers!:l>[0][<:i>] = <:e> * <:l>[1][<:i>]",
    "<buffers!:l>[0], <:l>[1] = <:l>[1], <:l>[0]",
    weight=3,
    feature="buffers",
)
STORES += ways("array", "(<buffers!>[<row>] * <array>)", weight=8, feature="buffers")
STORES += ways("float", "np.sum(<buffers!>[0] * <array>)", "<buffers!>[<row>][<index>]", weight=8, feature="buffers")
