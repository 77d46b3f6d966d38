"""The logistic map: what a small change of the start does after three steps, forward and reverse.

    python examples/logistic.py

On the command line, without running this file:

    s2sad gen examples/logistic.py:logistic --mode reverse
"""

import math

from numpy.polynomial import Polynomial

import s2sad


def logistic(x: float):
    for i in range(3):
        x = 4 * x * (1 - x)
    return x


def curvature(x: float):
    """The second derivative, by operators inside of a function. Its derivative is the third."""
    return s2sad.derivative(s2sad.derivative(logistic))(x)


def main():
    x = 0.2
    forward = s2sad.jvp(logistic)
    reverse = s2sad.grad(logistic)

    y, y_dot = forward(x, 1.0)
    x_bar = reverse(x)

    print(forward.source)
    print(reverse.source)
    print(f"logistic({x}) = {y:.6f}")
    print(f"its derivative: {y_dot:.6f} forward, {x_bar:.6f} in reverse, {by_angle(x):.6f} by the closed form")

    third = s2sad.derivative(curvature)
    polynomial = logistic(Polynomial([0.0, 1.0]))
    print(f"second: {curvature(x):.4f}, {polynomial.deriv(2)(x):.4f} by its polynomial")
    print(f"third:  {third(x):.4f}, {polynomial.deriv(3)(x):.4f} by its polynomial")
    assert math.isclose(third(x), polynomial.deriv(3)(x), rel_tol=1e-9), (
        "the third derivative has to be that of the polynomial"
    )
    print()
    print(third.source)


def by_angle(x):
    """The derivative of the closed form: x = sin(t)**2 becomes sin(8 t)**2, for a step doubles the angle."""
    t = math.asin(math.sqrt(x))
    return 8 * math.sin(16 * t) / math.sin(2 * t)


if __name__ == "__main__":
    main()
