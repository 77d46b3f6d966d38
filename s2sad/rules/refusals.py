"""What generated code raises where it finds at run time that it knows no derivative."""

from __future__ import annotations

from s2sad.ir import Global
from s2sad.rules.helpers import helper

__all__ = ["ERRORS", "NO_DERIVATIVE"]

#: What is raised where no handler can catch it.
ERRORS = (RuntimeError, TypeError, ValueError)

#: What is raised where one of the function's own could.
NO_DERIVATIVE = Global("_NoDerivative")

helper(
    "_NoDerivative",
    '''
class _NoDerivative(RuntimeError, TypeError, ValueError):
    """What is found has no derivative here, whatever the function itself catches."""
''',
    lambda args, kind_of: None,
)
