"""The functions of `math` and Python's own, on scalars.

Where a Python float would be divided by zero, the derivative is the infinity that NumPy has there.
"""

from s2sad.rules.registry import choice, constant, linear, rule, shallow, sharing
from s2sad.rules.when import flat, scalar

rule("y = math.exp(x)", "dy = dx * y")
rule("y = math.exp2(x)", "dy = dx * y * math.log(2)")
rule("y = math.expm1(x)", "dy = dx * (y + 1)")
rule("y = math.log(x)", "dy = dx / x")
rule("y = math.log(x, base)", "dy = (dx / x - dbase * y / base) / math.log(base)")
rule("y = math.log2(x)", "dy = dx / (x * math.log(2))")
rule("y = math.log10(x)", "dy = dx / (x * math.log(10))")
rule("y = math.log1p(x)", "dy = dx / (1 + x)")
rule("y = math.sqrt(x)", "dy = dx * (0.5 / y if y else math.inf)")
rule("y = math.cbrt(x)", "dy = dx * (1 / (3 * y * y) if y else math.inf)")
rule("y = math.sin(x)", "dy = dx * math.cos(x)")
rule("y = math.cos(x)", "dy = -dx * math.sin(x)")
rule("y = math.tan(x)", "dy = dx * (1 + y * y)")
rule("y = math.asin(x)", "dy = dx * (1 / math.sqrt(1 - x * x) if abs(x) < 1 else math.inf)")
rule("y = math.acos(x)", "dy = -dx * (1 / math.sqrt(1 - x * x) if abs(x) < 1 else math.inf)")
rule("y = math.atan(x)", "dy = dx / (1 + x * x)")
rule("y = math.atan2(a, b)", "dy = (b * da - a * db) / (a * a + b * b)")
rule("y = math.sinh(x)", "dy = dx * math.cosh(x)")
rule("y = math.cosh(x)", "dy = dx * math.sinh(x)")
rule("y = math.tanh(x)", "dy = dx * (1 - y * y)")
rule("y = math.asinh(x)", "dy = dx / math.sqrt(1 + x * x)")
rule("y = math.acosh(x)", "dy = dx * (1 / math.sqrt(x * x - 1) if x > 1 else math.inf)")
rule("y = math.atanh(x)", "dy = dx / (1 - x * x)")
rule("y = math.erf(x)", "dy = dx * (2 / math.sqrt(math.pi)) * math.exp(-x * x)")
rule("y = math.erfc(x)", "dy = -dx * (2 / math.sqrt(math.pi)) * math.exp(-x * x)")
linear("y = math.radians(x)", "x_bar = math.radians(y_bar)")
linear("y = math.degrees(x)", "x_bar = math.degrees(y_bar)")
rule("y = math.fabs(x)", "dy = dx * (1 if x > 0 else -1 if x < 0 else 0)")
rule("y = math.hypot(a)", "dy = da * (1 if a > 0 else -1 if a < 0 else 0)")
rule("y = math.hypot(a, b)", "dy = (a * da + b * db) / (y if y else 1)")
rule("y = math.hypot(a, b, c)", "dy = (a * da + b * db + c * dc) / (y if y else 1)")
rule("y = math.hypot(*x)", "dy = np.sum(x * dx) / (y if y else 1)")
rule("y = math.dist(p, q)", "dy = np.sum((p - q) * (dp - dq)) / (y if y else 1)")
rule("y = math.modf(x)", "dy = (dx, 0 * dx)")
rule("y = math.copysign(a, b)", "dy = da * (y / a if a else 0.0) + 0 * db")
rule("y = math.fmod(a, b)", "dy = da - math.trunc(a / b) * db")
rule("y = math.remainder(a, b)", "dy = da - round((a - y) / b) * db")
linear("y = math.fsum(x)", "x_bar = _each(y_bar, x)", lists=True)
rule("y = math.prod(x)", "dy = np.sum(dx * _product_of_others(x, None))")

rule("y = float(x)", "dy = dx", when=scalar("x"))
linear("y = float(x)", "x_bar = y_bar")
linear("y = complex(x)", "x_bar = y_bar")
rule("y = complex(re, im)", "dy = dre + 1j * dim")
linear("y = sum(x, start=0)", "x_bar = _each(y_bar, x)", "start_bar = y_bar", jointly=True, lists=True)

choice("max", "min")
# A sum of lists has their elements, and of none it is `start`.
sharing("sum", when=lambda call: len(call.args) > 1 or call.keywords != ())
shallow("sum")
rule("y = max(a, b)", "dy = da if a > b else db if b > a else (da + db) / 2")
rule("y = min(a, b)", "dy = da if a < b else db if b < a else (da + db) / 2")
for name in ("max", "min"):
    _TIES = "1.0 * (a == y) + 1.0 * (b == y) + 1.0 * (c == y)"
    rule(f"y = {name}(a, b, c)", f"dy = (da * (a == y) + db * (b == y) + dc * (c == y)) / ({_TIES})")
    rule(f"y = {name}(x)", "dy = np.sum(dx * np.equal(x, y)) / np.sum(np.equal(x, y))", when=flat("x"))
    rule(f"y = {name}(*x)", "dy = np.sum(dx * np.equal(x, y)) / np.sum(np.equal(x, y))", when=flat("x"))

constant("math.floor", "math.ceil", "math.trunc", "math.isnan", "math.isinf", "math.isfinite", "math.isclose")
constant("math.gcd", "math.lcm", "math.factorial", "math.comb", "math.perm", "math.isqrt", "math.ulp")
constant("int", "bool", "round", "len", "range", "isinstance", "issubclass", "hasattr", "callable", "type", "id")
constant("str", "repr", "format", "hash", "any", "all")
