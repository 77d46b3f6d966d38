"""Generator functions that a loop, or a function over all elements, runs over."""

import itertools

import numpy as np
import pytest

from s2sad.errors import DifferentiationError
from s2sad.frontend.lower import lower
from s2sad.frontend.static import static_unit
from s2sad.traversal import expressions, walk
from tests.checking import Examples, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.8, 1.2])


def powers(x, n):
    for k in range(n):
        yield x**k


def grown(x, n):
    """It changes what it yields."""
    while n > 0:
        if n % 2:
            yield x
        else:
            yield x * n
        x = 1.1 * x
        n = n - 1


def until(x, limit):
    while True:
        if x > limit:
            return
        yield x
        x = x * 1.5


def both(x, n):
    yield x
    yield from powers(x, n)
    yield from [x, 2.0 * x]


def pairs(x, n):
    for k, power in enumerate(powers(x, n)):
        yield k, power * x


def talking(x):
    print("one")
    yield x
    print("two")
    yield x * x


def forever(x):
    while True:
        yield x
        x = x * 0.5


def sent(x):
    y = yield x
    yield y


def failing(x):
    yield x
    raise ValueError


def newton(a, x=1.0):
    yield x
    while True:
        x = 0.5 * (x + a / x)
        yield x


def nested(x, n):
    for i in range(n):
        for j in range(i):
            yield x * i + j * x * x
        x = x * 1.1
    yield x * x


def rows(x):
    for k in range(x.shape[0]):
        yield x[k] * x


@right(0.7, 4)
def loop(x, n):
    total = 0.0
    for power in powers(x, n):
        total = total * x + power
    return total


@right(0.7, 3)
def sums(x, n):
    return sum(powers(x, n)) * sum(grown(x, n), x)


@right(0.7, 5)
def listed(x, n):
    values = list(grown(x, n))
    return values[0] * values[-1] + tuple(powers(x, 3))[2]


@right(0.7)
def ends_by_return(x):
    total = 0.0
    for value in until(x, 3.0):
        total = total + value * x
    return total


@right(0.7, 3)
def delegates(x, n):
    return sum(both(x, n))


@right(0.7, 3, or_refused="S301")
def of_pairs(x, n):
    total = x
    for k, value in pairs(x, n):
        total = total * (k + value)
    return total


@right(0.7, 3)
def counted(x, n):
    total = 0.0
    for k, value in enumerate(powers(x, n), 1):
        total = total + k * value
    return total


@right(0.7, 4)
def comprehension(x, n):
    return sum([power * k for k, power in enumerate(powers(x, n))]) + sum(p * x for p in powers(x, n))


@right(0.7, 4)
def with_continue(x, n):
    total = 0.0
    for value in grown(x, n):
        if value > 1.0:
            continue
        total = total + value
    return total


@right(0.7, 0)
def zero_rounds(x, n):
    total = x * x
    for power in powers(x, n):
        total = total * power
    return total


@right(X, or_refused="S301")
def of_arrays(x):
    total = np.zeros(3)
    for row in rows(x):
        total = total + row * np.sum(row)
    return np.sum(total)


@right(0.7, 3)
def nested_function(x, n):
    def scaled(y):
        for k in range(n):
            yield k * x * y

    total = 0.0
    for value in scaled(x):
        total = total + value * x
    return total


@right(0.7, 1)
def in_a_branch(x, n):
    if n:
        y = max(powers(x, 3))
    else:
        y = min(powers(x, 3))
    return y * x


@right(0.7)
def effects_of_one_that_is_taken_as_a_list(x):
    total = 0.0
    for value in list(talking(x)):
        print("value")
        total = total + value * x
    return total


@right(0.7)
def left_by_break(x):
    total = 0.0
    for value in forever(x):
        total = total + value
        if value < 0.1:
            break
    return total


@right(0.7)
def left_by_return(x):
    for value in forever(x):
        if value < 0.1:
            return value
    return x


@right(0.7)
def effects_in_between(x):
    total = 0.0
    for value in talking(x):
        print("value")
        total = total + value
    return total


@right(0.7)
def reads_what_the_loop_changes(x):
    factor = 1.0

    def scaled():
        for k in range(3):
            yield k * x * factor

    total = 0.0
    for value in scaled():
        factor = factor * value
        total = total + value
    return total


@right(X)
def reads_what_the_loop_changes_in_place(x):
    y = x * 1.0
    total = 0.0
    for row in rows(y):
        y[0] = 2.0
        total = total + np.sum(row)
    return total


@right(X)
def reads_what_the_loop_writes(x):
    y = x * 1.0
    total = 0.0
    for row in rows(y):
        np.add(y, row, out=y)
        total = total + np.sum(row)
    return total


@right(0.7)
def fails_between_two_rounds(x):
    total = 0.0
    try:
        for value in failing(x):
            total = total + value
    except ValueError:
        pass
    return total


@right(0.7)
def goes_on_and_is_left(x):
    total = 0.0
    for value in forever(x):
        if value > 0.3:
            continue
        total = total + value * value
        if value < 0.1:
            break
    return total


@right(2.0)
def two_places(a):
    before = a
    for x in newton(a):
        if abs(x * x - a) < 1e-2:
            break
        before = x
    return x * before


@right(0.7, 5)
@right(0.3, 2)
@right(0.3, 0)
def left_out_of_two_loops(x, n):
    total = 0.0
    for value in nested(x, n):
        total = total + value * value
        if total > 5.0:
            break
    return total * x


@right(0.7, 3.0)
@right(1.7, 30.0)
@right(1.7, 0.0)
def left_with_else(x, limit):
    total = 0.0
    for value in until(x, limit):
        total = total + value * value
        if total > 5.0:
            break
    else:
        total = total * x
    return total * x


@right(0.7, 3)
@right(1.7, 3)
def left_while_it_delegates(x, n):
    total = x
    for k, value in enumerate(both(x, n), 1):
        total = total + k * value * value
        if total > 5.0:
            break
    return total * x


@right(0.7)
def left_in_a_loop(x):
    total = 0.0
    for _ in range(3):
        for value in forever(x):
            if value < 0.2:
                break
            total += value * x
        x = x * total
    return total


@right(0.7, True)
@right(0.7, False)
def left_in_a_branch(x, flag):
    y = x
    if flag:
        for y in forever(x * x):
            if y < 0.2:
                break
    return y * x


@right(X)
def left_with_arrays(x):
    total = np.zeros(3)
    for v in forever(x):
        total = total + v * v
        if np.max(v) < 0.2:
            break
    return np.sum(total)


def root(a):
    for x in newton(a):
        if abs(x * x - a) < 1e-2:
            return x
    return a


@right(2.0)
def left_in_a_callee(a):
    return root(a) * a + root(a * a)


@right(0.5)
@right(0.9)
def effects_up_to_where_it_is_left(x):
    total = 0.0
    for value in talking(x):
        print("value")
        total = total + value
        if total > 0.8:
            break
    return total * x


@right(0.7)
def inside_of_an_inner_function(x):
    def scaled(y):
        while True:
            y = y * 0.7
            yield y * x

    def first(y):
        for value in scaled(y):
            if value < 0.2:
                return value
        return y

    return first(x) * first(x * x)


@right(0.7)
def other_variables_of_the_same_name(x):
    y = 3.0
    for limit in until(x, y):
        x = x * limit
        if x > 2.0:
            break
    return x * y * limit


@right(0.7)
def kept(x):
    values = powers(x, 3)
    return sum(values)


@right(0.7, 4)
@right(1.7, 4)
@right(0.7, 0)
def kept_with_what_its_arguments_were(x, n):
    values = powers(x * x, n)
    x = x * 2
    total = 0.0
    for value in values:
        total += value * x
        if total > 10.0:
            break
    return total


@right(0.7, 3)
def kept_expression(x, n):
    values = (x * k + 1 for k in range(n))
    n = 7
    x = x * x
    total = 1.0
    for value in values:
        total = total * value
    return total * n * x


@right(0.7, 3)
def kept_expression_over_a_generator(x, n):
    values = (v * v for v in powers(x, n) if v > 0.2)
    print("made")
    return sum(values) * x


@right(0.7)
def kept_in_a_loop_and_a_branch(x):
    total = 0.0
    for k in range(3):
        values = forever(x * (k + 1))
        if k:
            for value in values:
                if value < 0.2:
                    break
                total += value * x
    return total


@right(0.7)
def kept_with_effects(x):
    values = talking(x)
    print("before")
    total = 0.0
    for value in values:
        print("value")
        total += value * x
    return total


@right(0.7)
def asked_once(x):
    values = until(x, 1.0)
    first = next(values)
    return first * next(powers(x, 0), x * x) * next(v for v in forever(x) if v < 0.2)


@right(0.7, 2)
@right(0.7, 0)
def asked_for_nothing(x, n):
    try:
        y = next(powers(x, n)) * x
    except StopIteration:
        y = x * x
    return y * x


class Stepper:
    """What a generator function changes while a loop runs over it."""

    def __init__(self, x):
        self.x = x
        self.count = 0

    def step(self, h):
        self.x = self.x + h * self.x
        self.count += 1
        return self.x


def steps(stepper, n):
    for _ in range(n):
        v = stepper.step(0.1)
        yield v


def pushed(log, v):
    log.append(v)
    return v * v


@right(0.7)
def reads_what_the_generator_changes_by_a_method(x):
    stepper = Stepper(x)
    s = 0.0
    for v in steps(stepper, 3):
        s += v * stepper.x * stepper.count
    return s + sum(v * stepper.count for v in steps(stepper, 2))


@right(0.7)
def reads_what_the_generator_changes_by_a_function(x):
    log = []

    def squares():
        for i in range(3):
            y = pushed(log, x * i)
            yield y

    s = 0.0
    for v in squares():
        s += v * len(log)
    return s


@right(0.7)
def reads_what_the_generator_takes_away(x):
    left = [x, x * x, 2 * x]

    def taken():
        while left:
            y = left.pop()
            yield y

    s = 0.0
    for v in taken():
        s += v * len(left)
    return s


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# -------------------------------------------------------------------- refused

refused = []


def refuse(*args, at):
    def collect(function):
        refused.append(pytest.param(function, args, at, id=function.__name__))
        return function

    return collect


def deeper(x):
    yield x
    yield from deeper(x * 0.5)


@refuse(0.7, at="deeper")
def left_and_calls_itself(x):
    for value in deeper(x):
        if value < 0.1:
            return value
    return x


def many(x):
    yield x
    yield 2 * x
    yield 3 * x
    yield 4 * x
    yield 5 * x


@refuse(0.7, at="many")
def left_in_many_places(x):
    for value in many(x):
        if value > 2.0:
            break
    return value * x


def cleaning(x):
    try:
        yield x
    finally:
        print("done")


@refuse(0.7, at="yield x")
def left_with_a_finally(x):
    for value in cleaning(x):
        if value > 0.1:
            break
    return value * x


def made_inside(x):
    def double(v):
        return 2 * v

    yield double(x)


@refuse(0.7, at="made_inside")
def left_with_a_function_in_it(x):
    for value in made_inside(x):
        if value > 0.1:
            break
    return value * x


def stopping(x):
    yield x
    raise StopIteration


@refuse(0.7, at="stopping")
def left_where_it_stops(x):
    for value in stopping(x):
        if value > 2.0:
            break
    return value * x


@refuse(0.7, at="lambda y: next((v for v in forever(y) if v < 0.2), 0.0)")
def left_in_a_lambda(x):
    first = lambda y: next((v for v in forever(y) if v < 0.2), 0.0)  # noqa: E731
    return first(x)


@refuse(0.7, at="forever")
def cut_by_zip(x):
    total = 0.0
    for value, _ in zip(forever(x), range(3)):  # noqa: B905
        total = total + value
    return total


@refuse(0.7, at="forever")
def cut_by_islice(x):
    return sum(itertools.islice(forever(x), 3))


@refuse(0.7, at="powers")
def kept_and_asked_twice(x):
    values = powers(x, 3)
    first = next(values)
    return sum(values) * first


@refuse(0.7, at="powers")
def kept_and_asked_in_a_loop(x):
    values = powers(x, 3)
    total = x
    for _ in range(2):
        total += x * sum(values)
    return total


@refuse(0.7, at="powers")
def kept_by_a_branch(x):
    if x > 0.5:
        values = powers(x, 3)
    else:
        values = powers(x, 2)
    return sum(values)


@refuse(0.7, at="yield x")
def takes_what_is_sent(x):
    return sum(sent(x))


@pytest.mark.parametrize(("function", "args", "at"), refused)
def test_refused(function, args, at):
    check_refused(function, *args, code="S201", at=at)


def test_a_generator_function_of_another_file(tmp_path):
    (tmp_path / "steps.py").write_text(
        "S = 0.5\ndef halves(h):\n    while True:\n        yield h\n        h = S * frob(h)\n"
    )
    text = (
        "from steps import halves\ndef f(x):\n    for v in halves(x):\n        if v < 0.1:\n            return v * x\n"
    )
    (tmp_path / "model.py").write_text(text)
    with pytest.raises(DifferentiationError) as refused:
        lower(static_unit(tmp_path / "model.py", "f"))
    assert refused.value.place.file.endswith("steps.py")
    (tmp_path / "steps.py").write_text(
        "S = 0.5\n\n\n\n\ndef halves(h):\n    while True:\n        yield h\n        h = S * h\n"
    )
    program = lower(static_unit(tmp_path / "model.py", "f"))
    assert len(program.functions) == 1
    spans = [part.span for node in expressions(program.functions["model:f"].body) for part in walk(node)]
    assert all(span is None or span.line <= 5 for span in spans)
