"""Where the adjoint reads nothing of a value but its shape, another value of this shape does that is there anyway.

Otherwise a copy of an array that changes in each round would be saved for its length.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import root_of
from s2sad.analysis.kinds import is_elementwise
from s2sad.ir import Attribute, Binary, Block, Call, Def, Expr, Index, Name, Routine, Statement, Unary
from s2sad.kind import Array, Number, same_shape, varying_number
from s2sad.rules.sizes import goes_by_shapes, reads_shape
from s2sad.transform.backward import Backwards
from s2sad.transform.steps import CallStep
from s2sad.transform.versions import Version, Versions
from s2sad.traversal import children, expressions, map_blocks, map_children, map_heads, rebuild, walk

__all__ = ["Sizes", "is_read_for_shape"]


def is_read_for_shape(block: Block, name: str) -> bool:
    """True if a block reads nothing of a variable but its shape and type."""
    return not any(_reads_contents(node, name) for node in expressions(block))


def _reads_contents(node: Expr, name: str) -> bool:
    if node == Name(name):
        return True
    place = reads_shape(node)
    return any(_reads_contents(part, name) for k, part in enumerate(children(node)) if k != place or part != Name(name))


@dataclass
class Sizes:
    """Finds values that stand in for others of the same shape and type. `shaped` are the positions of the arguments of which
    functions of the program, by their keys, read no more than that.
    """

    versions: Versions
    found: dict[str, str] = field(default_factory=dict)
    shaped: dict[str, frozenset[int]] = field(default_factory=dict)

    def block(self, block: Block) -> Block:
        """Adjoint statements with stand-ins."""
        return tuple(map(self.statement, block))

    def statement(self, s: Statement) -> Statement:
        match s:
            case Backwards(body=body):
                return replace(s, body=self.block(body))
            case Def(function=function):
                return replace(s, function=replace(function, body=self.block(function.body)))
        return map_blocks(map_heads(s, self.expression), self.block)

    def expression(self, node: Expr) -> Expr:
        place = reads_shape(node)
        if isinstance(node, Call) and isinstance(node.func, Routine) and node.func.key in self.shaped:
            return self.call(node, self.shaped[node.func.key])
        if place is None:
            return map_children(node, self.expression)
        parts = (self.shape_of(part) if k == place else self.expression(part) for k, part in enumerate(children(node)))
        return rebuild(node, tuple(parts))

    def call(self, node: Call, shaped: frozenset[int]) -> Expr:
        args = (self.shape_of(arg) if k in shaped else self.expression(arg) for k, arg in enumerate(node.args))
        return replace(node, args=tuple(args))

    def shape_of(self, node: Expr) -> Expr:
        """An expression of the same shape: elementwise of stand-ins, or the same part of one."""
        match node:
            case Name(id=token):
                return self.of_part(token) or Name(self.stand_in(token))
            case Unary(op="-", operand=operand):
                return self.shape_of(operand)
            case Binary(left=left, right=right) if (array := self.scaled(node)) is not None:
                return self.shape_of(array)
            case Binary(op="+" | "-" | "*", left=left, right=right) if self.defined(left) == self.defined(right):
                return min(self.shape_of(left), self.shape_of(right), key=lambda one: len(list(walk(one))))
            case Binary() | Unary() | Attribute(attr="T"):
                return map_children(node, self.shape_of)
            case Call(func=Attribute(value=array, attr="copy"), args=()):
                return self.shape_of(array)
            case Call() if goes_by_shapes(node) or is_elementwise(node):
                return map_children(node, self.shape_of)
            case Index(value=whole, index=index):
                return replace(node, value=self.shape_of(whole), index=self.expression(index))
        return self.expression(node)

    def scaled(self, node: Binary) -> Expr | None:
        """The operand of an operation that has its shape and type, if the other one is a number."""
        own = self.versions.context.kind(node)
        for array, number in ((node.left, node.right), (node.right, node.left)):
            kind = self.versions.context.kind(array)
            if isinstance(self.versions.context.kind(number), Number) and isinstance(kind, Array) and kind == own:
                return array
        return None

    def defined(self, node: Expr) -> Expr:
        """The shape of an expression in terms of what the names in it stand for."""

        def definition(part: Expr) -> Expr:
            version = self.versions.table.get(part.id) if isinstance(part, Name) else None
            if version is None or version.how != "assign" or version.value is None or self.is_there(version):
                return map_children(part, definition)
            return definition(version.value)

        return self.shape_of(definition(node))

    def of_part(self, token: str) -> Expr | None:
        """The same part of what stands in for the array that a value is a part of; None if it is none."""
        version = self.versions.table.get(token)
        if version is None or version.how != "assign" or self.stand_in(token) != token or self.is_there(version):
            return None
        match version.value:
            case Call(func=Attribute(value=Index() as part, attr="copy"), args=()) | (Index() as part):
                found = self.shape_of(part)
                root = self.versions.table.get(root_of(found) or "")
                return found if root is not None and self.is_there(root) else None
        return None

    def stand_in(self, token: str) -> str:
        if token not in self.found:
            version = self.versions.table.get(token)
            self.found[token] = token if version is None or self.is_there(version) else self.best(version)
        return self.found[token]

    def is_there(self, version: Version) -> bool:
        """True for a value that costs the adjoint nothing: it has come about outside of loops, on every way, and is never
        overwritten. An argument of a call has a name only where that is asked for.
        """
        if isinstance(version.step, CallStep) and version.name in version.step.names.values():
            return False
        is_outside = version.region.path() == (self.versions.top,) and not self.versions.may_be_unset(version.token)
        return is_outside and version.name != "_" and not self.versions.is_overwritten(version)

    def best(self, version: Version) -> str:
        """What stands in for a version: an argument or variable of its shape, better than its own variable in the end."""
        others = [
            other for other in self.versions.table.values() if self.is_there(other) and self.is_alike(other, version)
        ]
        ranked = sorted(others, key=lambda other: (other.how not in ("param", "assign"), other.position))
        return ranked[0].token if ranked else self.adjoint(version)

    def adjoint(self, version: Version) -> str:
        """The adjoint of an array that is a parameter, and changed in place."""
        kind_of_name = self.versions.context.kind_of_name
        bar = self.versions.bars.get(version.name)
        kind = kind_of_name(version.token)
        alike = bar is not None and isinstance(kind, Array) and kind == kind_of_name(bar) and same_shape(kind, kind)
        return bar if bar is not None and alike else version.token

    def is_alike(self, other: Version, version: Version) -> bool:
        kind, own = (self.versions.context.kind_of_name(one.token) for one in (other, version))
        if not isinstance(kind, Array) or kind != own:
            return False
        # A size that varies from round to round is another one there.
        return same_shape(kind, own) and all(varying_number(dim) < 0 for dim in kind.shape)
