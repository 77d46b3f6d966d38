"""Programs for many directions at once: loops, branches, calls, lists and changes in place."""

import math

import numpy as np
import pytest

import s2sad
from s2sad.transform.vector import NoVectorForm
from tests.directions import check_directions

X = np.array([0.3, -0.8, 1.1])
W = np.linspace(-0.5, 0.6, 12).reshape(4, 3)
MODES = ("tangent", "adjoint")


@pytest.fixture(autouse=True)
def unformatted(monkeypatch):
    monkeypatch.setattr("black.format_str", lambda text, mode: text)


def layers(x, w):
    h = np.tanh(w @ x)
    return np.sin(w.T @ h) * x


def scalars(x, k):
    s = 0.0
    for i in range(3):
        s = s * k + x[i] * math.sin(k)
    return s


def overwritten(x):
    for _ in range(2):
        x = 4 * x * (1 - x)
    return x


def branches(x, k):
    y = x if k > 0 else -x
    if x[0] > 0:
        y = y * x
    else:
        y = np.cos(y)
    return y + k


def early(x):
    if x[0] > 10:
        return x
    y = np.exp(x)
    return y * y


def only_in_one_branch(x, k):
    y = np.zeros_like(x)
    s = 0.0
    if k > 0:
        y = x * k
        s = k * x[1]
    return y + s


def lists(x):
    kept = []
    for i in range(3):
        kept.append(x[i] * x)
    total = kept[0]
    for item in kept[1:]:
        total = total + item * kept[0]
    return total


def mixed_list(x, k):
    parts = [x, np.ones(2), x[:2] * k]
    return np.concatenate(parts) * k


def numbers_in_a_list(x):
    s = [0.0] * 3
    for i in range(3):
        s[i] += x[i] * x[0]
        s[2] += s[i]
    return np.array(s)


def filled(x):
    y = np.zeros(4)
    for i in range(3):
        y[i] = x[i] ** 2
        y[i + 1] += x[0] * y[i]
    return y


def slices(x):
    y = x * 1.0
    y[1:] += y[:-1] * x[0]
    y[:2] *= x[2]
    return y


def repeated(x):
    y = np.zeros(3)
    np.add.at(y, np.array([0, 0, 2]), x * x)
    return y


def element_kept(x):
    y = x * 2.0
    first = y[0]
    y[0] = x[1] * x[2]
    y[1] += first
    return y * first


def number_kept(x):
    y = x * 2.0
    first = y[0]
    pair = (y[1], first)
    y += x
    return y * first * pair[0]


def rows(w):
    total = 0.0 * w[0]
    for row, other in zip(w, w[::-1]):
        total = total + row * np.sum(other * other)
    return total


def elements(x):
    total = 0.0
    for i, value in enumerate(x):
        total = total * value + i * value
    return total * x


def unpacked(x):
    a, b, c = x
    a, b = b * c, a
    return np.stack([a, b, c]) * a


def wave(t, k, phase=0.5):
    return np.sin(k * t + phase)


def called(x, k):
    y = wave(x, k)
    return y * wave(y, 2.0, phase=k)


def called_with_constants(x):
    return x * wave(0.3, 2.0) + wave(np.ones(3), x[0])


def power(x, n):
    if n == 0:
        return np.ones_like(x)
    return x * power(x, n - 1)


def recursive(x):
    return power(x, 3) + x


def while_loop(x, k):
    count = 0
    while np.sum(x) < 5 and count < 4:
        x = x * 1.5 + k
        count += 1
    return x * count


def pair(x, k):
    return x * k, np.sum(x * x)


def list_of_arrays(x):
    kept = []
    for i in range(3):
        kept.append(x[i] * x)
    return kept[1] * kept[2]


def nested_pair(x, k):
    (y, s), t = (pair(x, k), k * k)
    return y * s + t


def container(x, k):
    params = {"scale": k * x, "shift": (x[0], 2.0)}
    return params["scale"] * params["shift"][0] + params["shift"][1] * k


def images(w):
    first = w[:, None, :] * w
    return np.sum(first, axis=(0, 2)) + np.max(w, axis=1) * np.linalg.norm(w)


def picked(w):
    return w[np.array([0, 2]), :][:, np.array([1, 1, 0])] + w[[0, 1], [1, 2]][:, None]


def apart(w):
    t = w[:, :, None] * w[0]
    return t[np.array([0, 1]), :, np.array([2, 2])]


def masked(x):
    y = x[x > 0]
    return np.where(x > 0, x * np.sum(y), 1.0)


EXAMPLES = [
    (layers, {"x": X, "w": W}),
    (scalars, {"x": X, "k": 0.7}),
    (overwritten, {"x": X}),
    (branches, {"x": X, "k": 0.7}),
    (branches, {"x": -X, "k": -0.7}),
    (early, {"x": X}),
    (only_in_one_branch, {"x": X, "k": 0.7}),
    (only_in_one_branch, {"x": X, "k": -0.7}),
    (lists, {"x": X}),
    (mixed_list, {"x": X, "k": 0.7}),
    (numbers_in_a_list, {"x": X}),
    (filled, {"x": X}),
    (slices, {"x": X}),
    (repeated, {"x": X}),
    (element_kept, {"x": X}),
    (number_kept, {"x": X}),
    (rows, {"w": W}),
    (elements, {"x": X}),
    (unpacked, {"x": X}),
    (called, {"x": X, "k": 0.7}),
    (called_with_constants, {"x": X}),
    (recursive, {"x": X}),
    (while_loop, {"x": abs(X), "k": 0.1}),
    (pair, {"x": X, "k": 0.7}),
    (list_of_arrays, {"x": X}),
    (nested_pair, {"x": X, "k": 0.7}),
    (container, {"x": X, "k": 0.7}),
    (images, {"w": W}),
    (picked, {"w": W}),
    (apart, {"w": W}),
    (masked, {"x": X}),
]


#: What is saved by recursion, and lists that are filled later, are of unknown kind; elements picked by arrays with slices
#: between them have no place to be added to.
ONE_BY_ONE = (lists, recursive, picked, apart)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("function", "values"), EXAMPLES, ids=lambda one: getattr(one, "__name__", ""))
def test_by_all_arguments_and_by_one(function, values, mode):
    for wrt in (tuple(values), tuple(values)[:1]):
        try:
            check_directions(function, values, wrt, mode)
        except NoVectorForm:
            assert mode == "adjoint"
            assert function in ONE_BY_ONE


def test_what_does_not_depend_on_directions_is_computed_once():
    text = check_directions(layers, {"x": X, "w": W}, ("x",), "tangent")
    assert "h = np.tanh(w @ x)" in text
    assert "x_dot @ w.T" in text


def test_a_number_that_is_kept_is_no_view_of_an_array_that_changes():
    text = check_directions(element_kept, {"x": X}, ("x",), "tangent")
    assert "first_dot = y_dot[:, 0].copy()" in text


def test_single_precision_stays():
    text = check_directions(lambda x: np.sum(x) * x, {"x": X.astype(np.float32)}, ("x",), "tangent")
    assert "float64" not in text


def test_an_operation_without_a_vector_form_goes_row_by_row():
    text = check_directions(lambda x: np.kron(x, x), {"x": X}, ("x",), "adjoint")
    assert "for y_bar_row in y_bar:" in text


def unknown_choice(x):
    return max(x[0], x[1]) * x


def test_choices_are_those_of_the_primal():
    check_directions(unknown_choice, {"x": X}, ("x",), "tangent")


def test_a_loop_over_a_shape():
    def sizes(x):
        y = x * x
        for size in y.shape:
            y = y + size * x[0]
        return y * len(y) * y.size * y.ndim

    check_directions(sizes, {"x": X}, ("x",), "tangent")


def test_math_of_numbers():
    def angle(a, b):
        return math.radians(a) * math.hypot(a, b) + float(b) * abs(a)

    check_directions(angle, {"a": 0.3, "b": -0.7}, ("a", "b"), "tangent")
    check_directions(angle, {"a": 0.3, "b": -0.7}, ("a", "b"), "adjoint")


def repeated(w, x, depth=2):
    return np.sum(x) if depth == 0 else repeated(w, np.sin(w * x), depth - 1)


def test_a_function_that_calls_itself_with_ever_deeper_values():
    """What it saves is nested once more in each call: it goes one direction at a time."""
    w = np.array([0.3, 0.8])
    slope, step = s2sad.grad(repeated), 1e-6
    columns = [(slope(w + h, w) - slope(w - h, w)) / (2 * step) for h in step * np.eye(2)]
    np.testing.assert_allclose(s2sad.hessian(repeated)(w, w), np.transpose(columns), rtol=1e-6, atol=1e-8)
