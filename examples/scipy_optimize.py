"""SciPy's solvers with generated derivatives and without: minimize, root and least_squares.

    pip install -e ".[examples]"
    python examples/scipy_optimize.py

Where no derivative is given, SciPy takes differences: one more call of the function for each variable, and half of the
digits; the tables have a dash there. The operators of s2sad give what the parameters `jac`, `hess` and `hessp` ask for:

    minimize(f, x, jac=grad(f), hess=hessian(f))        least_squares(r, x, jac=jacobian(r))
    minimize(f, x, jac=grad(f), hessp=hvp(f))           root(F, x, jac=jacobian(F))

With `args` SciPy puts the vector of `hessp` in front of them, s2sad behind: `hessp=lambda x, v, *args: product(x, *args, v)`.
"""

import sys
import time

import numpy as np

import s2sad

# ------------------------------------------------------------- minimize: a hanging chain

LINKS, SPAN, LENGTH, STIFFNESS = 31, 1.0, 1.4, 1e3
LEFT, RIGHT = np.array([[0.0, 0.0]]), np.array([[SPAN, 0.0]])


def energy(z: "float[n]"):
    """The energy of a chain of springs between two supports, with unit masses where they meet; z is their x and y in turn."""
    masses = np.reshape(z, (-1, 2))
    points = np.concatenate([LEFT, masses, RIGHT])
    links = points[1:] - points[:-1]
    stretch = LINKS / LENGTH * np.sqrt(np.sum(links**2, axis=1)) - 1
    return STIFFNESS * np.sum(stretch**2) / 2 + np.sum(masses[:, 1])


def hang_chain(minimize):
    x = np.linspace(0, SPAN, LINKS + 1)[1:-1]
    start = np.ravel(np.column_stack([x, x * (x - SPAN)]))
    gradient, product, hessian = s2sad.grad(energy), s2sad.hvp(energy), s2sad.hessian(energy)
    ways = [
        ("BFGS", {}),
        ("BFGS", {"jac": gradient}),
        ("trust-ncg", {"jac": gradient, "hessp": product}),
        ("trust-exact", {"jac": gradient, "hess": hessian}),
    ]
    print_head(f"minimize: a chain of {LINKS} links hangs down ({len(start)} variables)")
    values = []
    for method, derivatives in ways:
        found, calls, took = solved(minimize, energy, start, derivatives, method=method, options={"maxiter": 2000})
        slope = np.max(np.abs(gradient(found.x)))
        print_row(method, calls, took, f"energy {found.fun:.9f}, its gradient {slope:.0e}")
        values.append(found.fun)
    assert max(values[1:]) - min(values[1:]) < 1e-6, "with derivatives all have to find the same place"


# ----------------------------------------------------- root: a layer heated by a reaction

GRID = 150


def bratu(u: "float[n]"):
    """Bratu's equation u″ + 2 exp(u) = 0 for a temperature u between two cold walls, on an even grid."""
    step = 1 / (len(u) + 1)
    padded = np.pad(u, 1)
    return (padded[2:] - 2 * u + padded[:-2]) / step**2 + 2 * np.exp(u)


def heat_layer(root):
    x = np.linspace(0, 1, GRID + 2)[1:-1]
    theta = 2.3575510538774  # √4 cosh(θ / 4) = θ: the colder one of the two solutions
    exact = 2 * np.log(np.cosh(theta / 4) / np.cosh(theta * (x - 0.5) / 2))
    print_head(f"root: temperatures in a reacting layer, Bratu's equation ({GRID} variables)")
    for derivatives in ({}, {"jac": s2sad.jacobian(bratu)}):
        found, calls, took = solved(root, bratu, np.zeros(GRID), derivatives)
        error = np.max(np.abs(found.x - exact))
        print_row("hybr", calls, took, f"highest {np.max(found.x):.6f}, off by {error:.0e} from the exact solution")
        assert found.success and error < 1e-4


# --------------------------------------------- least_squares: two isotopes and a background


def excess(p: "float[5]", t: "float[m]", counts: "float[m]"):
    """How far the decay of two isotopes is from what was counted, in standard deviations."""
    a, halflife_a, b, halflife_b, background = p
    model = a * 0.5 ** (t / halflife_a) + b * 0.5 ** (t / halflife_b) + background
    return (model - counts) / np.sqrt(counts + 1)


def fit_decay(least_squares):
    truth = np.array([900.0, 2.3, 400.0, 17.0, 12.0])
    t = np.linspace(0, 60, 400)
    counts = np.random.default_rng(0).poisson(excess(truth, t, np.zeros_like(t))).astype(float)
    start = np.array([500.0, 1.0, 500.0, 30.0, 0.0])
    print_head(f"least_squares: two isotopes in {len(t)} counts ({len(start)} variables)")
    for derivatives in ({}, {"jac": s2sad.jacobian(excess)}):
        found, calls, took = solved(least_squares, excess, start, derivatives, args=(t, counts), x_scale="jac")
        print_row("trf", calls, took, f"χ² per count {2 * found.cost / len(t):.6f}")
    print()
    deviations = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)))
    names = ("a", "half-life a", "b", "half-life b", "background")
    for name, value, deviation, true in zip(names, found.x, deviations, truth):
        print(f"    {name:<13}{value:>8.2f} ± {deviation:<7.2f}truth {true:g}")
        assert abs(value - true) < 4 * deviation


# ----------------------------------------------------------------------------- the tables


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args):
        self.calls += 1
        return self.function(*args)


def solved(solve, f, start, derivatives, **options):
    """What a solver finds, how often it calls each function, and how many ms that takes."""
    solve(f, start, **derivatives, **options)  # The first run generates the derivatives.
    function = Counted(f)
    counted = {name: Counted(derivative) for name, derivative in derivatives.items()}
    begin = time.perf_counter()
    found = solve(function, start, **counted, **options)
    took = 1e3 * (time.perf_counter() - begin)
    return found, {"f": function.calls, **{name: each.calls for name, each in counted.items()}}, took


def print_head(title):
    print(f"\n{title}\n")
    print(f"    {'method':<13}{'calls of f':>11}{'jac':>7}{'hess':>7}{'hessp':>7}{'ms':>9}   result")


def print_row(method, calls, took, result):
    derivatives = "".join(f"{calls.get(name, '–'):>7}" for name in ("jac", "hess", "hessp"))
    print(f"    {method:<13}{calls['f']:>11}{derivatives}{took:>9.1f}   {result}", flush=True)


def main():
    try:
        from scipy.optimize import least_squares, minimize, root
    except ImportError:
        sys.exit('scipy is not installed; this example needs the extra: pip install "s2sad[examples]"')
    hang_chain(minimize)
    heat_layer(root)
    fit_decay(least_squares)


if __name__ == "__main__":
    main()
