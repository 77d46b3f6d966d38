"""The functions that an emitted test file carries along, as text: it has to stand alone."""

from __future__ import annotations

__all__ = ["ALWAYS", "HELPERS"]

#: What every file has.
ALWAYS = ("numbers", "form", "slope", "assert_close")

HELPERS = {
    "numbers": '''
def numbers(value):
    """All numbers in a value, as one vector."""
    if hasattr(value, "__dict__"):
        value = vars(value)
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        return np.concatenate([np.zeros(0), *map(numbers, value)])
    return np.zeros(0) if value is None else np.ravel(value)
''',
    "form": '''
def form(value):
    """The nesting of a value, and the shapes and types in it."""
    if hasattr(value, "__dict__"):
        value = vars(value)
    if isinstance(value, dict):
        return {key: form(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [type(value), *map(form, value)]
    # Integers have tangents of floats.
    return None if value is None else (np.shape(value), np.result_type(np.asarray(value), np.float16))
''',
    "slope": '''
def slope(function):
    """The slopes at 0 of all numbers that a function of a number returns, and estimates of their errors.

    Central differences with smaller and smaller steps are extrapolated (Richardson), and of the
    table the entries are taken that are closest to their neighbours (Ridders).
    """
    steps = 0.1 / 2.0 ** np.arange(8)
    column = [(numbers(function(h)) - numbers(function(-h))) / (2 * h) for h in steps]
    best, error = column[-1], np.inf
    for order in range(1, len(steps)):
        finer = [b + (b - a) / (4.0**order - 1) for a, b in zip(column, column[1:])]
        for a, b, c in zip(column, column[1:], finer):
            off = np.maximum(abs(c - a), abs(c - b))
            best, error = np.where(off < error, c, best), np.minimum(off, error)
        column = finer
    return best, error + RTOL**2 * abs(numbers(function(0.0)))
''',
    "assert_close": '''
def assert_close(found, expected, error):
    """Fails where a derivative is off by more than a difference may be."""
    allowed = RTOL * abs(expected) + 10 * error
    assert np.all(abs(found - expected) <= allowed), f"{found}, not {expected} ± {allowed}"
''',
    "moved": '''
def moved(value, direction, step):
    """A value a step further in a direction."""
    if isinstance(value, dict):
        return {key: moved(value[key], direction[key], step) for key in value}
    if isinstance(value, (list, tuple)):
        return type(value)(moved(x, x_dot, step) for x, x_dot in zip(value, direction))
    return None if value is None else value + step * direction
''',
    "like": '''
def like(value):
    """A value of the same form, none of its numbers 0."""
    if isinstance(value, dict):
        return {key: like(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return type(value)(map(like, value))
    if isinstance(value, np.ndarray):
        return np.cos(np.arange(value.size)).reshape(value.shape).astype(value.dtype)
    return None if value is None else type(value)(0.8)
''',
    "times": '''
def times(value, jacobian, direction, part=...):
    """A Jacobian times a direction: the part of it that belongs to one argument, for each result."""
    if isinstance(value, dict):
        return {key: times(value[key], jacobian[key], direction, part) for key in value}
    if isinstance(value, (list, tuple)):
        return [times(y, block, direction, part) for y, block in zip(value, jacobian)]
    block = jacobian if part is ... else jacobian[part]
    assert np.shape(block) == np.shape(value) + np.shape(direction)
    return np.tensordot(block, direction, np.ndim(direction))
''',
}
