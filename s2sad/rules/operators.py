"""Python's operators, and NumPy's functions of the same meaning."""

from s2sad.rules.registry import alias, constant, linear, rule
from s2sad.rules.when import literal, number, scalar

linear("y = a + b", "a_bar = y_bar", "b_bar = y_bar", elementwise=True)
rule("y = a + b", "dy = da + db")
linear("y = a - b", "a_bar = y_bar", "b_bar = -y_bar", elementwise=True)
rule("y = a - b", "dy = da - db")
linear("y = a * b", "a_bar = y_bar * b", "b_bar = a * y_bar", elementwise=True)
rule("y = a * b", "dy = da * b + a * db")
linear("y = a / b", "a_bar = y_bar / b", elementwise=True)
rule("y = a / b", "dy = (da - y * db) / b")
linear("y = -x", "x_bar = -y_bar", elementwise=True)
rule("y = -x", "dy = -dx")
linear("y = +x", "x_bar = y_bar", elementwise=True)

# The derivative of x**p by x is 0 at p = 0 for every x, that by p is 0 where x is 0 (Python and NumPy: 0.**0 == 1.).
rule("y = x**p", "dy = 0.0 * dx", when=number("p", 0))
rule("y = x**p", "dy = p * x**(p - 1) * dx", when=literal("p"))
rule(
    "y = x**p",
    "dy = dx * (p * x**(p - 1) if p else 0.0) + dp * (y * np.log(x) if x else 0.0)",
    when=scalar("x", "p"),
)
rule("y = x**p", "dy = dx * (p * x**np.where(p == 0, 1, p - 1)) + dp * (y * np.log(np.where(x == 0, 1, x)))")

rule("y = a % b", "dy = da - a // b * db")
constant("//", "&", "|", "^", "<<", ">>", "unary ~")

alias("+", "np.add", "operator.add")
alias("-", "np.subtract", "operator.sub")
alias("*", "np.multiply", "operator.mul")
alias("/", "np.divide", "np.true_divide", "operator.truediv")
alias("//", "np.floor_divide", "operator.floordiv")
alias("%", "np.remainder", "np.mod", "operator.mod")
alias("**", "np.power", "np.float_power", "math.pow", "operator.pow")
alias("unary -", "np.negative", "operator.neg")
alias("unary +", "np.positive", "operator.pos")
