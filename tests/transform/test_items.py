"""Tuples and lists of views and arrays that are changed through their elements: both modes, first and second order."""

import numpy as np
import pytest

from tests.checking import Examples, check_case
from tests.second_order import check_second_order

right = Examples()
U = np.array([0.3, 0.8, 1.1, 0.6])
W = np.array([0.5, 1.2, 0.7, 0.9])


@right(U, unless_known="S301")
def list_of_views(u):
    w = u * u
    parts = [w[:2], w[2:]]
    parts[0][:] *= 2.0
    parts[1][0] = u[0] * parts[0][1]
    parts[1] += parts[0]
    return np.sum(w * u) + np.sum(parts[1])


@right(U, W, unless_known="S301")
def tuple_of_arrays(u, w):
    state = (u * 1.0, w * u)
    state[0][1:] += 1.0
    state[1][0] = state[0][1] ** 2
    a, b = state
    a *= b
    return np.sum(state[0] * w) + np.sum(b)


@right(U, W, unless_known="S301")
def arguments(u, w):
    state = (u, w)
    state[0][1:] += 1.0
    state[1][0] = u[1] ** 2
    return np.sum(u * w)


@right(U, unless_known="S301")
def loops(u):
    w = u * u
    parts = (w[:2], w[2:], w[1:3])
    for v in parts:
        v *= u[0]
        v[0] += w[1]
    for k, v in enumerate(parts):
        v[k % 2] -= k * u[3]
    for v, c in zip(parts, (u[:2], u[1:3], u[2:])):
        v += c
    return np.sum(w * w)


@right(U, unless_known="S301")
def rounds_cut_short(u):
    w = u * u
    for v in (w[:2], w[1:], w[2:]):
        if v[0] > 0.5:
            v[1] *= u[2]
            continue
        v[0] = u[3] ** 2
    return np.sum(w * u)


@right(U, unless_known="S301")
def replaced(u):
    w = u * u
    parts = [w[:2], w[2:]]
    parts[0] = parts[0] * 3.0
    parts[0][0] = u[2] ** 2
    parts[1] *= u[0]
    return np.sum(w * u) + np.sum(parts[0])


@right(U, 3, unless_known="S301")
def in_a_loop(u, n):
    w = u * u
    halves = w[:2], w[2:]
    for k in range(n):
        halves[0][0] = u[k]
        halves[1][:] += halves[0]
    return np.sum(w * w)


@right(U, 3, unless_known="S301")
def made_in_a_loop(u, n):
    w = u * u
    for k in range(n):
        pair = [w[k:], w[: k + 1]]
        pair[0][0] *= pair[1][0]
        pair[1] += u[k]
    return np.sum(w * w)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def decided(u, w, c):
    a, b = u * u, w * 1.0
    if c:
        pair = (a, b)
    else:
        pair = (b, a)
    pair[0][1:] = pair[1][:-1] * w[0]
    return np.sum(a * b)


def mixed(v, s):
    v[1:] *= s
    return v[0] ** 2


@right(U, unless_known="S301")
def passed_on(u):
    w = u * u
    parts = [w[:2], w[2:]]
    s = mixed(parts[0], u[1])
    mixed(parts[1], parts[0][0])
    return np.sum(w * u) * s


@right(U, unless_known="S301")
def read_as_a_whole(u):
    w = u * u
    parts = [w[2:], w[:2]]
    parts[0][0] = u[1] ** 3
    z = np.concatenate(parts)
    parts[1][1] = z[0] * z[3]
    return np.sum(w * z) * len(parts)


@right(U, unless_known="S301")
def nested(u):
    w = u * u
    pairs = ((w[:2], w[2:]), (w[1:3], w[::2]))
    pairs[0][1][0] = u[0] * 2.0
    pairs[1][0][0] += pairs[0][0][0]
    return np.sum(w * w)


@right(U, unless_known="S301")
def number_and_view(u):
    w = u * u
    pair = [w[1:], u[0]]
    pair[0] *= pair[1]
    pair[1] += u[3]
    pair[1] = pair[1] * 2.0
    return np.sum(w * w) * pair[1]


@right(U, unless_known="S301")
def put_together(u):
    w = u * u
    z = np.stack([w, u, w[::-1]])
    w[1] = z[0, 1] * z[2, 0]
    y = np.array([[w[0], w[1]], [u[0], 1.0]])
    w[0] = y[0, 1]
    return np.sum(w * z) + np.sum(y)


@right(np.array([0.3, 0.5, 0.7, 0.4]))
def found_with_halved_paths(x):
    """Union and find."""
    parent = list(range(4))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    s = 0.0
    for i, j in [(2, 3), (0, 1), (1, 3), (0, 2)]:
        a, b = root(i), root(j)
        if a != b:
            parent[a] = b
            s += x[i] * x[j]
    return s


@right(np.array([0.3, 0.5, 0.7, 0.4]))
def at_integers_of_an_array(x):
    ends = np.array([[0, 1], [1, 2], [3, 0]])
    y = np.zeros(4)
    for e in range(3):
        i, j = ends[e]
        y[ends[e, 0]] += x[i] * x[j]
        y[j] -= x[ends[e, 0]] ** 2
    return np.sum(y * x)


@right.parametrize()
def test_first_order(case):
    check_case(case)


SECOND = {case.function.__name__: case for case in right if case.known}


@pytest.mark.parametrize("name", SECOND)
def test_second_order(name):
    check_second_order(SECOND[name])
