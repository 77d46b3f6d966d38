"""Polynomials by their coefficients, the highest power first."""

from s2sad.rules.registry import linear, rule, sharing
from s2sad.rules.when import none, rank, scalar

linear("y = np.polyval(p, x)", "p_bar = y_bar * x**np.arange(len(p) - 1, -1, -1)", when=scalar("x"))
linear("y = np.polyval(p, x)", "p_bar = y_bar @ np.vander(x, len(p))", when=rank(x=1))
linear("y = np.polyval(p, x)", "p_bar = np.ravel(y_bar) @ np.vander(np.ravel(x), len(p))")
rule("y = np.polyval(p, x)", "dy = np.polyval(dp, x) + np.polyval(np.polyder(p), x) * dx")
# np.polyder(p, 0) is p itself.
sharing("np.polyder", when=lambda call: len(call.args) > 1 or call.keywords != ())
linear("y = np.polyder(p)", "p_bar = np.append(y_bar * np.arange(len(p) - 1, 0, -1), 0)")
# The slopes of the powers of x, one power lower, and zero for the last.
_SLOPES = "np.pad(np.vander(x, {0} - 1) * np.arange({0} - 1, 0, -1), ((0, 0), (0, 1)))"
rule("y = np.vander(x, N=None, increasing=...)", f"dy = dx[:, None] * {_SLOPES.format('np.size(x)')}", when=none("N"))
rule("y = np.vander(x, N=None, increasing=...)", f"dy = dx[:, None] * {_SLOPES.format('N')}")
