"""Functions that act on each element by itself. Values at kinks: |x| at 0 has derivative 0, ties of a maximum share it.

Complex numbers: a transpose does not conjugate (the pairing is Re Σ y_bar·dy, as in JAX). What is not known is real.
"""

from __future__ import annotations

from s2sad.ir import Const, Expr
from s2sad.kind import Array, Number
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import alias, attribute, constant, linear, method, rule, selection, sharing
from s2sad.rules.when import all_of, complex_valued, literal, none, python_float, real, scalar
from s2sad.syntax import template

__all__: list[str] = []

# -------------------------------------------------- powers, logarithms, roots

rule("y = np.exp(x)", "dy = dx * y")
rule("y = np.exp2(x)", "dy = dx * y * math.log(2)")
rule("y = np.expm1(x)", "dy = dx * (y + 1)")
rule("y = np.log(x)", "dy = dx / x")
rule("y = np.log2(x)", "dy = dx / (x * math.log(2))")
rule("y = np.log10(x)", "dy = dx / (x * math.log(10))")
rule("y = np.log1p(x)", "dy = dx / (1 + x)")
rule("y = np.sqrt(x)", "dy = dx / (2 * y)")
rule("y = np.cbrt(x)", "dy = dx / (3 * y * y)")
rule("y = np.square(x)", "dy = 2 * x * dx")
rule("y = np.reciprocal(x)", "dy = -dx * y * y")
rule("y = np.logaddexp(a, b)", "dy = da * np.exp(a - y) + db * np.exp(b - y)")
rule("y = np.logaddexp2(a, b)", "dy = da * np.exp2(a - y) + db * np.exp2(b - y)")

# ---------------------------------------------------------------- trigonometry

rule("y = np.sin(x)", "dy = dx * np.cos(x)")
rule("y = np.cos(x)", "dy = -dx * np.sin(x)")
rule("y = np.tan(x)", "dy = dx * (1 + y * y)")
rule("y = np.arcsin(x)", "dy = dx / np.sqrt(1 - x * x)")
rule("y = np.arccos(x)", "dy = -dx / np.sqrt(1 - x * x)")
rule("y = np.arctan(x)", "dy = dx / (1 + x * x)")
rule("y = np.arctan2(a, b)", "dy = (b * da - a * db) / (a * a + b * b)")
rule("y = np.sinh(x)", "dy = dx * np.cosh(x)")
rule("y = np.cosh(x)", "dy = dx * np.sinh(x)")
rule("y = np.tanh(x)", "dy = dx * (1 - y * y)")
rule("y = np.arcsinh(x)", "dy = dx / np.sqrt(1 + x * x)")
rule("y = np.arccosh(x)", "dy = dx / np.sqrt(x * x - 1)")
rule("y = np.arctanh(x)", "dy = dx / (1 - x * x)")
linear("y = np.radians(x)", "x_bar = np.radians(y_bar)", elementwise=True)
linear("y = np.degrees(x)", "x_bar = np.degrees(y_bar)", elementwise=True)
rule("y = np.hypot(a, b)", "dy = (a * da + b * db) / (y if y else 1)", when=scalar("y"))
rule("y = np.hypot(a, b)", "dy = (a * da + b * db) / np.where(y == 0, 1, y)")
# The series at 0 has two terms, so that derivatives of sinc up to the fourth are right there.
rule(
    "y = np.sinc(x)",
    "dy = dx * np.where(x == 0, math.pi**4 / 30 * x**3 - math.pi**2 / 3 * x, "
    "(np.cos(math.pi * x) - y) / np.where(x == 0, 1, x))",
)
alias("np.arcsin", "np.asin")
alias("np.arccos", "np.acos")
alias("np.arctan", "np.atan")
alias("np.arctan2", "np.atan2")
alias("np.arcsinh", "np.asinh")
alias("np.arccosh", "np.acosh")
alias("np.arctanh", "np.atanh")
alias("np.radians", "np.deg2rad")
alias("np.degrees", "np.rad2deg")

# -------------------------------------------------------- magnitude and choice

rule("y = np.abs(x)", "dy = np.real(np.conj(x) * dx) / (y if y else 1)", when=all_of(complex_valued("x"), scalar("x")))
rule("y = np.abs(x)", "dy = np.real(np.conj(x) * dx) / np.where(y == 0, 1, y)", when=complex_valued("x"))
rule("y = np.abs(x)", "dy = dx * (1 if x > 0 else -1 if x < 0 else 0)", when=python_float("x"))
rule("y = np.abs(x)", "dy = dx * np.sign(x)")
rule("y = np.maximum(a, b)", "dy = da * np.heaviside(a - b, 0.5)", when=literal("b"))
rule("y = np.maximum(a, b)", "dy = db * np.heaviside(b - a, 0.5)", when=literal("a"))
rule("y = np.maximum(a, b)", "dy = da * np.where(a == b, 0.5, a > b) + db * np.where(a == b, 0.5, b > a)")
rule("y = np.minimum(a, b)", "dy = da * np.heaviside(b - a, 0.5)", when=literal("b"))
rule("y = np.minimum(a, b)", "dy = db * np.heaviside(a - b, 0.5)", when=literal("a"))
rule("y = np.minimum(a, b)", "dy = da * np.where(a == b, 0.5, a < b) + db * np.where(a == b, 0.5, b < a)")
rule("y = np.fmax(a, b)", "dy = da * np.where(a == b, 0.5, a == y) + db * np.where(a == b, 0.5, b == y)")
rule("y = np.fmin(a, b)", "dy = da * np.where(a == b, 0.5, a == y) + db * np.where(a == b, 0.5, b == y)")
rule("y = np.clip(x, a_min, a_max)", "dy = dx * (x <= a_max) + da_max * (x > a_max)", when=none("a_min"))
rule("y = np.clip(x, a_min, a_max)", "dy = dx * (x >= a_min) + da_min * (x < a_min)", when=none("a_max"))
rule(
    "y = np.clip(x, a_min, a_max)",
    "dy = dx * ((x >= a_min) & (x <= a_max)) + da_min * ((x < a_min) & (a_min <= a_max)) + da_max * (x > a_max)",
)
rule("y = np.clip(x, min=None, max=None)", "dy = dx * (x <= max) + dmax * (x > max)", when=none("min"))
rule("y = np.clip(x, min=None, max=None)", "dy = dx * (x >= min) + dmin * (x < min)", when=none("max"))
rule(
    "y = np.clip(x, min=None, max=None)",
    "dy = dx * ((x >= min) & (x <= max)) + dmin * ((x < min) & (min <= max)) + dmax * (x > max)",
)
selection("y = np.where(test, a, b)")
linear("y = np.where(test)")
rule("y = np.copysign(a, b)", "dy = da * np.sign(a) * np.sign(y) + 0 * db")
rule("y = np.fmod(a, b)", "dy = da - np.trunc(a / b) * db")
rule("y = np.heaviside(x, h)", "dy = 0 * dx", when=literal("h"))
rule("y = np.sign(x)", "dy = 0 * dx", when=real("x"))
rule(
    "y = np.sign(x)",
    "dy = (dx - y * np.real(np.conj(y) * dx)) / np.where(x == 0, 1, np.abs(x))",
    when=complex_valued("x"),
)
rule("y = np.sign(x)", "dy = 0 * dx")
rule("y = np.nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None)", "dy = np.where(np.isfinite(x), dx, 0)")
rule("y = np.unwrap(x, discont=None, axis=-1)", "dy = dx")
rule("y = np.nextafter(a, b)", "dy = da + 0 * db")
alias("np.abs", "np.absolute", "abs", "np.fabs", "operator.abs")
method("clip")

# --------------------------------------------------------------------- complex

rule("y = np.real(x)", "dy = dx", when=real("x"))
linear("y = np.real(x)", "x_bar = _real(y_bar)", elementwise=True)
rule("y = np.imag(x)", "dy = 0 * dx", when=real("x"))
linear("y = np.imag(x)", "x_bar = _imag_back(y_bar, x)", elementwise=True)
rule("y = np.conjugate(x)", "dy = dx", when=real("x"))
linear("y = np.conjugate(x)", "x_bar = np.conj(y_bar)", elementwise=True)
rule("y = np.angle(x)", "dy = 0 * dx", when=real("x"))
rule("y = np.angle(x)", "dy = np.imag(dx / x)")
alias("np.conjugate", "np.conj")
method("conj", "conjugate")
# The methods give a real array itself.
sharing("np.conjugate")
attribute(real="np.real", imag="np.imag")
linear("y = _real(t)", "t_bar = _real(y_bar)", elementwise=True)
linear("y = _imag_back(t, x)", "t_bar = np.imag(y_bar)", "x_bar = 0")


def _real(args: tuple[Expr, ...], kind_of: KindOf) -> Expr:
    (t,) = args
    match kind_of(t):
        case Number(dtype=dtype) | Array(dtype=dtype) if not dtype.startswith(("complex", "clong")):
            return t
    return template("np.real(t)", t=t)


helper(
    "_real",
    '''
def _real(t):
    """The real part."""
    return np.real(t)
''',
    _real,
)


def _imag_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x = args
    match kind_of(x):
        case Number(dtype=dtype) | Array(dtype=dtype):
            return template("-1j * _real(t)", t=t) if dtype.startswith(("complex", "clong")) else Const(0.0)
    return None


helper(
    "_imag_back",
    '''
def _imag_back(t, x):
    """The adjoint of `x` for the adjoint `t` of its imaginary part."""
    return -1j * np.real(t) if np.iscomplexobj(x) else 0 * np.real(t)
''',
    _imag_back,
)

# -------------------------------------------------------------------- constant

constant("np.floor", "np.ceil", "np.rint", "np.trunc", "np.fix", "np.round", "np.around", "np.spacing", "np.signbit")
constant("np.isnan", "np.isinf", "np.isfinite", "np.isclose", "np.isneginf", "np.isposinf", "np.isreal", "np.iscomplex")
constant("np.isrealobj", "np.iscomplexobj", "np.equal", "np.not_equal", "np.less", "np.less_equal", "np.greater")
constant("np.greater_equal", "np.logical_and", "np.logical_or", "np.logical_not", "np.logical_xor")
method("round")
