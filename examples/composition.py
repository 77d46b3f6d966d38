"""A chain of matrix products with one number at its end: forward against reverse mode.

    python examples/composition.py

The gradient of f(x) = ½ |W₃ W₂ W₁ x|² has as many components as x. Forward mode asks for one derivative per component,
reverse mode gets all of them from one pass backwards, whatever their number.
"""

import time

import numpy as np

import s2sad


def mvm(x, W):
    return np.dot(W, x)


def chain(x: "float[n]", W1: "float[m, n]", W2: "float[k, m]", W3: "float[p, k]"):
    y = mvm(mvm(mvm(x, W1), W2), W3)
    return np.dot(y, y) / 2


def gradient_forward(chain_jvp, x, *matrices):
    """The gradient by forward mode: one tangent for each unit vector."""
    return np.array([chain_jvp(x, *matrices, unit)[1] for unit in np.eye(len(x))])


def seconds(f, *args, repeat=5):
    """The shortest of a few runs."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    chain_jvp = s2sad.jvp(chain)
    chain_grad = s2sad.grad(chain)
    rng = np.random.default_rng(0)

    print(f"{'n':>5}{'forward ÷ primal':>20}{'reverse ÷ primal':>20}{'largest difference':>22}")
    for n in (10, 50, 250):
        x = rng.normal(size=n)
        matrices = [rng.normal(size=(n, n)) / np.sqrt(n) for _ in range(3)]
        forward = gradient_forward(chain_jvp, x, *matrices)
        reverse = chain_grad(x, *matrices)
        primal_time = seconds(chain, x, *matrices)
        forward_time = seconds(gradient_forward, chain_jvp, x, *matrices)
        reverse_time = seconds(chain_grad, x, *matrices)
        difference = np.max(np.abs(forward - reverse))
        print(f"{n:>5}{forward_time / primal_time:>20.1f}{reverse_time / primal_time:>20.1f}{difference:>22.1e}")

    print()
    print(chain_grad.source)


if __name__ == "__main__":
    main()
