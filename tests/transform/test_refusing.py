"""What is refused at run time passes the handlers of the function that is differentiated."""

from inspect import signature

import numpy as np
import pytest

from tests.checking import case_of, generated

X = np.array([0.3, -0.7, 1.2])


def total(d):
    s = 0.0
    try:
        for v in d:
            s = s + v
    except TypeError:
        s = 5.0
    return s


class Sized:
    def __init__(self, v):
        self.v = v

    def sum(self):
        return self.v * self.v


def summed(x):
    try:
        y = x.sum()
    except Exception:
        y = 2.0
    return y * 3.0


def increased(x):
    y = x
    try:
        y += 1.0
    except (KeyError, TypeError):
        y = x * 2
    return np.sum(y) + np.sum(x)


def added(d):
    s = 0.0
    for v in d:
        s = s + v
    return s


def in_a_callee(d):
    try:
        return added(d)
    except TypeError:
        return 5.0


def translated(d):
    try:
        return added(d)
    except TypeError as error:
        raise KeyError("no numbers") from error


def translated_in_a_callee(d):
    try:
        return translated(d)
    except KeyError:
        return 5.0


def caught_around(x):
    b = x[0]
    try:
        try:
            for k in range(4):
                b = b * x[k]
        except IndexError:
            b = x[0]
    except Exception:
        b = 2 * x[0]
    return b * x[1]


@pytest.mark.parametrize("mode", ["jvp", "vjp", "grad"])
@pytest.mark.parametrize(
    ("function", "args", "message"),
    [
        (total, ({1.5: 2.0},), "is a dict"),
        (summed, (Sized(0.3),), "an object of a class"),
        (increased, (X,), "is updated in place"),
        (in_a_callee, ({1.5: 2.0},), "is a dict"),
        (translated_in_a_callee, ({1.5: 2.0},), "is a dict"),
    ],
)
def test_no_handler_catches_it(function, args, message, mode):
    (wrt,) = signature(function).parameters
    _, derivative = generated(case_of(function, args, {}, wrt, known=False), mode)
    tangents = args if mode == "jvp" else ()
    with pytest.raises((TypeError, RuntimeError), match=message):
        derivative(*args, *tangents)


def test_a_handler_around_does_not_catch_that_a_body_has_failed_after_a_change():
    _, derivative = generated(case_of(caught_around, (X,), {}, "x", known=False), "grad")
    with pytest.raises(RuntimeError, match="has failed after a change of `b`"):
        derivative(X)


def test_handlers_that_cannot_catch_it_stay_as_they_are():
    def looked_up(x, table):
        try:
            k = table["b"]
        except KeyError:
            k = 2.0
        return np.sum(x * k)

    text, _ = generated(case_of(looked_up, (X, {"a": 1.0}), {}, "x", known=False), "grad")
    assert "_NoDerivative" not in text
