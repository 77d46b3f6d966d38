"""Elementwise functions."""

from s2sad.rules.registry import alias, rule

rule("y = np.exp(x)", "dy = dx * y")
rule("y = np.log(x)", "dy = dx / x")
rule("y = np.sin(x)", "dy = dx * np.cos(x)")
rule("y = np.cos(x)", "dy = -dx * np.sin(x)")
rule("y = np.tanh(x)", "dy = dx * (1 - y * y)")
rule("y = math.sin(x)", "dy = dx * math.cos(x)")
rule("y = math.cos(x)", "dy = -dx * math.sin(x)")
rule("y = math.exp(x)", "dy = dx * y")
alias("np.absolute", "np.abs")
