"""`with` and `try` whose body is active, what leaves them, and what is refused."""

import contextlib
import csv
import math
import os
import threading
import warnings

import numpy as np
import pytest

import s2sad
from s2sad.errors import S2sadError
from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
POSITIVE = np.array([0.5, 2.0, 3.0])
LOCK = threading.Lock()


class Failure(Exception):
    """An exception of the user's."""


# --------------------------------------------------------------------- with


@right(np.array([0.5, -0.7, 3.0]))
def zero_times_logarithm(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, (x + 1) * np.log(np.where(x > 0, x, 1.0)), x)
    return np.sum(y * y)


@right(X)
def several_contexts(x):
    with LOCK, warnings.catch_warnings(record=True) as caught:
        y = np.sin(x)
        for _ in range(2):
            with contextlib.nullcontext():
                y = y * x
    return np.sum(y) + len(caught)


@right(0.7)
def a_file(x):
    with open("/dev/null") as f:
        line = f.readline()
        y = x * (1 + len(line))
        z = y * math.sin(y)
    return z * x


@right(0.7)
def numbers_written_to_files(x):
    log = open(os.devnull, "w")
    with open(os.path.join("/dev", "null"), "w") as f:
        rows = csv.writer(f)
        for i in range(3):
            x = x * math.sin(x)
            f.write(f"{x:.3f}")
            rows.writerow([i, x])
            log.write(f"{i} {x}")
    log.close()
    np.savetxt(os.devnull, np.ones(2) * x)
    return x * x


@right(0.7)
def return_in_a_context(x):
    with np.errstate(all="ignore"):
        return np.sin(x) * x


@right(0.7)
def return_from_some_ways(x):
    y = x * x
    with np.errstate(all="ignore"):
        y = y * np.sin(x)
        if x > 0.5:
            return y * x
        y = y * 3
    return y * y


@right(0.3, 3)
def return_from_a_loop_in_a_context(x, n):
    with np.errstate(all="ignore"):
        for i in range(n):
            for j in range(n):
                if i * j > 3:
                    return x * x * i
                x = x + np.sin(x) * j
    return x


@right(0.3, 5)
def jumps_out_of_a_context(x, n):
    y = 1.0
    for i in range(n):
        with np.errstate(all="ignore"):
            if i == 1:
                continue
            if i == 3:
                break
            y = y * np.sin(x) + x
    return y * x


@right(0.3, 0)
def no_round_of_contexts(x, n):
    for _ in range(n):
        with np.errstate(all="ignore"):
            x = x * x
    return x * 2


# ---------------------------------------------------------------------- try


@right(3.0, 0.0, wrt="x")
@right(3.0, 2.0, wrt="x")
def quotient(x, z):
    try:
        y = x / z
    except ZeroDivisionError:
        y = x**2
    return y * x


@right(3.0, 0, wrt="x")
@right(3.0, 2, wrt="x")
def returns_everywhere(x, n):
    try:
        return math.sqrt(x) / n
    except ZeroDivisionError:
        return x**2


@right(0.7, 2, wrt="x")
def names_and_else(x, n):
    y = x
    for i in range(4):
        try:
            t = math.sin(y) * x
            y = t / (i - n)
        except (ZeroDivisionError, ValueError) as error:
            print("caught", error)
            y = y * x
        else:
            y = y + 1
    return y


def ratio(a, n):
    return a * a / n


@right(3.0, 0, wrt="x")
@right(3.0, 4, wrt="x")
def several_handlers(x, n):
    try:
        y = ratio(x, n)
    except KeyError:
        y = x * 2
    except ZeroDivisionError as error:
        print(error)
        y = x * 3
    finally:
        print("done")
    return y * x


@right(3.0, [1.0, 0.0, 2.0], wrt="x")
def continued(x, zs):
    s = 0.0
    for z in zs:
        try:
            t = x / z
        except ZeroDivisionError:
            continue
        s = s + t * x * math.sin(t)
    return s


@right(2.5, [1, 2, 0, 3], wrt="x")
@right(2.5, [1, 2], wrt="x")
def returned_from_a_handler(x, ns):
    for n in ns:
        try:
            t = x / n
        except ZeroDivisionError:
            return x * x
        x = x * math.sin(t)
    return x


@right(3.0, 0.0, wrt="x")
@right(3.0, 2.0, wrt="x")
def read_behind_half_of_the_body(x, z):
    t = x
    try:
        t = x * x
        y = t / z
    except ZeroDivisionError:
        y = x
    return y * t


@right(2.0, 3.0, 1.0, wrt="x")
@right(2.0, 1.0, 1.0, wrt="x")
@right(2.0, 1.0, 0.0, wrt="x")
@right(-2.0, 1.0, 1.0, wrt="x")
def fails_half_way(x, k, n):
    y, z = x, x * x
    try:
        y = math.sqrt(x) * y
        z = math.sqrt(x - k) * z
        y = y * y / n
        for _ in range(3):
            pass
    except ValueError:
        z = z * y
    except ZeroDivisionError as error:
        z = z * y * len(str(error))
    else:
        z = z * x
    return y * z


@right(2.0, [1.0, -3.0, 0.0], wrt="x", unless_known="S201")
def fails_half_way_in_a_loop(x, zs):
    y = s = 1.0
    for z in zs:
        try:
            y *= math.sqrt(x + z)
            s += y * x
            y = y * x / z
        except ValueError:
            continue
        except ZeroDivisionError:
            y = y * s
    return y * s


@right(2.5, 4, wrt="x")
def tried_again(x, n):
    while True:
        try:
            y = math.sqrt(x - n) * x
            break
        except ValueError:
            n = n - 1
    return y * n


@right(3.0, [1, 0, 2, 7, 1], wrt="x")
def both_jumps(x, ns):
    s = 0.0
    for n in ns:
        try:
            if n > 5:
                break
            t = x / n
        except ZeroDivisionError:
            continue
        s = s + t * x
    return s


@right(2.0, 2, wrt="x")
def raised_again(x, n):
    try:
        y = math.log(x) / n
        if n < 0:
            raise ValueError("negative")
    except ZeroDivisionError as error:
        raise RuntimeError("no quotient") from error
    return y * x


@right(2.0, {"a": 3.0}, wrt="x")
def looked_up(x, table):
    try:
        k = table["b"]
    except KeyError:
        k = table["a"]
    return x * x * k


@right(0.7, [3, 1], wrt="x", or_refused="S201")
def loop_in_a_body(x, ns):
    y = x
    for i in range(3):
        try:
            for n in ns:
                y = y * math.sin(x) / (n - i)
            if y > 0:
                y = y * y
        except ZeroDivisionError:
            y = x * 2
    return y


@right(POSITIVE, 1.0, wrt="x")
@right(POSITIVE, 0.0, wrt="x")
def loops_of_functions_whose_tangents_fail_only_with_them(x, a):
    s = 1.0
    for k in range(3):
        try:
            for v in x:
                s = s * math.sqrt(v - k * a)
            if k == 2 and a == 0.0:
                raise ValueError(f"too many: {k}")
        except ValueError:
            s = x[0] * k + x[1]
    return s


@right(X)
def decomposition(x):
    a = np.outer(x, x) - 3.0 * np.eye(len(x))
    try:
        c = np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        c = a @ a
    return np.sum(c * c)


def guarded_root(x):
    try:
        return math.sqrt(x)
    except ValueError:
        return x * x


@right(0.7)
def guarded_in_a_callee(x):
    y = x
    for i in range(3):
        y = y + guarded_root(x - i * 0.5) * y
    return y


@right(0.7, 0, wrt="x", or_refused="S201")
def nested(x, n):
    try:
        try:
            y = x / n
        except ZeroDivisionError:
            y = x * math.sqrt(-1 - n)
    except ValueError:
        y = x * x * x
    return y * 2


@right(0.7, 3, wrt="x")
def nothing_active(x, n):
    try:
        k = int("three")
    except ValueError:
        k = n
    return x**k


@right(0.7)
def appended_last(x):
    found = []
    for i in range(4):
        try:
            found.append(x / (i - 2))
        except ZeroDivisionError:
            found.append(x * x)
    return sum(found) * found[1]


@right(0.7)
def only_finally(x):
    try:
        y = x * math.sin(x)
        print("computed")
    finally:
        print("done")
    return y * y


@right(0.7, 0, wrt="x")
@right(0.7, 2, wrt="x")
def finally_that_computes(x, n):
    y = x
    try:
        z = x / n
    except ZeroDivisionError:
        z = x * x
    finally:
        y = y * math.sin(x)
    return y * z


@right(0.7, 0, wrt="x")
@right(0.7, 2, wrt="x")
def both_left(x, n):
    try:
        with np.errstate(all="ignore"):
            return x * x / n
    except ZeroDivisionError:
        return x


@right.parametrize()
def test_block(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.function.__name__) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# ---------------------------------------------------------- side by side with it


def test_the_derivatives_own_exception_is_not_caught():
    def power(x):
        try:
            y = x**-1.0
        except OverflowError:
            y = 7.0
        return y

    assert s2sad.jvp(power)(2.0, 1.0) == (0.5, -0.25)
    with pytest.raises(OverflowError):
        s2sad.jvp(power)(1e-200, 1.0)


def test_floating_point_errors_take_the_handlers_way():
    def inverse(x):
        try:
            with np.errstate(divide="raise"):
                y = np.float64(1.0) / x
        except FloatingPointError:
            y = 5.0 * x
        return y

    assert s2sad.grad(inverse)(np.float64(0.0)) == 5.0
    assert s2sad.grad(inverse)(np.float64(2.0)) == -0.25


def test_exceptions_that_leave_are_the_originals():
    def logarithm(x):
        try:
            y = math.log(x)
        except ValueError as error:
            raise Failure("no logarithm") from error
        finally:
            print("done")
        return y

    for derivative in (s2sad.grad(logarithm), lambda x: s2sad.jvp(logarithm)(x, 1.0)):
        with pytest.raises(Failure, match="no logarithm") as left:
            derivative(-1.0)
        assert isinstance(left.value.__cause__, ValueError)


class Swallowing:
    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return True


def test_a_context_manager_that_swallows_is_found_out():
    def f(x, manager):
        y = x
        with manager:
            y = math.sqrt(x) * x
        return y

    assert s2sad.grad(f)(4.0, Swallowing()) == 3.0
    with pytest.raises(RuntimeError, match="swallowed"):
        s2sad.grad(f)(-4.0, Swallowing())


def test_the_context_of_the_adjoint():
    def f(x):
        with np.errstate(divide="ignore"):
            y = np.log(x)
        return np.sum(y)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert s2sad.grad(f)(np.array([0.0, 1.0])).tolist() == [math.inf, 1.0]


# ------------------------------------------------------------------ refusals


REFUSED = []


def refused(*args, **expected):
    def collect(function):
        REFUSED.append(pytest.param(function, args, expected, id=function.__name__))
        return function

    return collect


@refused(3.0, code="S202", at="except ArithmeticError as error:")
def value_in_an_exception(x):
    try:
        raise ArithmeticError(x * x)
    except ArithmeticError as error:
        y = error.args[0]
    return y * x


@refused(3.0, code="S201", at="y = y * x")
def finally_that_tells_and_computes(x):
    y = x
    try:
        print(y)
    finally:
        print("done")
        y = y * x
    return y


@refused(3.0, code="S201", at="try:")
def finally_that_returns(x):
    try:
        y = x * x
    finally:
        return x  # noqa: B012


@refused(3.0, code="S202", at="contextlib.nullcontext(x * x)")
def value_of_a_context(x):
    with contextlib.nullcontext(x * x) as y:
        z = y * x
    return z


@pytest.mark.parametrize(("function", "args", "expected"), REFUSED)
def test_refused(function, args, expected):
    check_refused(function, *args, **expected)


def test_a_loop_in_a_body_is_refused_in_forward_mode_where_its_tangents_may_fail():
    with pytest.raises(S2sadError, match="its handler could catch what the derivative raises"):
        s2sad.jvp(loop_in_a_body, wrt="x")(0.7, [3, 1], 1.0)
