"""Functions beyond the elementary ones, and those of `cmath`."""

from __future__ import annotations

from s2sad.ir import Expr
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import constant, rule

__all__: list[str] = []

rule("y = math.gamma(x)", "dy = dx * y * _polygamma(0, x)")
rule("y = math.lgamma(x)", "dy = dx * _polygamma(0, x)")
rule("y = _polygamma(n, x)", "dy = dx * _polygamma(n + 1, x)")


def _stays(args: tuple[Expr, ...], kind_of: KindOf) -> None:
    return None


# Recurrence up to where the asymptotic series has all digits (Abramowitz & Stegun 6.3.5, 6.3.18, 6.4.6, 6.4.11).
helper(
    "_polygamma",
    '''
def _polygamma(n, x):
    """The derivative of order `n + 1` of the logarithm of the gamma function."""
    sign, factorial = -1 if n % 2 else 1, float(np.prod(np.arange(1.0, n + 1)))
    y = 0.0
    while x < 20 + n:
        y -= sign * factorial / x ** (n + 1)
        x += 1
    numbers = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6]
    series = 0.0
    for k, number in enumerate(numbers, 1):
        series += number * float(np.prod(np.arange(2.0 * k + 1, 2 * k + n))) * (1 if n else 1 / (2 * k)) / x ** (2 * k + n)
    start = -float(np.log(x)) if n == 0 else factorial / n / x**n
    return y - sign * (start + factorial / (2 * x ** (n + 1)) + series)
''',
    _stays,
)

# ------------------------------------------------------------------------- cmath

rule("y = cmath.exp(x)", "dy = dx * y")
rule("y = cmath.log(x)", "dy = dx / x")
rule("y = cmath.log10(x)", "dy = dx / (x * math.log(10))")
rule("y = cmath.sqrt(x)", "dy = dx / (2 * y)")
rule("y = cmath.sin(x)", "dy = dx * cmath.cos(x)")
rule("y = cmath.cos(x)", "dy = -dx * cmath.sin(x)")
rule("y = cmath.tan(x)", "dy = dx * (1 + y * y)")
rule("y = cmath.asin(x)", "dy = dx / cmath.sqrt(1 - x * x)")
rule("y = cmath.acos(x)", "dy = -dx / cmath.sqrt(1 - x * x)")
rule("y = cmath.atan(x)", "dy = dx / (1 + x * x)")
rule("y = cmath.sinh(x)", "dy = dx * cmath.cosh(x)")
rule("y = cmath.cosh(x)", "dy = dx * cmath.sinh(x)")
rule("y = cmath.tanh(x)", "dy = dx * (1 - y * y)")
rule("y = cmath.asinh(x)", "dy = dx / cmath.sqrt(1 + x * x)")
rule("y = cmath.atanh(x)", "dy = dx / (1 - x * x)")
rule("y = cmath.phase(x)", "dy = np.imag(dx / x)")
constant("cmath.isnan", "cmath.isinf", "cmath.isfinite", "cmath.isclose")
