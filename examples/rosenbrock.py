"""Newton's method for the Rosenbrock function of 1000 variables, with Hessian-vector products and no Hessian.

    pip install -e ".[examples]"
    python examples/rosenbrock.py --plot rosenbrock.png

Newton's step p solves H p = −g. The method of conjugate gradients needs only products H v for that, which the generated
`rosenbrock_hvp` computes for about the price of two gradients; the Hessian of 10⁶ numbers is never formed. The products are
compared with those that SciPy has by hand (`scipy.optimize.rosen_hess_prod`).
"""

import argparse
import sys
import time
from dataclasses import dataclass
from functools import partial

import numpy as np

import s2sad


def rosenbrock(x: "float[n]"):
    """The chained Rosenbrock function: 0 at (1, …, 1), at the end of a long curved valley."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@dataclass(frozen=True)
class State:
    """Where an iteration stands: the value, the norm of the gradient, and how many products H v its step took."""

    x: np.ndarray
    value: float
    slope: float
    products: int


def newton_step(product, gradient):
    """The step p of H p = −g by conjugate gradients, as exactly as pays off there, and the number of products.

    Where the curvature is not positive, what was reached up to there is a direction of descent (Nocedal and Wright,
    Numerical Optimization, algorithm 7.1).
    """
    size = np.linalg.norm(gradient)
    tolerance = min(0.5, np.sqrt(size)) * size
    step, residual = np.zeros_like(gradient), gradient
    direction = -residual
    for count in range(1, 10 * len(gradient)):
        curved = product(direction)
        curvature = direction @ curved
        if curvature <= 0:
            return (step if count > 1 else direction), count
        length = residual @ residual / curvature
        step = step + length * direction
        smaller = residual + length * curved
        if np.linalg.norm(smaller) < tolerance:
            break
        direction = (smaller @ smaller) / (residual @ residual) * direction - smaller
        residual = smaller
    return step, count


def line_search(f, x, value, gradient, step):
    """The first of the steps 1, 1/2, 1/4, … that brings the value down as it should (Armijo's condition)."""
    expected = gradient @ step
    length = 1.0
    while f(x + length * step) > value + 1e-4 * length * expected:
        length /= 2
    return x + length * step


def minimise(f, x, tolerance=1e-8):
    """The states of Newton's method from `x` on, up to a gradient that is smaller than the tolerance."""
    value_and_gradient, product = s2sad.value_and_grad(f), s2sad.hvp(f)
    value, gradient = value_and_gradient(x)
    yield State(x, value, np.linalg.norm(gradient), 0)
    while np.linalg.norm(gradient) > tolerance:
        step, products = newton_step(partial(product, x), gradient)
        x = line_search(f, x, value, gradient, step)
        value, gradient = value_and_gradient(x)
        yield State(x, value, np.linalg.norm(gradient), products)


def seconds(f, *args, repeat=200):
    """The shortest of many runs."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - start)
    return min(times)


def compare_products(rng, size):
    """The product H v at a random point: how far from SciPy's, and what it costs."""
    from scipy.optimize import rosen_hess_prod

    product, gradient = s2sad.hvp(rosenbrock), s2sad.grad(rosenbrock)
    x, v = rng.normal(size=size), rng.normal(size=size)
    ours, theirs = product(x, v), rosen_hess_prod(x, v)
    off = np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs))
    gradient_time = seconds(gradient, x)
    print(product.source)
    print(f"H v at a random point of R^{size}, compared with scipy.optimize.rosen_hess_prod: off by {off:.1e}")
    print(f"time ÷ gradient: {seconds(product, x, v) / gradient_time:.1f} generated, ", end="")
    print(f"{seconds(rosen_hess_prod, x, v) / gradient_time:.1f} SciPy's by hand")
    assert off < 1e-13, "the product has to be that of the Hessian"


def plot(states, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (whole, end, front) = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    for axes, first in ((whole, 0), (end, max(0, len(states) - 25))):
        steps = range(first, len(states))
        axes.semilogy(steps, [state.value for state in states[first:]], label="f(x)")
        axes.semilogy(steps, [state.slope for state in states[first:]], label="|∇f(x)|", linewidth=0.8)
        axes.grid(alpha=0.3)
    whole.set(title="convergence", xlabel="step")
    whole.legend()
    end.set(title="the last of it", xlabel="step")

    valley = np.array([state.x for state in states]).T
    image = front.imshow(valley, vmin=-1, vmax=1, aspect="auto", extent=(0, len(states), len(valley), 0))
    front.set(title="the variables reach 1 one after the other", xlabel="step", ylabel="k")
    figure.colorbar(image, label="x[k]")
    figure.suptitle(f"Newton's method with conjugate gradients, n = {len(valley)}")
    figure.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1000, metavar="N", help="the number of variables")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", default="rosenbrock.png", metavar="FILE", help="where the plot is saved")
    options = parser.parse_args()

    try:
        import matplotlib  # noqa: F401
        import scipy  # noqa: F401
    except ImportError as missing:
        sys.exit(f'{missing.name} is not installed; this example needs the extra: pip install "s2sad[examples]"')

    rng = np.random.default_rng(options.seed)
    compare_products(rng, options.size)

    print(f"\n{'step':>5}{'f(x)':>14}{'|∇f(x)|':>12}{'products H v':>15}")
    states = []
    start = time.perf_counter()
    for state in minimise(rosenbrock, np.tile([-1.2, 1.0], options.size // 2 + 1)[: options.size]):
        if len(states) % 200 == 0 or state.slope < 1e-3:
            print(f"{len(states):>5}{state.value:>14.4e}{state.slope:>12.1e}{state.products:>15}", flush=True)
        states.append(state)
    took = time.perf_counter() - start

    plot(states, options.plot)
    found = states[-1]
    total = sum(state.products for state in states)
    print(f"\n{len(states) - 1} steps, {total} products, {took:.1f} s; convergence plotted in {options.plot}")
    print(f"f = {found.value:.1e} at x = (1, …, 1), off by {np.max(np.abs(found.x - 1)):.1e}")
    if np.max(np.abs(found.x - 1)) > 1e-6:
        sys.exit("this is not the minimum at (1, …, 1)")


if __name__ == "__main__":
    main()
