"""A rod that cools, stepped in place: where it was hot, from where it is warm.

    python examples/heat.py

The scheme is linear in the temperatures, so that its gradient saves nothing, however many steps there are.
"""

import numpy as np

import s2sad


def heat(u: "float[m]", c: float, n: int):
    """How much heat there is in the end, in the sense of squares, after `n` steps; `c` is the diffusion number."""
    u = u.copy()
    for _ in range(n):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def distance(u: "float[m]", seen: "float[m]", c: float, n: int):
    """How far the rod is in the end from what was measured."""
    u = u.copy()
    for _ in range(n):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum((u - seen) ** 2)


def main():
    places = np.linspace(0, 1, 60)
    truth = np.exp(-(((places - 0.3) / 0.1) ** 2)) + 0.5 * np.exp(-(((places - 0.7) / 0.1) ** 2))
    truth[[0, -1]] = 0.0
    c, n = 0.4, 60
    seen = truth.copy()
    for _ in range(n):
        seen[1:-1] += c * (seen[2:] - 2 * seen[1:-1] + seen[:-2])

    gradient = s2sad.value_and_grad(distance)
    u, before = np.zeros_like(truth), np.zeros_like(truth)
    for step in range(401):
        value, slope = gradient(u, seen, c, n)
        slope[[0, -1]] = 0.0  # The ends are held at zero.
        if step % 100 == 0:
            off = np.linalg.norm(u - truth) / np.linalg.norm(truth)
            print(f"step {step:3d}: distance {value:.2e}, the beginning is off by {off:.0%}")
        # Polyak's heavy ball.
        u, before = u - 0.4 * slope + 0.9 * (u - before), u
    cooling = s2sad.grad(heat)
    cooling(truth, c, n)
    print(cooling.source)
    assert off < 0.2


if __name__ == "__main__":
    main()
