"""What is refused, each with its code and the carets under the culprit."""

import cmath
import contextlib
import io
import json
import operator
import pickle

import numpy as np
import pytest

from tests.checking import MODES, case_of, check_case, check_refused, generated

STATE = 1.0
ROTATION = np.exp(0.3j)
X = np.array([0.3, -0.8, 1.1, 0.6])
REFUSED = []


def refused(*args, code, at, **keywords):
    def collect(function):
        REFUSED.append(pytest.param(function, args, dict(code=code, at=at, **keywords), id=function.__name__))
        return function

    return collect


@refused(X, code="S301", at="y[1] = x[2]")
def array_of_arrays(x):
    y = x * x
    parts = np.empty(2, dtype=object)
    parts[0] = y
    y[1] = x[2]
    return np.sum(parts[0])


@refused(X, code="S204", at="np.array([x[0], x[1]], dtype=object)")
def array_of_objects(x):
    return np.sum(np.array([x[0], x[1]], dtype=object))


@refused(X, code="S204", at="np.add.reduce(x[1:])")
def method_of_a_function(x):
    x = x * 1.0
    x[0] = np.add.reduce(x[1:])
    return np.sum(x)


@refused(0.7, code="S201", at="with contextlib.suppress(ValueError):")
def enters(x):
    with contextlib.suppress(ValueError):
        x = x * x
    return x


@refused(0.7, code="S204", at="pickle.dumps(x)")
def function_without_a_rule(x):
    return pickle.loads(pickle.dumps(x)) * x


@refused(X, code="S204", at="np.r_[x, 0.5, x]")
def joined_by_an_index(x):
    return np.sum(np.r_[x, 0.5, x] ** 2)


@refused(X, code="S204", at="np.mgrid[0 : x[1] : 3j]")
def grid_by_an_index(x):
    return np.sum(np.mgrid[0 : x[1] : 3j])


@refused(X, code="S204", at="np.partition(x, 2)")
def numpy_function_without_a_rule(x):
    return np.partition(x, 2)[0]


@refused(X, code="S301", at="v[0] = x[1] * 2", kinds=(False,))
def assigns_an_element_of_a_view(x):
    v = x[1:]
    v[0] = x[1] * 2
    return np.sum(x)


@refused(0.7, code="S103", at="np.state")
def assigns_an_attribute(x):
    np.state = x
    return np.state * x


@refused(0.7, code="S201", at="global STATE")
def writes_a_global(x):
    global STATE
    STATE = x * x
    return STATE * x


@refused(0.7, code="S201", at="yield x * x")
def generates(x):
    yield x * x


def of_two(a, b):
    return a * b


@refused((0.7, 0.4), code="S201", at="of_two(*pair)", kinds=(False,))
def star_arguments(pair):
    return of_two(*pair)


@refused(0.7, code="S103", at="missing")
def unknown_name(x):
    return x * missing  # noqa: F821


@refused(X, code="S301", at="y[0] = 2.0", kinds=(False,))
def changes_what_an_alias_reads(x):
    y = x * x
    z = y
    y[0] = 2.0
    return np.sum(z * y)


@refused(X, code="S301", at="y[0] += x[1]", kinds=(False,))
def changes_what_a_view_reads(x):
    y = x * x
    v = y[1:]
    y[0] += x[1]
    return np.sum(v)


@refused(X, code="S301", at="v[0] = x[1]", kinds=(False,))
def changes_a_view(x):
    y = x * x
    v = y[1:]
    v[0] = x[1]
    return np.sum(y)


@refused(X, code="S301", at="xs[0][1] = 3.0", kinds=(False,))
def changes_an_element_that_has_a_name(x):
    y = x * x
    xs = [y, x]
    xs[0][1] = 3.0
    return np.sum(y)


@refused(X, code="S301", at="xs[0] += x", kinds=(False,))
def adds_to_an_element_that_has_a_name(x):
    y = x * x
    xs = [y]
    xs[0] += x
    return np.sum(y)


@refused(X, code="S301", at="row[0] = x[1]", kinds=(False,))
def changes_a_row_in_a_loop(x):
    a = np.outer(x, x)
    for row in a:
        row[0] = x[1]
    return np.sum(a)


@refused(0.7, code="S402", at="x > 1")
def boolean_result(x):
    return x > 1


@refused(0.7, code="S402", at='"text"')
def text_result(x):
    return "text"


# ------------------------------------------- effects on what a derivative reads


@refused(X, code="S301", at="operator.iadd(y, x)")
def updates_by_a_function(x):
    y = np.zeros(4)
    operator.iadd(y, x)
    return np.sum(y * y)


@refused(X, code="S204", at="x.view()")
def view(x):
    return np.sum(x.view() * x)


@refused(X, code="S201", at='eval("x[0] * 2")')
def evaluates_text(x):
    return eval("x[0] * 2")


@refused(X, code="S201", at="locals()")
def reads_its_frame(x):
    return locals()["x"][0] * 2


@refused(0.7, code="S202", at="float(text)")
def reads_its_own_text(x):
    text = f"{x}"
    return float(text) * x


@refused(0.7, code="S202", at="float(str(x))")
def reads_a_number_back(x):
    return float(str(x)) * x


@refused(0.7, code="S202", at='float("%.6f" % x)')
def reads_a_number_formatted(x):
    return x * float("%.6f" % x)  # noqa: UP031


@refused([0.7, 0.2], code="S202", at="float(word)")
def reads_numbers_split_from_text(x):
    text = ",".join([str(v) for v in x])
    s = 0.0
    for word in text.split(","):
        s += float(word)
    return s + x[0]


@refused(0.7, code="S202", at="_parsed(str(x * 2))")
def reads_text_in_a_callee(x):
    return _parsed(str(x * 2)) * x


def _parsed(text):
    return float(text.strip())


@refused(0.7, code="S202", at="buffer.getvalue()")
def reads_what_it_wrote(x):
    buffer = io.StringIO()
    buffer.write(str(x))
    return float(buffer.getvalue()) * x


@refused(0.7, code="S202", at="buffer.getvalue()")
def reads_what_it_printed(x):
    buffer = io.StringIO()
    print(x, file=buffer)
    return float(buffer.getvalue()) * x


@refused(0.7, "unused.npy", code="S202", at="np.load(path)", wrt=("x",))
def loads_what_it_saved(x, path):
    np.save(path, x * x)
    return np.load(path) * x


@refused(X, code="S202", at='np.loadtxt("unused.txt")')
def loads_text_that_it_saved(x):
    np.savetxt("unused.txt", x)
    return np.sum(np.loadtxt("unused.txt") * x)


@refused(0.7, "unused.txt", code="S202", at="file.read()", wrt=("x",))
def reads_a_file_that_it_wrote(x, path):
    with open(path, "w") as file:
        file.write(f"{x}")
    with open(path) as file:
        text = file.read()
    return float(text) * x


@refused(0.7, "unused.txt", code="S202", at="file.read()", wrt=("x",))
def reads_text_that_it_wrote_by_name(x, path):
    text = f"{x}"
    with open(path, "w") as file:
        file.write(text)
    with open(path) as file:
        return float(file.read()) * x


@refused(0.7, "unused.txt", code="S202", at="file.read()", wrt=("x",))
def reads_what_it_counted(x, path):
    with open(path, "w") as file:
        count = file.write(str(x))
    with open(path) as file:
        text = file.read()
    print(count)
    return float(text) * x


@refused(X, code="S202", at="np.loadtxt(target)")
def loads_by_another_name(x):
    path = "unused.txt"
    np.savetxt(path, x)
    target = "unused.txt"
    return np.sum(np.loadtxt(target) * x)


@refused(0.7, code="S202", at="np.array([text], dtype=float)")
def makes_an_array_of_text(x):
    text = f"{x:.3f}"
    return np.sum(np.array([text], dtype=float)) * x


@refused(0.7, code="S202", at="json.loads(text)")
def reads_json(x):
    text = f"[{x}]"
    return json.loads(text)[0] * x


@refused(X, code="S301", at="key")
def sorts_by_a_key_that_changes_an_array(x):
    def key(v):
        w[0] *= v
        return v

    w = x * 1.0
    return sorted([2.0, 1.0], key=key)[0] * w[0]


@refused(X, code="S301", at="key")
def sorts_by_a_variable_that_is_such_a_key(x):
    def log(v):
        seen.append(v)
        return v

    seen = []
    key = log
    return sorted(list(x), key=key)[0] * seen[0]


def doubled(x):
    x[0] *= 2
    return 1.0


@refused(X, code="S301", at='f"{doubled(y):g}"')
def prints_what_a_function_that_changes_its_argument_gives(x):
    y = x * 1.0
    print(f"{doubled(y):g}")
    return y[0]


@pytest.mark.parametrize(("function", "args", "expected"), REFUSED)
def test_refused(function, args, expected):
    check_refused(function, *args, **expected)


@pytest.mark.parametrize("mode", ["grad", "value_and_grad"])
def test_a_gradient_needs_a_scalar(mode):
    def several(x):
        return x * x

    check_refused(several, X, code="S402", at="x * x", modes=(mode,), kinds=(True,))


def turned(x):
    return np.sum(np.abs(x * (1 + 2j)))


def of_complex_type(x):
    return np.sum(np.abs(x.astype(complex) + 1))


def turned_by_data(x):
    return np.sum(np.abs(ROTATION * x))


def of_cmath(x):
    return abs(cmath.exp(x[0]))


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (turned, "x * (1 + 2j)"),
        (of_complex_type, "x.astype(complex)"),
        (turned_by_data, "ROTATION * x"),
        (of_cmath, "cmath.exp(x[0])"),
    ],
)
def test_complex_values_of_unknown_kind(function, at):
    check_refused(function, X, code="S202", at=at, kinds=(False,))
    check_case(case_of(function, (X,), {}, None, True))


def single_updated(x):
    v = np.zeros(4, np.float32)
    v *= x
    return np.sum(v * x)


def test_updates_of_single_precision_by_what_may_be_more_precise():
    check_refused(single_updated, X, code="S301", at="v")


def of_any_kind(x, k):
    return np.sum(np.abs(x * k))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("x", [1j, np.array([1j, 2.0]), [np.array([1j])], np.complex64(1j)], ids=repr)
def test_complex_arguments_of_unknown_kind(mode, x):
    _, derivative = generated(case_of(of_any_kind, (0.5, 2.0), {}, ("x",), False), mode)
    given = (x, 1.0, x) if mode == "jvp" else (x, 1.0)
    with pytest.raises(TypeError, match="x: complex, k: complex"):
        derivative(*given)
