"""Expressions that hide statements, written out as statements: comprehensions and what runs over generators as loops, `:=`
as assignments, starred targets by position.

What was evaluated before, in which order, and only under a condition, stays so: the statements of an operand come with
everything in front of it that they could change, and those of an operand that may not be reached stand under an `if`.
`simplify/gathered.py` writes the loops of comprehensions as comprehensions again where nothing came between.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from s2sad.frontend.accumulated import with_sums
from s2sad.frontend.binding import bound_within, free_names, parts_of, renamed, stored_names, with_parts
from s2sad.frontend.held import Held
from s2sad.frontend.iterators import as_generator, called, counted, has_walrus, parallel
from s2sad.frontend.nonlocals import Spread
from s2sad.frontend.pieces import (
    before_continue,
    changed,
    continues_guarded,
    has_star,
    leaves,
    lines_at,
    map_blocks,
    name_node,
)
from s2sad.naming import Names
from s2sad.rules import registry
from s2sad.syntax import Unsupported

__all__ = ["Gathering", "Unfolding", "names_outside"]

#: What a library's function is called: `numpy.sin`; None for anything else.
Library = Callable[[ast.expr], str | None]
Block = list[ast.stmt]

Node = TypeVar("Node", bound=ast.AST)

_EFFECTS = frozenset("print next input open exec eval iter setattr delattr".split())
_HIDING = (ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.SetComp, ast.NamedExpr)
_HIDDEN_IN_CALLS = frozenset("map filter reduce min max next".split())
#: Functions that may be given an iterator over other sequences, which has no derivative of its own.
_TAKING_ALL = frozenset("list tuple set frozenset sum sorted fsum prod".split())


class Gathering(ast.For):
    """A loop that a comprehension stands for; `use` is what its value was, see `ir.For.gathers`."""

    use = ""


def names_outside(body: Iterable[ast.AST]) -> frozenset[str]:
    """The names that a function's body uses outside of its comprehensions, which have their own."""
    return frozenset(name for node in body for name in free_names(node))


@dataclass
class Unfolding:
    """`outer` are the names that the function uses, `kept` those that functions inside it read; `names` makes new ones, `makes`
    is true for the name of a generator function.

    `iterators` are the variables that hold such, `place` is the statement that is unfolded, `guarded` is true where an error
    in it may be caught, `made` are new names.
    """

    library: Library
    names: Names
    outer: frozenset[str]
    kept: frozenset[str]
    makes: Callable[[ast.expr], bool]
    iterators: Mapping[str, Held] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    guarded: bool = False
    place: ast.stmt = field(default_factory=ast.Pass)

    # ------------------------------------------------------------- statements

    def block(self, body: Iterable[ast.stmt]) -> Block:
        return [new for node in body for new in self.statement(node)]

    def statement(self, node: ast.stmt) -> Block:
        if isinstance(node, ast.AsyncFunctionDef | ast.ClassDef):
            return [node]
        self.place = node
        before: Block = []
        new: ast.stmt
        match node:
            case ast.FunctionDef(args=args):
                new = changed(node, args=self.defaults(args, before))
                return [*before, new]
            case ast.While(test=test):
                return self.repeated(node, test)
            case ast.For(target=target, iter=iterable):
                return self.loop(node, target, iterable)
            case ast.If(test=test):
                new = changed(node, test=self.value(test, before))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[source])) if name in self.iterators:
                return self.block(lines_at(self.iterators[name].start(source), node))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.ListComp() | ast.DictComp() as value) if self.is_own(
                name, value
            ):
                return self.gathered(value, name, "variable")
            case ast.Assign(targets=[target], value=value) if has_star(target):
                return self.unpacked(target, value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Call() as call) if (
                rows := self.rows_of(targets, call)
            ) is not None:
                return self.columns(targets, rows, call)
            case ast.Assign(targets=targets, value=value):
                value, *parts = self.sequence([value, *targets], before)
                if any(map(self.may_change, parts)):
                    return [*before, *self.found_later(parts, value)]
                new = changed(node, targets=parts, value=value)
            case ast.AugAssign(target=target, value=value):
                own: Block = []
                value = self.value(value, own)
                if set(free_names(target)) & {name for s in own for name in stored_names(s)}:
                    raise Unsupported(node, "NamedExpr")
                new = self.updated(changed(node, value=value), own, before)
            case ast.AnnAssign(value=ast.expr() as value):
                new = changed(node, value=self.value(value, before))
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                new = changed(node, value=self.value(value, before))
            case ast.Assert(test=test):
                new = changed(node, test=self.value(test, before))
            case ast.Raise(exc=ast.expr() as error):
                new = changed(node, exc=self.value(error, before))
            case _:
                new = node
        return [*before, self.inside(new)]

    def defaults(self, args: ast.arguments, before: Block) -> ast.arguments:
        """The parameters of a function that is made here, where their defaults are evaluated."""
        keyword = [default for default in args.kw_defaults if default is not None]
        done = iter(self.sequence([*args.defaults, *keyword], before))
        positional = [next(done) for _ in args.defaults]
        return changed(args, defaults=positional, kw_defaults=[d and next(done) for d in args.kw_defaults])

    def inside(self, node: ast.stmt) -> ast.stmt:
        """A statement with the blocks in it unfolded."""
        guarded, self.guarded = self.guarded, self.guarded or isinstance(node, ast.Try | ast.TryStar)
        new = map_blocks(node, self.block)
        self.guarded = guarded
        return new

    def found_later(self, targets: list[ast.expr], value: ast.expr) -> Block:
        """`a[f()] = value`: the value is there before `f` is called, and each target bound before the next is looked for."""
        done: Block = []
        value = self.held(value, [], done)
        for target in targets:
            if isinstance(target, ast.Tuple | ast.List) and self.may_change(target):
                names = [self.fresh("t") for _ in target.elts]
                whole = ast.Tuple([name_node(name, target, ast.Store()) for name in names], ast.Store())
                done.append(self.located(ast.Assign([ast.copy_location(whole, target)], value)))
                for item, name in zip(target.elts, names, strict=True):
                    done += self.found_later([item], name_node(name, item))
            else:
                own = [self.held(part, [], done) if self.may_change(part) else part for part in parts_of(target)]
                done.append(self.located(ast.Assign([with_parts(target, own)], value)))
        return done

    def updated(self, node: ast.AugAssign, later: Block, before: Block) -> ast.stmt:
        """`a[f()] += g()`, where `later` has to run before what is added is there: the element is read, and where it is
        found, before that.
        """
        node = changed(node, target=self.with_named_root(node.target, before))
        if not later or isinstance(node.target, ast.Name):
            before += later
            return node
        parts = parts_of(node.target)
        if not any(map(self.may_change, [*later, *parts])):
            before += later
            return node
        target = with_parts(node.target, [self.held(part, later, before) for part in parts])
        roots = {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
        seen = self.kept.union(*(free_names(s) for s in later))
        if not roots & seen or not any(map(self.may_change, later)):
            before += later
            return changed(node, target=target)
        name = self.fresh("t")
        before += [*self.assigned(name, changed(target, ctx=ast.Load())), *later]
        before.append(changed(node, target=name_node(name, node, ast.Store())))
        return self.located(ast.Assign([target], name_node(name, node)))

    def with_named_root(self, target: ast.expr, before: Block) -> ast.expr:
        """`g(x)[i]` with a name for what the call gives, of which a part is updated."""
        match target:
            case ast.Subscript(value=ast.Call() as call) | ast.Attribute(value=ast.Call() as call):
                name = self.fresh("t")
                before += self.assigned(name, call)
                return changed(target, value=name_node(name, call))
            case ast.Subscript(value=value) | ast.Attribute(value=value):
                return changed(target, value=self.with_named_root(value, before))
        return target

    def repeated(self, node: ast.While, test: ast.expr) -> Block:
        """A while loop: what its test hides is done before the first round and at the end of each."""
        before: Block = []
        test = self.value(test, before)
        if before and continues_guarded(node.body):
            return self.endless(node, before, test)
        body = self.block(node.body)
        again = [*before_continue(body, before), *before] if before else body
        return [*before, changed(node, test=test, body=again, orelse=self.block(node.orelse))]

    def endless(self, node: ast.While, before: Block, test: ast.expr) -> Block:
        """A while loop whose test stands in its rounds, as `continue` in a `try` does not reach it before its `finally`."""
        if leaves(node.orelse):
            raise Unsupported(node.test, "NamedExpr")
        stop = self.located(ast.If(ast.UnaryOp(ast.Not(), test), [*self.block(node.orelse), ast.Break()], []))
        place = self.place
        body = self.block(node.body)
        self.place = place
        always = ast.copy_location(ast.Constant(True), node.test)
        return [changed(node, test=always, body=[*before, stop, *body], orelse=[])]

    def loop(self, node: ast.For, target: ast.expr, iterable: ast.expr) -> Block:
        before: Block = []
        if isinstance(iterable, ast.Name) and iterable.id in self.iterators:
            held = self.iterators[iterable.id]
            iterable = held.rest(iterable)
            node = changed(node, body=[*lines_at(held.passed(), node), *node.body])
        target, iterable, around = self.run(target, iterable, before)
        if has_star(target):
            name = self.fresh("item")
            target, start = name_node(name, node, ast.Store()), self.unpacked(target, name_node(name, node))
        else:
            start = []
        inner = self.block(node.body)
        self.place = node
        body = around([*start, *inner])
        return [*before, changed(node, target=target, iter=iterable, body=body, orelse=self.block(node.orelse))]

    def is_own(self, name: str, value: ast.expr) -> bool:
        """True if nobody can see the variable while it is filled."""
        return name not in free_names(value) and name not in self.kept and not self.guarded

    # ------------------------------------------------------------ expressions

    def value(self, node: ast.expr, before: Block) -> ast.expr:
        """An expression with the same value, after the statements that are added to `before`."""
        if not self.hides(node):
            return node
        match node:
            case Spread(target=target, value=value, result=result):
                before.append(self.located(ast.Assign([target], self.value(value, before))))
                return ast.copy_location(ast.Constant(None), node) if result is None else name_node(result, node)
            case ast.NamedExpr(target=target, value=value):
                before += self.assigned(target.id, self.value(value, before))
                return name_node(target.id, node)
            case ast.ListComp() | ast.DictComp():
                name = self.fresh("items")
                before += self.gathered(node, name, "part")
                return name_node(name, node)
            case ast.SetComp(elt=elt, generators=generators) if self.has_effect(node):
                items = self.value(ast.copy_location(ast.ListComp(elt, generators), node), before)
                return self.called("set", [items], node)
            case ast.Lambda(args=args):
                return changed(node, args=self.defaults(args, before))
            case ast.SetComp() | ast.GeneratorExp():
                return node
            case ast.BoolOp(op=op, values=values):
                return self.shortcut(node, isinstance(op, ast.And), values, before)
            case ast.Compare(ops=[_, _, *_]):
                return self.chain(node, before)
            case ast.IfExp():
                return self.choice(node, before)
            case ast.Call():
                found = called(node, before, self)
                return self.call(node, before) if found is None else found
        return with_parts(node, self.sequence(parts_of(node), before))

    def hides(self, node: ast.AST) -> bool:
        """True if there may be a statement in the expression; the body of a lambda is looked into where it is lowered."""
        if isinstance(node, _HIDING) or (isinstance(node, ast.Call) and _last_name(node.func) in _HIDDEN_IN_CALLS):
            return True
        if isinstance(node, ast.Call) and _last_name(node.func) in _TAKING_ALL:
            return any(isinstance(arg, ast.Call) or self.hides(arg) for arg in node.args)
        if isinstance(node, ast.Name):
            return node.id in self.iterators
        if isinstance(node, ast.Lambda):
            return self.hides(node.args)
        if isinstance(node, ast.JoinedStr):
            return has_walrus(node)
        return any(map(self.hides, ast.iter_child_nodes(node)))

    def sequence(self, parts: list[ast.expr], before: Block) -> list[ast.expr]:
        """Expressions that are evaluated one after the other."""
        done: list[ast.expr] = []
        for part in parts:
            own: Block = []
            new = self.value(part, own)
            if own:
                done = [self.held(earlier, own, before) for earlier in done]
            before += own
            done.append(new)
        return done

    def call(self, node: ast.Call, before: Block) -> ast.expr:
        """A call whose arguments hide statements: of a method, it is the object that is there before them."""
        func, *args = parts_of(node)
        own: Block = []
        args = self.sequence(args, own)
        func = self.value(func, before)
        if not own:
            return with_parts(node, [func, *args])
        if isinstance(func, ast.Attribute) and not self.stays(func, own):
            func = changed(func, value=self.held(func.value, own, before))
        else:
            func = self.held(func, own, before)
        before += own
        return with_parts(node, [func, *args])

    def held(self, node: ast.expr, later: Block, before: Block) -> ast.expr:
        """An operand that is evaluated before the statements `later`: under a name if these could change its value."""
        if isinstance(node, ast.Starred) and not self.stays(node, later):
            return changed(node, value=self.held(node.value, later, before))
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or self.stays(node, later):
            return node
        in_index = isinstance(node, ast.Tuple) and any(isinstance(part, ast.Slice) for part in node.elts)
        if in_index or isinstance(node, ast.Slice):
            return with_parts(node, [self.held(part, later, before) for part in parts_of(node)])
        name = self.fresh("t")
        before += self.assigned(name, node)
        return name_node(name, node)

    def stays(self, node: ast.expr, later: Block) -> bool:
        """True if the expression may be evaluated after the statements, too."""
        if set(free_names(node)) & {name for s in later for name in stored_names(s)}:
            return False
        # Whatever else is read may be changed by what runs later, be it the method of a class behind an operator.
        plain = isinstance(node, ast.Name | ast.Constant | ast.Lambda | ast.GeneratorExp | ast.SetComp)
        return plain or self.library(node) is not None

    def has_effect(self, node: ast.AST) -> bool:
        """True for code that may do more than give its value: calls of anything but pure functions of libraries."""
        if isinstance(node, ast.Lambda):
            return False
        if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.Call) and not self.is_pure(node.func):
            return True
        return any(map(self.has_effect, ast.iter_child_nodes(node)))

    def may_change(self, node: ast.AST) -> bool:
        """True for code that may change an object: calls of functions and methods that are of no library."""
        if isinstance(node, ast.Call) and self.library(node.func) is None and not self.is_own_append(node.func):
            return True
        return any(map(self.may_change, ast.iter_child_nodes(node))) or self.has_effect(node)

    def is_own_append(self, func: ast.expr) -> bool:
        match func:
            case ast.Attribute(value=ast.Name(id=name), attr="append"):
                return name in self.made
        return False

    def is_pure(self, func: ast.expr) -> bool:
        if self.is_own_append(func):
            return True
        match func:
            case ast.Attribute(attr=attr) if registry.method_key(attr) is not None:
                return True
            case ast.Attribute(attr="keys" | "values" | "items" | "get" | "index" | "copy"):
                return True
        found = self.library(func)
        return found is not None and found not in _EFFECTS

    # ---------------------------------------------------------- only sometimes

    def shortcut(self, node: ast.BoolOp, is_and: bool, values: list[ast.expr], before: Block) -> ast.expr:
        """`a and b`, `a or b`: an operand that hides statements is reached under an `if`."""
        first = self.value(values[0], before)
        rest: list[tuple[Block, ast.expr]] = []
        for value in values[1:]:
            own: Block = []
            rest.append((own, self.value(value, own)))
        if not any(own for own, _ in rest):
            return changed(node, values=[first, *(value for _, value in rest)])
        name = self.fresh("t")
        before += self.assigned(name, first)
        place = before
        for own, value in rest:
            test = name_node(name, node)
            inner = [*own, *self.assigned(name, value)]
            branch = ast.If(test if is_and else ast.UnaryOp(ast.Not(), test), inner, [])
            place.append(self.located(branch))
            place = inner
        return name_node(name, node)

    def chain(self, node: ast.Compare, before: Block) -> ast.expr:
        """`a < b < c`, where `c` may not be reached."""
        parts = [node.left, *node.comparators]
        if not any(self.hides(part) for part in parts[2:]):
            return with_parts(node, self.sequence(parts, before))
        left: ast.expr = node.left
        tests: list[ast.expr] = []
        for op, right in zip(node.ops, node.comparators, strict=True):
            name = self.fresh("t")
            named = ast.copy_location(ast.NamedExpr(ast.Name(name, ast.Store()), right), right)
            tests.append(ast.copy_location(ast.Compare(left, [op], [named]), node))
            left = name_node(name, right)
        return self.value(ast.copy_location(ast.BoolOp(ast.And(), tests), node), before)

    def choice(self, node: ast.IfExp, before: Block) -> ast.expr:
        test = self.value(node.test, before)
        then: Block = []
        orelse: Block = []
        body, other = self.value(node.body, then), self.value(node.orelse, orelse)
        if not then and not orelse:
            return changed(node, test=test, body=body, orelse=other)
        name = self.fresh("t")
        then += self.assigned(name, body)
        orelse += self.assigned(name, other)
        before.append(self.located(ast.If(test, then, orelse)))
        return name_node(name, node)

    # ------------------------------------------------------------ comprehensions

    def gathered(self, node: ast.ListComp | ast.DictComp, name: str, use: str) -> Block:
        """The loop that makes a list or dict of a comprehension, under a name that the comprehension does not read."""
        before: Block = []
        generators, elements = self.apart(node.generators, parts_of(node))
        body: Block = []
        elements = self.within(generators).sequence(elements, body)
        if isinstance(node, ast.DictComp):
            empty: ast.expr = ast.Dict([], [])
            if any(map(self.may_change, elements)):
                # An assignment evaluates the value first.
                elements[0] = self.held(elements[0], [], body)
            target = ast.copy_location(ast.Subscript(name_node(name, node), elements[0], ast.Store()), node)
            body.append(self.located(ast.Assign([target], elements[1])))
        else:
            empty = ast.List([], ast.Load())
            body.append(self.located(ast.Expr(self.method(name, "append", elements, node))))
        loop = self.nest(generators, body, before)
        loop.use = use
        return [*before, *self.assigned(name, ast.copy_location(empty, node)), loop]

    def apart(
        self, generators: list[ast.comprehension], elements: list[ast.expr]
    ) -> tuple[list[ast.comprehension], list[ast.expr]]:
        """A comprehension whose variables are no others of the function: they do not outlive it."""
        bound = [name for generator in generators for name in sorted(stored_names(generator.target))]
        new = {name: self.fresh(name) for name in dict.fromkeys(bound) if name in self.outer}
        own = [changed(one, target=renamed(one.target, new), ifs=[renamed(test, new) for test in one.ifs])
               for one in generators]  # fmt: skip
        rest = [changed(one, iter=renamed(one.iter, new)) for one in own[1:]]
        return [own[0], *rest], [renamed(element, new) for element in elements]

    def within(self, generators: list[ast.comprehension]) -> Unfolding:
        """The same inside of comprehensions with these heads: those in it have other variables."""
        return replace(self, outer=self.outer.union(*(stored_names(one.target) for one in generators)))

    def nest(self, generators: list[ast.comprehension], body: Block, before: Block) -> Gathering:
        """Loops in loops; what the first iterable hides goes to `before`."""
        generator, *rest = generators
        inside = self.within([generator])
        if rest:
            own: Block = []
            loop = inside.nest(rest, body, own)
            body = [*own, loop]
        body = inside.under(generator.ifs, body)
        target, iterable, around = self.run(generator.target, generator.iter, before)
        if has_star(target):
            name = self.fresh("item")
            body = [*self.unpacked(target, name_node(name, target)), *body]
            target = name_node(name, target, ast.Store())
        return self.located(Gathering(target, iterable, around(body), []))

    def under(self, tests: list[ast.expr], body: Block) -> Block:
        """A block that is run where all tests hold."""
        for test in reversed(tests):
            own: Block = []
            test = self.value(test, own)
            body = [*own, self.located(ast.If(test, body, []))]
        return body

    def run(
        self, target: ast.expr, iterable: ast.expr, before: Block
    ) -> tuple[ast.expr, ast.expr, Callable[[Block], Block]]:
        """What a loop over generators, `map` or `filter` runs over itself, and what each round does before its body."""
        generator = as_generator(iterable, self)
        if generator is None:
            return self.run_beside(target, iterable, before)
        (one,), (element,) = self.apart(generator.generators, [generator.elt])
        own = self.within([one])
        inner, iterable, around = self.run(one.target, one.iter, before)
        start: Block = []
        element = own.value(element, start)
        if _same(element, inner) and not one.ifs:
            return target, iterable, around

        def body_of(body: Block) -> Block:
            first = self.located(ast.Assign([target], element))
            return around(own.under(one.ifs, [*start, first, *body]))

        return inner, iterable, body_of

    def run_beside(
        self, target: ast.expr, iterable: ast.expr, before: Block
    ) -> tuple[ast.expr, ast.expr, Callable[[Block], Block]]:
        """The same for `enumerate` and `zip` of generators, of which each round takes one element."""
        numbered = counted(target, iterable, self)
        if numbered is not None:
            return self.run(*numbered, before)
        own = parallel(target, iterable, self)
        if own is None:
            return target, self.value(with_sums(iterable, before, self), before), lambda body: body
        targets, parts, made = own
        runs: list[tuple[ast.expr, ast.expr, Callable[[Block], Block]]] = []
        # All of them have their variables at the same time.
        taken = self.outer | stored_names(target)
        for item, part in zip(targets, parts, strict=True):
            runs.append(replace(self, outer=taken).run(item, part, before))
            taken |= bound_within(part)

        def body_of(body: Block) -> Block:
            for _, _, around in reversed(runs):
                body = around(body)
            return body

        return *made([one for one, _, _ in runs], [part for _, part, _ in runs]), body_of

    # -------------------------------------------------------------- unpacking

    def unpacked(self, target: ast.expr, value: ast.expr) -> Block:
        """`first, *rest = value` by position."""
        before: Block = []
        value = self.value(value, before)
        assert isinstance(target, ast.Tuple | ast.List)
        name = self.fresh("t")
        whole = name_node(name, value)
        before += self.assigned(name, self.called("list", [value], value))
        place = next((k for k, item in enumerate(target.elts) if isinstance(item, ast.Starred)), None)
        if place is None:
            # A star is in a part of the target.
            parts = [self.fresh("t") for _ in target.elts]
            own = ast.Tuple([name_node(part, target, ast.Store()) for part in parts], ast.Store())
            before.append(self.located(ast.Assign([ast.copy_location(own, target)], whole)))
            pairs = zip(target.elts, (name_node(part, target) for part in parts), strict=True)
            return [*before, *(s for item, part in pairs for s in self.bound(item, part))]
        behind = len(target.elts) - place - 1
        if place and behind:
            before.append(self.enough(name, place + behind))
        rest = ast.Slice(ast.Constant(place) if place else None, ast.Constant(-behind) if behind else None)
        for k, item in enumerate(target.elts):
            index: ast.expr = ast.Constant(k if k < place else k - len(target.elts))
            item, index = (item.value, rest) if isinstance(item, ast.Starred) else (item, index)
            part = ast.copy_location(ast.Subscript(whole, ast.copy_location(index, item), ast.Load()), item)
            before += self.bound(item, ast.fix_missing_locations(part))
        return before

    def rows_of(self, targets: list[ast.expr], call: ast.Call) -> ast.Name | None:
        """The variable of which `a, b = zip(*rows)` takes the columns; None for other assignments."""
        match call:
            case ast.Call(func=func, args=[ast.Starred(value=ast.Name(id=name) as rows)], keywords=[]):
                names = {target.id for target in targets if isinstance(target, ast.Name)}
                if self.library(func) == "zip" and len(names) == len(targets) and name not in names:
                    return rows
        return None

    def columns(self, targets: list[ast.expr], rows: ast.Name, call: ast.Call) -> Block:
        """`a, b = zip(*rows)` column by column."""
        message = f"not enough values to unpack (expected {len(targets)}, got 0)"
        (check,) = ast.parse(f"if len({rows.id}) == 0:\n    raise ValueError({message!r})").body
        done: Block = [self.located(check)]
        for target in targets:
            parts = [self.fresh("part") for _ in targets]
            own = ast.Tuple([name_node(part, target, ast.Store()) for part in parts], ast.Store())
            element = name_node(parts[len(done) - 1], target)
            loop = ast.comprehension(ast.copy_location(own, target), rows, [], 0)
            column = ast.copy_location(ast.ListComp(element, [loop]), call)
            done.append(self.located(ast.Assign([target], self.called("tuple", [column], call))))
        return [line for s in done for line in ([s] if s is done[0] else self.statement(s))]

    def bound(self, target: ast.expr, value: ast.expr) -> Block:
        if has_star(target):
            return self.unpacked(target, value)
        return [self.located(ast.Assign([target], value))]

    def enough(self, name: str, count: int) -> ast.stmt:
        """The error of Python where a sequence is too short to be unpacked."""
        message = f'f"not enough values to unpack (expected at least {count}, got {{len({name})}})"'
        (check,) = ast.parse(f"if len({name}) < {count}:\n    raise ValueError({message})").body
        return self.located(check)

    # ------------------------------------------------------------------ making

    def fresh(self, wish: str) -> str:
        """A new name, which may be bound in what this makes."""
        name = self.names.unique(wish)
        self.made.add(name)
        return name

    def assigned(self, name: str, value: ast.expr) -> Block:
        return [self.located(ast.Assign([name_node(name, value, ast.Store())], value))]

    def called(self, name: str, args: list[ast.expr], node: ast.AST) -> ast.expr:
        """A call of one of Python's own functions."""
        return _located_expr(ast.Call(ast.Name(name, ast.Load()), args, []), node)

    def method(self, name: str, attr: str, args: list[ast.expr], node: ast.AST) -> ast.expr:
        func = ast.copy_location(ast.Attribute(name_node(name, node), attr, ast.Load()), node)
        return ast.copy_location(ast.Call(func, args, []), node)

    def located(self, new: Node) -> Node:
        """A new statement, in the place of the one that it comes from; of a compound statement that is its head."""
        place = self.place
        head = (
            place.test if isinstance(place, ast.While | ast.If) else place.iter if isinstance(place, ast.For) else place
        )
        return ast.fix_missing_locations(ast.copy_location(new, head))


def _located_expr(new: ast.expr, place: ast.AST) -> ast.expr:
    return ast.fix_missing_locations(ast.copy_location(new, place))


def _last_name(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _same(element: ast.expr, target: ast.expr) -> bool:
    return isinstance(element, ast.Name) and isinstance(target, ast.Name) and element.id == target.id
