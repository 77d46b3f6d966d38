"""The logistic map: what a small change of the start does after three steps, forward and reverse.

    python examples/logistic.py

On the command line, without running this file:

    s2sad gen examples/logistic.py:logistic --mode reverse
"""

import math

import s2sad


def logistic(x: float):
    for i in range(3):
        x = 4 * x * (1 - x)
    return x


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


def by_angle(x):
    """The derivative of the closed form: x = sin(t)**2 becomes sin(8 t)**2, for a step doubles the angle."""
    t = math.asin(math.sqrt(x))
    return 8 * math.sin(16 * t) / math.sin(2 * t)


if __name__ == "__main__":
    main()
