"""What is read and of which shape and type: elements, slices, masks, dtypes, sizes 0 and 1."""

import numpy as np

from tests.checking import Examples, check_case, leaves

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])
single = np.float32
ROWS = np.array([2, 0, 0])


def dtypes(case):
    return {np.asarray(leaf).dtype for name in case.wrt for leaf in leaves(case.values[name])}


# ------------------------------------------------------------------- elements


@right(X)
def elements(x):
    return x[0] * x[1] + x[-1] * x[0] * x[-4]


@right(X, 2)
def element_at_an_argument(x, i):
    return x[i] * x[i - 1] + x[-i]


@right(X)
def slice_under_a_name(x):
    k = np.s_[1:3]
    return np.sum(x[k] ** 2 * x[np.s_[::2]])


@right(A)
def elements_of_a_matrix(a):
    return a[0, 1] * a[1, 2] + a[-1, 0] * a[1][0] + a[0][2]


@right(A)
def rows_and_columns(a):
    return np.sum(a[0] * a[1]) + np.sum(a[:, 1] ** 2) + np.sum(a[1, :] * a[0, ::-1])


@right(X)
def slices(x):
    return np.sum(x[1:] * x[:-1]) + np.sum(x[::2] * x[1::2]) + np.sum(x[::-1] * x) + np.sum(x[-3:-1] ** 2)


@right(X)
def slice_of_a_slice(x):
    return x[1:][0] * x[:3][-1] + np.sum(x[1:][::2][:1])


@right(A)
def element_of_a_transpose(a):
    return a.T[0] @ a.T[1] + a.T[2, 1] * a[0, 0]


@right(X)
def repeated_indices(x):
    y = x[[0, 0, 3, 0]]
    return np.sum(y * y * np.array([1.0, 2.0, 3.0, 4.0]))


@right(A)
def repeated_rows(a):
    return np.sum(a[:, ROWS] * a[[1, 1], :]) + np.sum(a[[0, 1, 0], [2, 2, 2]] ** 3)


@right(X)
def mask(x):
    return np.sum(x[x > 0] ** 3) + np.sum(x[np.array([True, False, True, True])])


@right(X)
def newaxis(x):
    return np.sum(x[:, None] * x[None, :] ** 2) + np.sum(x[..., np.newaxis])


@right(A)
def ellipsis(a):
    return np.sum(a[..., 0] * a[..., -1])


@right(X)
def index_of_an_index_array(x):
    order = np.array([3, 1, 0, 2])
    s = 0.0
    for i in range(4):
        s = s * x[order[i]] + x[order[order[i]]]
    return s


@right(X)
def index_that_depends_on_the_value(x):
    i = 0
    s = 0.0
    for n in range(3):
        if x[i] > 0:
            i = i + 1
        s = s + x[i] * x[0]
    return s


@right(A)
def matrix_elements_in_loops(a):
    s = 0.0
    for i in range(2):
        for j in range(3):
            s += a[i, j] * a[i, j - 1] * s + a[1 - i, j]
    return s


@right(X)
def elements_and_whole(x):
    y = np.sin(x) * x[0]
    return np.sum(y) * x[1] + y[2]


@right((0.3, X))
def tuple_of_a_number_and_an_array(pair):
    return pair[0] * np.sum(pair[1]) + pair[1][0]


@right([X, X * 2, X + 1])
def list_of_arrays(items):
    s = 0.0
    for item in items:
        s = s + np.sum(item * item) * items[0][1]
    return s


@right([[0.3, 0.4], [0.7, 0.8]])
def list_of_lists(rows):
    s = 1.0
    for row in rows:
        for v in row:
            s = s * v + rows[0][1]
    return s


@right(X, or_refused="S202")
def part_of_a_tuple(x):
    items = tuple(x)
    a, b = items[:2]
    return a * b * items[3]


@right([0.3, 0.7, 1.1, 0.2], or_refused="S202")
def part_of_a_list(items):
    s = items[0] * items[1]
    for v in items[1:]:
        s = s * v
    return s


@right(X, or_refused="S204")
def list_of_an_array(x):
    items = x.tolist()
    return items[0] * items[1]


# ----------------------------------------------------------------- broadcasting


@right(A, X[:3], 0.7)
def broadcasting(a, x, w):
    return np.sum((a + x) * w - a / (x * x + 2)) + np.sum((w - x) ** 2)


@right(A, A[:, :1], A[:1])
def broadcasting_of_rows_and_columns(a, column, row):
    return np.sum(a * column + row * column) + np.sum(column - a * row)


@right(X, X[:1])
def broadcasting_of_size_one(x, one):
    y = one * x
    one = one * y
    return np.sum(one * x)


@right(0.7, X)
def number_that_becomes_an_array(x, v):
    x = x * v
    x = x * x
    return np.sum(x)


@right(A, A.T[:3])
def products_of_matrices(a, b):
    c = a @ b
    return np.sum(c @ a) + np.sum(a @ b[:, 0]) + np.dot(a[0], b[:, 1])


# ------------------------------------------------------------ sizes and dtypes


@right(X[:0])
def empty(x):
    y = x * x
    return np.sum(y * np.sin(x))


@right(np.zeros((0, 3)))
def empty_matrix(a):
    s = 1.0
    for row in a:
        s = s * np.sum(row)
    return np.sum(a * a) + s


@right(X[:1])
def size_one(x):
    y = x * x
    for v in x:
        y = y * v
    return y


@right(np.array(0.7))
def rank_zero(x):
    y = x * x
    return y * np.sin(x)


@right(np.array(0.7), X)
def rank_zero_and_an_array(x, v):
    y = v * x
    y += x
    return np.sum(y * x)


@right(np.float64(0.7), 0.4)
def numpy_scalar(x, w):
    for i in range(3):
        x = x * w + np.sin(x)
    return x


@right(single(0.7))
def single_scalar(x):
    for i in range(3):
        x = x * x + np.sin(x)
    return x


@right(X.astype(single))
def single_array(x):
    y = x * 2 + x[0]
    return np.sum(np.exp(y) / (1 + y * y))


@right(X.astype(single), single(0.3))
def single_array_and_scalar(x, w):
    s = w
    for v in x:
        s = s * v + w
    return s * np.sum(x * w)


@right(X.astype(single), X)
def single_and_double(x, v):
    return np.sum(x * v) * x[0]


@right(X.astype(single), 0.3)
def single_array_and_python_float(x, w):
    return np.sum(x * w + w)


@right(3, 2, wrt="x")
def integers_are_promoted(x, n):
    return x**n * x


@right(0.7, 2)
def integer_arithmetic(x, n):
    k = n // 2 + n % 3
    return x**k * k - x / n


@right(X, np.array([1, 2, 0, 3]))
def integer_array(x, n):
    return np.sum(x * n) + np.sum(x**n) + x[n[1]]


@right(X, np.array([True, False, True, True]))
def boolean_array(x, keep):
    return np.sum(x * keep) + np.sum(x[keep] ** 2)


@right(X)
def array_result(x):
    y = np.sin(x)
    return y * x[0]


@right(A, A[:1])
def matrix_result(a, row):
    b = a * row
    return b.T


@right.parametrize()
def test_value(case):
    check_case(case, rtol=1e-6 if dtypes(case) <= {np.dtype(float)} else 1e-4)
