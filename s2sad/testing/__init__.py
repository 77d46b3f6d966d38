"""Checking derivatives: against finite differences with an error estimate, and forward against reverse mode.

>>> import numpy as np
>>> from s2sad.testing import check_grads
>>> def loss(w, x):
...     return np.sum(np.tanh(w @ x) ** 2)
>>> check_grads(loss, (np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([0.5, -1.0])), order=2)
<loss: 21 comparisons agree (order 2, fwd and rev)>

A check that fails raises a CheckError, an AssertionError whose message is a table of what disagrees where:

>>> def wrong(primals, tangents):
...     (x,), (x_dot,) = primals, tangents
...     return np.sin(x), -np.cos(x) * x_dot
>>> check_jvp(np.sin, wrong, (np.array([0.5, 1.0]),))
Traceback (most recent call last):
    ...
s2sad.testing.report.CheckError: ...
"""

from s2sad.testing.byhand import check_rule
from s2sad.testing.check import check_grads, check_jvp, check_vjp
from s2sad.testing.report import CheckError, Finding, Report

__all__ = ["CheckError", "Finding", "Report", "check_grads", "check_jvp", "check_rule", "check_vjp"]
