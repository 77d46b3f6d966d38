"""Python's operators, and NumPy's functions of the same meaning."""

from s2sad.rules.registry import alias, constant, linear, rule
from s2sad.rules.when import all_of, fractional, integer, literal, number, positive, python_float, scalar

linear("y = a + b", "a_bar = y_bar", "b_bar = y_bar", elementwise=True)
rule("y = a + b", "dy = da + db")
linear("y = a - b", "a_bar = y_bar", "b_bar = -y_bar", elementwise=True)
rule("y = a - b", "dy = da - db")
linear("y = a * b", "a_bar = y_bar * b", "b_bar = a * y_bar", elementwise=True)
rule("y = a * b", "dy = da * b + a * db")
linear("y = a / b", "a_bar = y_bar / b", elementwise=True)
rule("y = a / b", "dy = -y * y * db", when=number("a", 1))
rule("y = a / b", "dy = (da - y * db) / b")
linear("y = -x", "x_bar = -y_bar", elementwise=True)
rule("y = -x", "dy = -dx")
linear("y = +x", "x_bar = y_bar", elementwise=True)

# The derivative of x**p by x is 0 at p = 0 for every x, that by p is 0 at x = 0 (Python and NumPy: 0.**0 == 1.).
# A Python float at 0 raised to a negative power is an error where the derivative is infinite.
rule("y = x**p", "dy = 0 * dx", when=number("p", 0))
rule("y = x**p", "dy = dx * (0.5 / y if y else math.inf)", when=all_of(number("p", 0.5), python_float("x")))
rule("y = x**p", "dy = dx * (p * x**(p - 1) if x else math.inf)", when=all_of(fractional("p"), python_float("x")))
rule("y = x**p", "dy = dx * (p * np.power(x, p - 1))", when=fractional("p"))
rule("y = x**p", "dy = p * x**(p - 1) * dx", when=literal("p"))
rule("y = x**p", "dy = dp * y * math.log(x)", when=all_of(literal("x"), positive("x")))
rule("y = x**p", "dy = dx * (p * x**(p - 1) if p else 0.0)", when=all_of(integer("p"), scalar("p")))
rule(
    "y = x**p",
    "dy = dx * (p * x**(p - 1) if x or p >= 1 else p * math.inf if p else 0.0) + dp * (y * np.log(x) if x else 0.0)",
    when=scalar("x", "p"),
)
# Where x and p are 0 the base is taken as 1, not the factor as 0: so the mixed second derivative is 1/x at p = 0.
rule(
    "y = x**p",
    "dy = dx * (p * np.where((x == 0) & (p == 0), 1, x)**(p - 1)) + dp * (y * np.log(np.where(x == 0, 1, x)))",
)

rule("y = a % b", "dy = da - a // b * db")
rule("y = divmod(a, b)", "dy = (_zeros(y[0]), da - a // b * db)")
constant("//")

alias("+", "np.add", "operator.add")
alias("-", "np.subtract", "operator.sub")
alias("*", "np.multiply", "operator.mul")
alias("/", "np.divide", "np.true_divide", "operator.truediv")
alias("//", "np.floor_divide", "operator.floordiv")
alias("%", "np.remainder", "np.mod", "operator.mod")
alias("**", "np.power", "np.float_power", "math.pow", "pow", "operator.pow")
alias("unary -", "np.negative", "operator.neg")
alias("unary +", "np.positive", "operator.pos")
alias("divmod", "np.divmod")
alias("@", "np.matmul", "operator.matmul")
constant("&", "|", "^", "<<", ">>", "unary ~", "np.bitwise_and", "np.bitwise_or", "np.bitwise_xor", "np.invert")
