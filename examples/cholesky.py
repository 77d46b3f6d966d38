"""A factorisation written as loops in place, as in a textbook, and its gradient against that of NumPy's own.

    python examples/cholesky.py

The likelihood of a Gaussian process needs the factor of its covariance; with the derivative of the loops it can be
maximised without a rule for the factorisation (Murray 2016, Differentiation of the Cholesky decomposition, gives rules).
"""

import numpy as np

import s2sad


def factor(a):
    """The lower triangular matrix whose product with its transpose is `a`."""
    a = a.copy()
    n = len(a)
    for j in range(n):
        for k in range(j):
            for i in range(j, n):
                a[i, j] -= a[i, k] * a[j, k]
        a[j, j] = np.sqrt(a[j, j])
        for i in range(j + 1, n):
            a[i, j] /= a[j, j]
        a[j, j + 1 :] = 0.0
    return a


def surprise(scale, x, y, factor):
    """Minus the logarithm of the probability of `y`, a draw from a Gaussian process with this length scale at `x`."""
    covariance = np.exp(-0.5 * ((x[:, None] - x) / scale) ** 2) + 0.01 * np.eye(len(x))
    low = factor(covariance)
    z = np.linalg.solve(low, y)
    return 0.5 * z @ z + np.sum(np.log(np.diag(low)))


def by_loops(scale, x, y):
    return surprise(scale, x, y, factor)


def by_numpy(scale, x, y):
    return surprise(scale, x, y, np.linalg.cholesky)


def main():
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 5, 12))
    y = np.sin(2 * x) + 0.1 * rng.normal(size=12)
    print("scale  surprise  by the loops     by NumPy's factor")
    for scale in (0.3, 0.6, 1.2):
        value, slope = s2sad.value_and_grad(by_loops)(scale, x, y)
        other = s2sad.grad(by_numpy)(scale, x, y)
        print(f"{scale:5.1f}  {value:8.4f}  {slope:+.10f}  {other:+.10f}")
        assert np.isclose(slope, other, rtol=1e-8)

    a = x[:, None] * x + 12 * np.eye(12)
    ours, theirs = (
        s2sad.grad(lambda a, f=f: np.sum(f(a) ** 2 * np.arange(12)))(a) for f in (factor, np.linalg.cholesky)
    )
    print(f"gradient by the matrix: the two differ by {np.abs(ours - theirs).max() / np.abs(theirs).max():.0e}")
    assert np.allclose(ours, theirs)


if __name__ == "__main__":
    main()
