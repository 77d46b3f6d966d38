"""Polynomials by their coefficients, the highest power first."""

from s2sad.rules.registry import linear, rule
from s2sad.rules.when import rank, scalar

linear("y = np.polyval(p, x)", "p_bar = y_bar * x**np.arange(len(p) - 1, -1, -1)", when=scalar("x"))
linear("y = np.polyval(p, x)", "p_bar = y_bar @ np.vander(x, len(p))", when=rank(x=1))
linear("y = np.polyval(p, x)", "p_bar = np.ravel(y_bar) @ np.vander(np.ravel(x), len(p))")
rule("y = np.polyval(p, x)", "dy = np.polyval(dp, x) + np.polyval(np.polyder(p), x) * dx")
linear("y = np.polyder(p)", "p_bar = np.append(y_bar * np.arange(len(p) - 1, 0, -1), 0)")
linear("y = np.vander(x, N, increasing=...)")
