"""Kepler's equation E − e sin E = M, solved by Newton's iteration and differentiated through it.

    python examples/kepler.py

The number of passes depends on the data. What comes out is compared with the implicit function theorem:

    ∂E/∂M = 1 / (1 − e cos E)        ∂E/∂e = sin E / (1 − e cos E)
"""

import math

import s2sad


def eccentric_anomaly(M: float, e: float):
    E = M + e * math.sin(M)
    step = 1.0
    while abs(step) > 1e-13:
        step = (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
        E = E - step
    return E


def implicit(M, e):
    """The two derivatives by the implicit function theorem."""
    E = eccentric_anomaly(M, e)
    slope = 1 - e * math.cos(E)
    return 1 / slope, math.sin(E) / slope


def main():
    derivative = s2sad.grad(eccentric_anomaly, wrt=("M", "e"))
    print(f"{'M':>6}{'e':>6}{'E':>12}{'∂E/∂M':>12}{'∂E/∂e':>12}{'off by':>12}")
    for M, e in ((0.3, 0.1), (1.0, 0.5), (2.5, 0.8), (0.1, 0.95)):
        M_bar, e_bar = derivative(M, e)
        by_hand = implicit(M, e)
        error = max(abs(M_bar - by_hand[0]), abs(e_bar - by_hand[1]))
        E = eccentric_anomaly(M, e)
        print(f"{M:>6}{e:>6}{E:>12.6f}{M_bar:>12.6f}{e_bar:>12.6f}{error:>12.1e}")
        assert error < 1e-9, "the derivative through the iteration has to agree with the implicit one"
    print()
    print(derivative.source)


if __name__ == "__main__":
    main()
