"""Arrays of unknown kind that turn out to hold integers where something differentiated is stored into them."""

import numpy as np
import pytest

from tests.checking import case_of, check_case, generated

U = np.array([0.3, -0.8, 1.1])
MODES = ("jvp", "vjp")


def like_another(u, m):
    a = np.zeros_like(m)
    a[1:] = u[1:]
    return np.sum(a * u)


def a_copy(u, m):
    a = m.copy()
    for i in range(3):
        a[i] = u[i] * u[0]
    return np.sum(a * u)


def given_to_a_callee(u, m):
    a = np.full_like(m, 2)
    _fill(a, u)
    return np.sum(a * u)


def _fill(a, u):
    a[0] = u[1] * u[0]


def made_in_a_branch(u, m):
    if u[0] > 0:
        a = m.copy()
        a[0] = u[1] * u[0]
    else:
        a = u * 2
    return np.sum(a * u)


def into_an_argument(u, m):
    m[:2] = u[:2] * u[1]
    return np.sum(m * u)


FUNCTIONS = [like_another, a_copy, given_to_a_callee, made_in_a_branch, into_an_argument]


def of_unknown_kind(function, mode, m):
    made = generated(case_of(function, (U, m), {}, "u", False), mode)
    return made[0], (lambda: made[1](U, m, U)) if mode == "jvp" else (lambda: made[1](U, m))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_integers_are_refused_when_they_come(function, mode):
    _, run = of_unknown_kind(function, mode, np.array([1, 2, 3]))
    with pytest.raises(TypeError, match="holds integers, which cut off what is differentiated"):
        run()


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_floats_are_right(function, known):
    check_case(case_of(function, (U, np.array([1.0, 2.0, 3.0])), {}, "u", known))


@pytest.mark.parametrize("function", FUNCTIONS[:3])
def test_integers_of_known_kind_cut_off(function):
    check_case(case_of(function, (U, np.array([1, 2, 3])), {}, "u", True))


@pytest.mark.parametrize("mode", MODES)
def test_what_is_of_floats_anyway_is_not_tested(mode):
    def made_of_sizes(u, n):
        a, b, c = np.zeros(n), np.empty((n, 2)), np.zeros_like(u)
        a[1:] = u[1:]
        b[:, 0] = a
        b[:, 1] = u
        c[0] = u[1]
        return np.sum(b * b) + c[0] + a[1]

    text, run = of_unknown_kind(made_of_sizes, mode, 3)
    assert "_is_integer" not in text
    run()
