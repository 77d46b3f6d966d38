"""One sigmoid neuron with a squared loss: the adjoint reads like the listing in a textbook.

    python examples/neuron.py

A neuron is z = w·x + b, y = 1 / (1 + exp(−z)), its loss L = ½ (y − t)². Backwards, from L̄ = 1:

    ȳ = y − t
    z̄ = ȳ y (1 − y)
    w̄ = z̄ x        x̄ = z̄ w        b̄ = z̄
"""

import numpy as np

import s2sad


def neuron(w: "float[n]", x: "float[n]", b: float, t: float):
    z = np.dot(w, x) + b
    y = 1 / (1 + np.exp(-z))
    return (y - t) ** 2 / 2


def directional_curvature(w: "float[n]", x: "float[n]", b: float, t: float, v: "float[n]"):
    """How the loss curves in the direction v of the weights: v·H v. Its gradient is a third derivative."""
    return np.dot(v, s2sad.hvp(neuron)(w, x, b, t, v))


def main():
    w = np.array([0.5, -1.0, 2.0])
    x = np.array([1.0, 2.0, 0.5])
    b, t = 0.1, 1.0

    adjoint = s2sad.value_and_grad(neuron, wrt=("w", "x", "b"))
    loss, (w_bar, x_bar, b_bar) = adjoint(w, x, b, t)

    print(adjoint.source)
    print(f"L = {loss:.6f}")
    print(f"w̄ = {w_bar},  x̄ = {x_bar},  b̄ = {b_bar:.6f}")

    v = np.array([0.0, 1.0, 0.0])
    curved, bend = s2sad.value_and_grad(directional_curvature)(w, x, b, t, v)
    print(f"along the second weight the loss curves by {curved:.6f}, which changes with the weights by {bend}")

    descend = s2sad.value_and_grad(neuron, wrt=("w", "b"))
    for step in range(50):
        loss, (w_bar, b_bar) = descend(w, x, b, t)
        w, b = w - w_bar, b - b_bar
    print(f"after 50 steps of gradient descent: L = {loss:.6f}")


if __name__ == "__main__":
    main()
