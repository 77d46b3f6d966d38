"""`np.einsum` with literal subscripts: the adjoint of an operand is an einsum of the others and the result's."""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.ir import Call, Const, Expr, Global
from s2sad.kind import Kind
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import Arguments, linear, sharing
from s2sad.syntax import template

__all__: list[str] = []


def _split(subscripts: str) -> tuple[list[str], str]:
    """The subscripts of the operands and of the result."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    if not arrow:
        letters = inputs.replace(",", "")
        output = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    return inputs.split(","), output


def _is_plain(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
    """Subscripts written out, one for each operand, without an ellipsis or a diagonal."""
    match args["subscripts"]:
        case Const(value=str() as text) if "." not in text:
            parts, _ = _split(text)
            return len(parts) == len(set(args) - {"subscripts", "optimize"}) and all(
                len(set(p)) == len(p) for p in parts
            )
    return False


def _einsum_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    position, subscripts, t, *operands = args
    assert isinstance(position, Const)
    assert isinstance(subscripts, Const)
    parts, output = _split(subscripts.value)
    own = parts[position.value]
    others = [k for k in range(len(parts)) if k != position.value]
    inputs = [output, *(parts[k] for k in others)]
    factors = [t, *(operands[k] for k in others)]
    if set(own) - set("".join(inputs)):
        # An axis that is only summed over: its elements all have the same adjoint.
        inputs.append(own)
        factors.append(template("np.ones_like(x)", x=operands[position.value]))
    return Call(Global("numpy.einsum"), (Const(f"{','.join(inputs)}->{own}"), *factors))


helper("_einsum_back", "def _einsum_back(*args):\n    raise NotImplementedError", _einsum_back)

# Of one operand it gives a view where it can.
sharing("np.einsum", when=lambda call: len(call.args) == 2)
for _names in ("a, b, c, d", "a, b, c", "a, b", "a"):
    linear(
        f"y = np.einsum(subscripts, {_names}, optimize=False)",
        *(f"{name}_bar = _einsum_back({k}, subscripts, y_bar, {_names})" for k, name in enumerate(_names.split(", "))),
        when=_is_plain,
    )
