"""Calls between functions of a program: which argument goes to which parameter."""

from __future__ import annotations

from s2sad.ir import Call, Expr, Function, Starred

__all__ = ["bind_call"]


def bind_call(function: Function, call: Call) -> dict[str, Expr] | str:
    """The arguments of a call by parameter, defaults filled in; or, as text, what does not fit."""
    if any(isinstance(arg, Starred) for arg in call.args) or any(key is None for key, _ in call.keywords):
        return "arguments given by `*` or `**`"
    positional = [param for param in function.params if param.form != "keyword"]
    if len(call.args) > len(positional):
        return f"{len(call.args)} positional arguments for {len(positional)} parameters"
    bound = {param.name: arg for param, arg in zip(positional, call.args, strict=False)}
    names = {param.name for param in function.params if param.form != "positional-only"}
    for key, value in call.keywords:
        if key not in names:
            return f"the argument `{key}`, which is no parameter"
        if key in bound:
            return f"the argument `{key}` twice"
        bound[str(key)] = value
    for param in function.params:
        if param.name not in bound:
            if param.default is None:
                return f"no argument for the parameter `{param.name}`"
            bound[param.name] = param.default
    return {param.name: bound[param.name] for param in function.params}
