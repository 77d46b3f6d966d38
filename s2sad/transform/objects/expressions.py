"""Following expressions: attributes become variables, operators of objects calls of their methods."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from s2sad.frontend.unit import Instance, Method
from s2sad.ir import (
    Assign,
    Attribute,
    Binary,
    Bool,
    Call,
    ClassRef,
    Closure,
    Compare,
    Conditional,
    Const,
    DictOf,
    Expr,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Return,
    Routine,
    TupleOf,
    Unary,
)
from s2sad.kind import Kind, Record, Sequence, Unknown, item_of, items_of
from s2sad.syntax import template
from s2sad.transform.objects.rows import ROWS, Rows
from s2sad.transform.objects.values import (
    PLAIN,
    ClassValue,
    MethodValue,
    Nothing,
    Plain,
    Ref,
    Result,
    Runtime,
    Super,
    There,
    Value,
)
from s2sad.transform.objects.walk import element_of
from s2sad.transform.refusing import refused_if
from s2sad.traversal import children, expressions, rebuild, statements, walk

__all__ = ["Expressions"]

_BINARY = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "@": "matmul",
    "&": "and", "|": "or", "^": "xor",
}  # fmt: skip
_UNARY = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}
_COMPARE = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__", "==": "__eq__", "!=": "__ne__"}
#: What a function of the program may not do inside of text, which has a copy of the object.
_IN_TEXT = ("a function of an object inside of text: it may change the object", "give its result a name before")
_SWAPPED = {"<": "__gt__", "<=": "__ge__", ">": "__lt__", ">=": "__le__", "==": "__eq__", "!=": "__ne__"}


class Expressions(Rows):
    """The part of a walk that follows expressions, but for calls."""

    def expression(self, node: Expr, hint: str = "", besides: str = "") -> Result:
        match node:
            case Name(id=name):
                return Result(node, self.value_of_name(name))
            case ClassRef(key=key):
                return Result(node, ClassValue(key))
            case Attribute(value=owner, attr=attr):
                return self.attribute(self.expression(owner), attr, node)
            case Call():
                return self.call(node, hint, besides)
            case TupleOf() | ListOf() | DictOf():
                return self.display(node, hint)
            case Index():
                return self.element(node)
            case Conditional():
                return self.choice(node)
            case Bool():
                return self.either(node)
            case Compare():
                return self.comparison(node)
            case Binary():
                return self.operation(node)
            case Unary(op=op, operand=operand) if op in _UNARY:
                return self.negation(node, operand, _UNARY[op])
            case Opaque():
                return Result(self.text(node))
            case Closure():
                return Result(self.closure(node))
        return self.whole_node(node)

    def whole_node(self, node: Expr) -> Result:
        """An expression of nothing but values."""
        parts = self.in_order(children(node))
        return Result(rebuild(node, tuple(map(self.value, parts))) if parts else node)

    def call(self, node: Call, hint: str, besides: str) -> Result:
        """A call followed."""
        raise NotImplementedError

    def closure(self, node: Closure) -> Expr:
        """A function with what it captures."""
        raise NotImplementedError

    def value_of_name(self, name: str) -> Value:
        if name in self.state.variables:
            value = self.state.variables[name]
            return PLAIN if isinstance(value, Nothing) else value
        item = self.whole.program.data.get(name)
        if item is not None and isinstance(item.data, Instance):
            return There(name)
        if item is not None and isinstance(item.value, Call) and isinstance(item.value.func, ClassRef):
            return self.made_before(name, item.value)
        return PLAIN

    def made_before(self, name: str, made: Call) -> Value:
        """An object of the module, made by its constructor, which the function makes itself."""
        self.state.variables[name] = value = self.expression(made, name).value
        if isinstance(value, Ref):
            found = self.state.objects[value.number]
            self.state.objects[value.number] = replace(found, handed_on=True)
        return value

    # -------------------------------------------------------------- containers

    def display(self, node: TupleOf | ListOf | DictOf, hint: str) -> Result:
        names: Iterable[str | int] = node.keys if isinstance(node, DictOf) else range(len(node.items))
        hints = dict(zip(map(id, node.items), (f"{hint}_{name}" if hint else "" for name in names), strict=False))
        parts = self.in_order(node.items, lambda item: self.steady(self.expression(item, hints.get(id(item), ""))))
        objects = not node.items or any(isinstance(part.value, Ref) for part in parts)
        if isinstance(node, ListOf) and objects and (found := self.new_list(node, parts, hint)) is not None:
            return found
        if any(not isinstance(part.value, Plain | Runtime) for part in parts):
            return Result(node, self.group(node, parts, hint))
        made = rebuild(node, tuple(part.expr for part in parts))
        if isinstance(node, DictOf) or all(part.value == PLAIN for part in parts):
            return Result(made)
        kinds = tuple(part.value.kind if isinstance(part.value, Runtime) else Unknown() for part in parts)
        return Result(made, Runtime(Sequence("tuple" if isinstance(node, TupleOf) else "list", kinds)))

    def group(self, node: TupleOf | ListOf | DictOf, parts: list[Result], hint: str) -> Ref:
        """A container with objects in it, taken apart as an object is."""
        made = {TupleOf: "tuple", ListOf: "list", DictOf: "dict"}[type(node)]
        found = self.new_object(made, hint or made)
        site = self.site(hint) if made == "list" else None
        self.state.objects[found.number] = replace(self.state.objects[found.number], site=site)
        names: Iterable[str | int] = node.keys if isinstance(node, DictOf) else range(len(parts))
        for name, part in zip(names, parts, strict=True):
            variable = ""
            if isinstance(part.value, Plain | Runtime):
                variable = self.variable(hint or made, name)
                self.emit(Assign(Name(variable), part.expr))
            self.set_field(found.number, name, part.value, variable)
        return found

    def element(self, node: Index, known: Result | None = None) -> Result:
        """An element of what `known` is, if that is given."""
        owner, index = self.in_order((node.value, node.index)) if known is None else (known, Result(node.index))
        if not isinstance(index.expr, Const) and (rows := self.made_rows(owner, node)) is not None:
            return Result(node, self.element_at(rows, self.value(index)))
        match owner.value, index.expr:
            case Ref(number=number), Const(value=key) if type(key) in (int, str):
                return self.element_of_object(owner, number, key, node, index)
            case Runtime(kind=kind), Const(value=key) if (own := item_of(kind, key)) is not None:
                item = dict(items_of(kind) or ())[own]
                return Result(Index(owner.expr, index.expr, span=node.span), self.value_of(item))
            case ((Ref() | Runtime() | There()), _) if (method := self.method_of(owner, "__getitem__")) is not None:
                return self.called(method, [owner, index], node)
            case Runtime(kind=kind), _:
                value = element_of(kind, self.value_of)
                return Result(Index(owner.expr, self.value(index), span=node.span), value)
        return Result(Index(self.value(owner), self.value(index), span=node.span))

    def element_of_object(self, owner: Result, number: int, key: str | int, node: Index, index: Result) -> Result:
        found = self.known(number, node)
        if found.made == ROWS:
            return Result(node, self.element_at(number, index.expr))
        names = list(found.fields)
        if found.made in ("tuple", "list", "dict"):
            own = key % len(names) if isinstance(key, int) and found.made != "dict" and -len(names) <= key else key
        elif (method := self.method_of(owner, "__getitem__")) is not None:
            return self.called(method, [owner, index], node)
        else:
            is_tuple = self.made_by(found.made).form == "namedtuple" and isinstance(key, int)
            own = names[int(key)] if is_tuple and -len(names) <= int(key) < len(names) else ""
        if own not in found.fields:
            raise self.refusal(node, f"this element: there is no `{key}` here", "use an element that is there")
        one = found.fields[own]
        return Result(replace(found.holder(own), span=node.span) if one.variable else node, one.value)

    # --------------------------------------------------------------- operators

    def operation(self, node: Binary) -> Result:
        left, right = self.in_order((node.left, node.right))
        name = _BINARY.get(node.op, "")
        ways = [(left, right, f"__{name}__"), (right, left, f"__r{name}__")]
        if self.comes_first(right, left) and self.overrides(right, left, f"__r{name}__"):
            ways.reverse()
        for owner, other, method in ways:
            if _is_object(owner.value) and (found := self.method_of(owner, method)) is not None:
                if owner is right:
                    self.check_elementwise(owner, other, method)
                return self.operated(found, [owner, other], node)
        return Result(replace(node, left=self.value(left), right=self.value(right)))

    def comes_first(self, right: Result, left: Result) -> bool:
        """True where Python asks the right operand of an operator first: its class is derived from that of the left one."""
        if not (_is_object(right.value) and _is_object(left.value)):
            return False
        key, other = self.class_key(right), self.class_key(left)
        made = self.whole.class_of(key) if key else None
        return key != other and made is not None and other in made.lineage

    def overrides(self, right: Result, left: Result, method: str) -> bool:
        own, inherited = self.method_of(right, method), self.method_of(left, method)
        return own is not None and (inherited is None or own.unit.key != inherited.unit.key)

    def check_elementwise(self, owner: Result, other: Result, method: str) -> None:
        """NumPy calls the method of the right operand for each element of an array, unless the class says otherwise."""
        made = self.whole.class_of(self.class_key(owner))
        if made is None or not isinstance(other.value, Plain) or isinstance(other.expr, Const):
            return
        if any(made.scope.member(name) is not None for name in ("__array_ufunc__", "__array_priority__")):
            return
        is_sequence = all(made.scope.member(name) is not None for name in ("__len__", "__getitem__"))
        test = "isinstance(x, (np.ndarray, np.generic))" if is_sequence else "isinstance(x, np.ndarray)"
        reason = f"NumPy calls `{method}` of {made.name} for each element: put the object on the left"
        self.emit(refused_if(template(test, x=other.expr), reason))

    def operated(self, method: Method, args: list[Result], node: Expr) -> Result:
        """The call of the method of an operator, which has to know the other operand."""
        before = len(self.out)
        found = self.called(method, args, node)
        called = [part for e in (*expressions(tuple(self.out[before:])), found.expr) for part in walk(e)]
        keys = {part.key for part in called if isinstance(part, Routine)}
        functions = self.whole.program.functions
        bodies = [functions[key].body for key in keys if key in functions]
        returned = [
            s.value for body in bodies for s in statements(body) if isinstance(s, Return) and s.value is not None
        ]
        if any(map(self.is_not_implemented, (*called, *returned))):
            reason = f"an operator whose method `{method.unit.node.name}` returns NotImplemented"
            raise self.refusal(node, reason, "call the method of the other operand by its name")
        return found

    def is_not_implemented(self, node: Expr) -> bool:
        item = self.whole.program.data.get(node.id) if isinstance(node, Name) else None
        is_such = item is not None and item.data.has_value and item.data.value is NotImplemented
        return is_such or (isinstance(node, Global) and node.dotted == "NotImplemented")

    def negation(self, node: Unary, operand: Expr, name: str) -> Result:
        owner = self.expression(operand)
        if _is_object(owner.value) and (method := self.method_of(owner, name)) is not None:
            return self.called(method, [owner], node)
        return Result(replace(node, operand=self.value(owner)))

    def comparison(self, node: Compare) -> Result:
        match node:
            case Compare(left=Name(id=name), rights=(Const(value=None),)) if node.ops[0] in ("is", "is not"):
                if isinstance(self.state.variables.get(name), Nothing):
                    return Result(Const(node.ops[0] == "is"))
        sometimes = node.rights[1:]
        parts = self.in_order(
            (node.left, *node.rights),
            lambda one: self.if_reached(one) if any(one is other for other in sometimes) else self.expression(one),
        )
        if len(parts) == 2:
            left, right = parts
            op = node.ops[0]
            known = (
                self.identity("is" if op == "==" else "is not", left, right) if self.is_by_identity(op, parts) else None
            )
            known = self.identity(op, left, right) if known is None else known
            if known is not None:
                return Result(Const(known) if isinstance(known, bool) else known)
            ways = [(left, right, _COMPARE.get(op, "")), (right, left, _SWAPPED.get(op, ""))]
            if self.comes_first(right, left):
                ways.reverse()
            for owner, other, method in ways:
                if _is_object(owner.value) and (found := self.method_of(owner, method)) is not None:
                    return self.operated(found, [owner, other], node)
        self.check_identity(node, parts)
        return Result(rebuild(node, tuple(map(self.value, parts))))

    def if_reached(self, node: Expr) -> Result:
        """An expression that may not be evaluated."""
        before = len(self.out)
        found = self.expression(node)
        if len(self.out) > before:
            reason = "this comparison: a part that may not be evaluated changes or makes an object"
            raise self.refusal(node, reason, "write it with `if`")
        return found

    def is_by_identity(self, op: str, parts: list[Result]) -> bool:
        """True where Python compares two objects that are taken apart by what they are, for their classes do not say how."""
        return op in ("==", "!=") and all(isinstance(one.value, Ref) and self.has_identity(one) for one in parts)

    def has_identity(self, one: Result) -> bool:
        """True for an object that is equal to itself alone."""
        made = self.whole.class_of(self.class_key(one))
        if made is None or made.form == "namedtuple" or self.method_of(one, "__eq__") is not None:
            return False
        return made.data.has_value and getattr(made.data.value, "__eq__", None) is getattr(object, "__eq__", None)

    def check_identity(self, node: Compare, parts: list[Result]) -> None:
        """Refuse to compare a copy of an object with what may be the object itself."""
        objects = [one for part in parts for one in self.objects_held(part)]
        others = [part for part in parts if not isinstance(part.expr, Const) or isinstance(part.value, Ref)]
        if len(others) > 1 and any(
            op in ("is", "is not") or self.has_identity(one) for op in node.ops for one in objects
        ):
            reason = "this comparison of an object by what it is"
            raise self.refusal(node, reason, "compare attributes")

    def objects_held(self, part: Result) -> list[Result]:
        """The objects of which a value is a copy, or has one in it."""
        if not isinstance(part.value, Ref):
            return []
        found = self.state.objects[part.value.number]
        if found.home is not None and not self.is_changed(part.value.number):
            # It is there at run time.
            return []
        if self.whole.class_of(found.made) is not None:
            return [part]
        return [one for own in found.fields.values() for one in self.objects_held(Result(part.expr, own.value))]

    def identity(self, op: str, left: Result, right: Result) -> bool | Expr | None:
        """What `left is right` gives, where an object that is taken apart is among them."""
        if op not in ("is", "is not"):
            return None
        match left.value, right.value:
            case Ref(number=m), Ref(number=n):
                same = self.known(m, left.expr) is self.known(n, right.expr)
                test = None if same else self.identical(m, n)
                if test is not None:
                    return test if op == "is" else replace(test, ops=("!=",))
                if not same and (self.state.objects[m].handed_on or self.state.objects[n].handed_on):
                    raise self.refusal(
                        None, "this test of identity: one of the objects may be a copy", "compare values"
                    )
                if not same and self.are_given(m, n):
                    return None
            case (Ref(number=m), _) | (_, Ref(number=m)) if self.state.objects[m].home is None:
                if self.may_have_copy(m) and not isinstance((right if left.value == Ref(m) else left).expr, Const):
                    return None
                same = False
            case (Ref() | There() | Runtime(kind=Record()), _) if right.expr == Const(None):
                same = False
            case ClassValue(key=a), ClassValue(key=b):
                same = a == b
            case _:
                return None
        return same == (op == "is")

    def are_given(self, m: int, n: int) -> bool:
        """True for two arguments, or parts of them, which may be the same object at run time."""
        given = [one for one in (m, n) if self.state.objects[one].home is not None]
        if any(self.is_changed(one) for one in given):
            raise self.refusal(None, "this test of identity behind a change of an argument", "test it before")
        return len(given) == 2

    def may_have_copy(self, number: int) -> bool:
        """True if something else may hold an object that is taken apart, as a copy."""
        found = self.state.objects[number]
        return found.handed_on or (found.rows >= 0 and self.state.objects[found.rows].handed_on)

    def choice(self, node: Conditional) -> Result:
        test = Result(self.truth(node.test))
        if isinstance(test.expr, Const):
            return self.expression(node.then if test.expr.value else node.orelse)
        before, self.out = self.out, []
        then, orelse = self.expression(node.then), self.expression(node.orelse)
        late, self.out = self.out, before
        if late:
            reason = "this choice: one of its sides changes or makes an object"
            raise self.refusal(node, reason, "write it with `if` and `else`")
        if isinstance(then.value, Ref) and then.value == orelse.value:
            return then
        value = then.value if then.value == orelse.value and isinstance(then.value, Runtime) else PLAIN
        return Result(replace(node, test=self.value(test), then=self.value(then), orelse=self.value(orelse)), value)

    def either(self, node: Bool) -> Result:
        first, *others = node.values
        done = [self.value(self.expression(first))]
        if done[0] == Const(node.op == "or"):
            # The other sides are not evaluated.
            return Result(done[0])
        before, self.out = self.out, []
        done += [self.plain(other) for other in others]
        late, self.out = self.out, before
        if late:
            reason = f"this `{node.op}`: a side that may not be evaluated changes or makes an object"
            raise self.refusal(node, reason, "write it with `if`")
        return Result(_decided(node, done))

    # -------------------------------------------------------------------- text

    def text(self, node: Opaque) -> Expr:
        """Text with variables for the attributes that it reads."""
        found = dict(zip((name for name, _ in node.reads), self.in_order(expr for _, expr in node.reads), strict=True))
        objects = {name: one for name, one in found.items() if not isinstance(one.value, Plain)}
        if not objects:
            return rebuild(node, tuple(map(self.value, found.values()))) if node.reads else node
        functions = {name for name, one in found.items() if isinstance(one.expr, Routine)}
        swap = _Attributes(self, objects, functions)
        text = ast.unparse(swap.visit(ast.parse(node.text, mode="eval")))
        left = {part.id for part in ast.walk(ast.parse(text, mode="eval")) if isinstance(part, ast.Name)}
        kept = {name: self.value(one) for name, one in found.items() if name in left}
        return replace(node, text=text, reads=(*kept.items(), *((one, Name(one)) for one in swap.found)))


class _Attributes(ast.NodeTransformer):
    """Replaces attributes of objects in text by variables; `found` are these. `functions` are those of the program."""

    def __init__(self, walk: Expressions, objects: dict[str, Result], functions: set[str]) -> None:
        self.walk = walk
        self.objects = objects
        self.functions = functions
        self.found: dict[str, None] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[arg], keywords=[]):
                owner = self.result(arg)
                rows = None if owner is None else self.walk.rows_of(owner)
                if owner is not None and rows is not None:
                    return self.named(self.walk.length_of(rows, owner.expr))
            case ast.Call(func=ast.Attribute(value=value, attr=attr)):
                owner = self.result(value)
                if owner is not None and isinstance(owner.value, Ref):
                    self.check_harmless(self.walk.attribute(owner, attr, owner.expr))
            case ast.Call(func=ast.Name(id=name), args=args) if name in self.functions:
                for owner in map(self.result, args):
                    if owner is not None and isinstance(owner.value, Ref):
                        raise self.walk.refusal(owner.expr, *_IN_TEXT)
        return self.generic_visit(node)

    def check_harmless(self, method: Result) -> None:
        """Refuse a method that changes what it is called of: text has a copy of the object."""
        if isinstance(method.value, MethodValue):
            self.walk.function_value(method)

    def named(self, value: Expr) -> ast.AST:
        name = self.walk.names.unique("t")
        self.walk.emit(Assign(Name(name), value))
        self.found[name] = None
        return ast.Name(name, ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        result = self.result(node)
        match result:
            case Result(expr=Name() as expr, value=Plain()):
                self.found[expr.id] = None
                return ast.Name(expr.id, ast.Load())
            case Result(expr=Index() as expr, value=Plain()):
                return self.named(expr)
        return self.generic_visit(node)

    def result(self, node: ast.expr) -> Result | None:
        """What a chain of attributes of an object is; None for anything else."""
        match node:
            case ast.Name(id=name):
                return self.objects.get(name)
            case ast.Subscript(value=value, slice=ast.Constant(value=key)):
                owner = self.result(value)
                if owner is not None and isinstance(owner.value, Ref):
                    return self.walk.element(Index(owner.expr, Const(key)), owner)
            case ast.Attribute(value=value, attr=attr):
                owner = self.result(value)
                if owner is not None and isinstance(owner.value, Ref | There):
                    return self.walk.attribute(owner, attr, owner.expr)
        return None


def _is_object(value: Value) -> bool:
    return isinstance(value, Ref | Runtime | There | Super | MethodValue) and not isinstance(value, MethodValue)


def _decided(node: Bool, values: list[Expr]) -> Expr:
    """`and` or `or` without the sides that are known."""
    kept: list[Expr] = []
    for value in values:
        if isinstance(value, Const) and type(value.value) is bool:
            if value.value == (node.op == "or"):
                return value if not kept else replace(node, values=(*kept, value))
            continue
        kept.append(value)
    if not kept:
        return values[-1]
    return kept[0] if len(kept) == 1 else replace(node, values=tuple(kept))


def kind_of_runtime(value: Value) -> Kind:
    return value.kind if isinstance(value, Runtime) else Unknown()
