"""Python's functions over iterators as comprehensions and loops: `map`, `filter`, `reduce`, `any`, `next`, `sum(… for …)`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from s2sad.frontend.accumulated import accumulated
from s2sad.frontend.binding import free_names, renamed, stored_names
from s2sad.frontend.pieces import builtin_call, changed, lambda_parameters, lines_at, listed, name_node
from s2sad.syntax import Unsupported

if TYPE_CHECKING:
    from s2sad.frontend.unfold import Unfolding

__all__ = ["as_generator", "called", "counted", "has_walrus", "parallel"]

#: What takes all elements of its first argument, and nothing else, before it returns.
_CONSUMERS = frozenset("sum list tuple set frozenset sorted min max math.fsum math.prod".split())
_RUNNERS = frozenset("zip enumerate reversed".split())
_ITERATORS = frozenset("map filter itertools.starmap".split())


def has_walrus(node: ast.AST) -> bool:
    return any(isinstance(part, ast.NamedExpr) for part in ast.walk(node))


def as_generator(node: ast.expr, u: Unfolding) -> ast.GeneratorExp | None:
    """What `map`, `filter` and a generator expression with one `for` run over, as the latter."""
    match node:
        case ast.GeneratorExp(generators=[one]) if not one.is_async:
            return node
        case ast.Call(func=func, args=[function, *iterables], keywords=[]) if iterables:
            name = u.library(func)
            if name in _ITERATORS and not any(isinstance(arg, ast.Starred) for arg in node.args):
                return _mapped(name, function, iterables, node, u)
    return None


Made = Callable[[list[ast.expr], list[ast.expr]], tuple[ast.expr, ast.expr]]


def parallel(target: ast.expr, iterable: ast.expr, u: Unfolding) -> tuple[list[ast.expr], list[ast.expr], Made] | None:
    """The parts of `enumerate` and `zip` of generators that take every element, with their targets; and how a loop's head is
    made of others.
    """
    if not isinstance(iterable, ast.Call) or not isinstance(target, ast.Tuple):
        return None
    func, args, keywords = iterable.func, iterable.args, iterable.keywords
    generators = [as_generator(arg, u) for arg in args]
    if not any(generators) or any(one is not None and one.generators[0].ifs for one in generators):
        return None

    def made(targets: list[ast.expr], parts: list[ast.expr]) -> tuple[ast.expr, ast.expr]:
        rest = args[len(parts) :]
        head = ast.copy_location(ast.Call(func, [*parts, *rest], keywords), iterable)
        return ast.copy_location(ast.Tuple([*first, *targets], ast.Store()), target), head

    match u.library(func), target.elts:
        case "zip", elts if len(elts) == len(args):
            first: list[ast.expr] = []
            return elts, args, made
        case "enumerate", [number, part]:
            first = [number]
            return [part], args[:1], made
    return None


def counted(target: ast.expr, iterable: ast.expr, u: Unfolding) -> tuple[ast.expr, ast.expr] | None:
    """`enumerate(xs, start)` with its target for `zip(itertools.count(start), xs)`."""
    match iterable, target:
        case ast.Call(func=func, args=[a, b], keywords=[]), ast.Tuple(elts=[first, second]) if u.library(func) == "zip":
            pairs = [(a, first, b, second), (b, second, a, first)]
        case _:
            return None
    for count, number, items, part in pairs:
        match count:
            case ast.Call(func=func, args=start, keywords=[]) if (
                len(start) < 2 and u.library(func) == "itertools.count"
            ):
                head = ast.copy_location(ast.Tuple([number, part], ast.Store()), target)
                return head, builtin_call("enumerate", [items, *start], iterable)
    return None


def _mapped(
    name: str, function: ast.expr, iterables: list[ast.expr], node: ast.Call, u: Unfolding
) -> ast.GeneratorExp | None:
    """`f(v) for v in xs` for `map(f, xs)`; a lambda's body for its call."""
    one = iterables[0] if len(iterables) == 1 else builtin_call("zip", iterables, node)
    match name, function:
        case "filter", ast.Lambda():
            args = lambda_parameters(function, 1)
            return None if args is None else _generator(name_node(args[0], node), args, one, [function.body], node)
        case "filter", _:
            item = u.fresh("item")
            test: ast.expr = name_node(item, node)
            if not (isinstance(function, ast.Constant) and function.value is None):
                test = _applied(function, [test], node)
            return _generator(name_node(item, node), [item], one, [test], node)
        case "map", ast.Lambda():
            args = lambda_parameters(function, len(iterables))
            return None if args is None else _generator(function.body, args, one, [], node)
        case (("map" | "itertools.starmap"), ast.Name() | ast.Attribute()) if _is_rebound(function, u.place):
            raise Unsupported(function, "Rebound")
        case "map", ast.Name() | ast.Attribute():
            items = [u.fresh("item") for _ in iterables]
            return _generator(_applied(function, [name_node(item, node) for item in items], node), items, one, [], node)
        case "itertools.starmap", ast.Name() | ast.Attribute():
            item = u.fresh("item")
            star = ast.copy_location(ast.Starred(name_node(item, node), ast.Load()), node)
            return _generator(_applied(function, [star], node), [item], one, [], node)
    return None


def _is_rebound(function: ast.expr, place: ast.stmt) -> bool:
    """True for a function whose variable the loop over a `map` of it assigns: `map` has the one that it was."""
    return isinstance(place, ast.For) and any(
        name in stored_names(s) for s in place.body for name in free_names(function)
    )


def called(node: ast.Call, before: list[ast.stmt], u: Unfolding) -> ast.expr | None:
    """A call of a function over iterators without what hides in it; None for any other call."""
    name = u.library(node.func)
    match name, node.args, node.keywords:
        case (("any" | "all"), [argument], []) if u.has_effect(argument):
            generator = as_generator(argument, u)
            return None if generator is None else _searched(name == "any", generator, before, u)
        case "next", [ast.Name(id=it), *default], [] if it in u.iterators:
            own = u.fresh("item")
            before += u.block(lines_at(u.iterators[it].taken(own, default[0] if default else None), u.place))
            return name_node(own, node)
        case _, [ast.Name(id=it)], [] if it in u.iterators:
            own = u.fresh("items")
            before += lines_at(u.iterators[it].all_taken(own), u.place)
            return _changed_call(node, [name_node(own, node)])
        case "next", [made, *default], [] if (generator := _elements(made, u)) is not None and len(default) < 2:
            return _first(generator, default[0] if default else None, before, u)
        case "functools.reduce", [function, iterable, *start], [] if len(start) < 2:
            return _reduced(function, iterable, start, node, before, u)
        case (("min" | "max"), [argument], keywords) if (key := _key(keywords, u)) is not None:
            return _selected(node, argument, key, before, u)
        case (("min" | "max"), [_, _, *_] as args, [ast.keyword(arg="key")]) if (
            key := _key(node.keywords, u)
        ) is not None and not any(isinstance(arg, ast.Starred) for arg in args):
            return _selected(node, ast.copy_location(ast.List(args, ast.Load()), node), key, before, u)
        case (("min" | "max"), [argument], [ast.keyword(arg="default", value=default)]):
            argument, default = _with_default(argument, default, before, u)
            items = _as_list(argument, before, u)
            plain = _changed_call(node, [items])
            choice = ast.copy_location(ast.IfExp(builtin_call("len", [items], node), plain, default), node)
            return u.value(choice, before)
        case _, [argument, *rest], keywords if name in _CONSUMERS and _is_generated(argument, u):
            if any(map(u.hides, [*rest, *(keyword.value for keyword in keywords)])):
                return None
            if name == "list" and not rest and not keywords:
                return _items(argument, before, u)
            items = _items(argument, before, u, "part" if rest or keywords else "generator")
            return _changed_call(node, [items, *rest])
        case "dict", [ast.GeneratorExp(elt=ast.Tuple(elts=[key, value]), generators=generators)], []:
            return u.value(ast.copy_location(ast.DictComp(key, value, generators), node), before)
    return None


def _is_generated(node: ast.expr, u: Unfolding) -> bool:
    return isinstance(node, ast.GeneratorExp) or as_generator(node, u) is not None or _is_iterator(node, u)


def _is_iterator(node: ast.expr, u: Unfolding) -> bool:
    """True for what hands out elements of other sequences, or of dicts, one after the other."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("items", "values"):
        return not node.args and not node.keywords
    name = u.library(node.func)
    return name is not None and (name in _RUNNERS or name.startswith("itertools."))


def _items(node: ast.expr, before: list[ast.stmt], u: Unfolding, use: str = "part") -> ast.expr:
    """The elements of a generator as a list."""
    if (found := accumulated(node, before, u, is_all=True)) is not None:
        return found
    generator = as_generator(node, u) or node
    if _is_iterator(generator, u):
        item = u.fresh("item")
        generator = _generator(name_node(item, node), [item], generator, [], node)
    assert isinstance(generator, ast.GeneratorExp)
    name = u.fresh("items")
    items = ast.copy_location(ast.ListComp(generator.elt, generator.generators), node)
    before += u.gathered(items, name, use)
    return name_node(name, node)


def _as_list(node: ast.expr, before: list[ast.stmt], u: Unfolding) -> ast.expr:
    """A sequence that can be read more than once."""
    if _is_generated(node, u):
        return _items(node, before, u)
    if isinstance(node, ast.Name):
        return node
    name = u.fresh("items")
    before += u.assigned(name, u.value(node, before))
    return name_node(name, node)


def _searched(is_any: bool, generator: ast.GeneratorExp, before: list[ast.stmt], u: Unfolding) -> ast.expr:
    """`any` and `all`, which stop where they know."""
    name = u.fresh("found" if is_any else "holds")
    generators, (test,) = u.apart(generator.generators, [generator.elt])
    inner: list[ast.stmt] = []
    test = u.within(generators).value(test, inner)
    if not is_any:
        test = ast.copy_location(ast.UnaryOp(ast.Not(), test), generator)
    stop: list[ast.stmt] = [*u.assigned(name, ast.copy_location(ast.Constant(is_any), generator)), ast.Break()]
    loop = u.nest(generators, [*inner, u.located(ast.If(test, stop, []))], before)
    before += u.assigned(name, ast.copy_location(ast.Constant(not is_any), generator))
    before.append(loop)
    return name_node(name, generator)


def _elements(node: ast.expr, u: Unfolding) -> ast.GeneratorExp | None:
    """What a generator yields, as a generator expression."""
    if isinstance(node, ast.GeneratorExp):
        return node
    if not isinstance(node, ast.Call) or not u.makes(node.func):
        return None
    item = u.fresh("item")
    return _generator(name_node(item, node), [item], node, [], node)


def _first(
    generator: ast.GeneratorExp, default: ast.expr | None, before: list[ast.stmt], u: Unfolding
) -> ast.expr | None:
    """The first element, or `default` where there is none."""
    if len(generator.generators) > 1 or (default is not None and u.hides(default)):
        return None
    name = u.fresh("found")
    generators, (element,) = u.apart(generator.generators, [generator.elt])
    inner: list[ast.stmt] = []
    element = u.within(generators).value(element, inner)
    loop = u.nest(generators, [*inner, *u.assigned(name, element), u.located(ast.Break())], before)
    if default is None:
        loop.orelse = lines_at("raise StopIteration", u.place)
        before.append(loop)
    else:
        before += [*u.assigned(name, default), loop]
    return name_node(name, generator)


def _reduced(
    function: ast.expr, iterable: ast.expr, start: list[ast.expr], node: ast.Call, before: list[ast.stmt], u: Unfolding
) -> ast.expr | None:
    name, item = u.fresh("t"), u.fresh("item")
    match function:
        case ast.Lambda():
            args = lambda_parameters(function, 2)
            if args is None:
                return None
            step = renamed(function.body, {args[0]: name, args[1]: item})
        case ast.Name() | ast.Attribute():
            step = _applied(function, [name_node(name, node), name_node(item, node)], node)
        case _:
            return None
    if start:
        items, first = u.sequence([iterable, start[0]], before)
        if u.may_change(items) or u.may_change(first):
            items = u.held(items, [], before)
        before += u.assigned(name, first)
    else:
        items = _as_list(iterable, before, u)
        first = ast.copy_location(ast.Subscript(items, ast.Constant(0), ast.Load()), node)
        rest = ast.Slice(ast.Constant(1), None)
        before += u.assigned(name, first)
        items = ast.fix_missing_locations(ast.copy_location(ast.Subscript(items, rest, ast.Load()), node))
    body: list[ast.stmt] = []
    step = u.value(step, body)
    target = ast.copy_location(ast.Name(item, ast.Store()), node)
    before.append(u.located(ast.For(target, items, [*body, *u.assigned(name, step)], [])))
    return name_node(name, node)


def _key(keywords: list[ast.keyword], u: Unfolding) -> ast.expr | None:
    """The function that is the argument `key` of `min`, `max` or `sorted`; None where there is no such, or other arguments."""
    given = {keyword.arg: keyword.value for keyword in keywords}
    if not given.keys() <= {"key", "default", "reverse"}:
        return None
    match given.get("key"):
        case ast.Lambda() | ast.Name() as key:
            return key
        case ast.Attribute() as key if u.library(key) is not None:
            return key
        case ast.Call(func=func, args=[ast.Constant(value=place)], keywords=[]) as key:
            return _getter(u.library(func), place, key, u)
    return None


def _getter(name: str | None, place: object, node: ast.Call, u: Unfolding) -> ast.expr | None:
    """`operator.itemgetter(1)` and `operator.attrgetter("x")` as lambdas."""
    own = u.fresh("item")
    match name, place:
        case "operator.itemgetter", _:
            text = f"lambda {own}: {own}[{place!r}]"
        case "operator.attrgetter", str() if place.isidentifier():
            text = f"lambda {own}: {own}.{place}"
        case _:
            return None
    return ast.fix_missing_locations(ast.copy_location(ast.parse(text, mode="eval").body, node))


def _with_default(
    argument: ast.expr, default: ast.expr, before: list[ast.stmt], u: Unfolding
) -> tuple[ast.expr, ast.expr]:
    """The arguments of `max(xs, default=v)`, where `v` is evaluated in any case."""
    if not u.has_effect(default):
        return argument, default
    own: list[ast.stmt] = []
    default = u.held(u.value(default, own), [], own)
    if not _is_generated(argument, u):
        argument = u.held(u.value(argument, before), own, before)
    before += own
    return argument, default


def _selected(node: ast.Call, argument: ast.expr, key: ast.expr, before: list[ast.stmt], u: Unfolding) -> ast.expr:
    """`max(xs, key=f)`: the element in the place where the largest of the keys stands first."""
    default = next((keyword.value for keyword in node.keywords if keyword.arg == "default"), None)
    if default is not None:
        argument, default = _with_default(argument, default, before, u)
    items = u.fresh("items")
    whole = _items(argument, before, u) if _is_generated(argument, u) else u.value(argument, before)
    before += u.assigned(items, whole if isinstance(whole, ast.List) else listed(whole, node))
    keys = u.fresh("keys")
    one = u.fresh("item")
    if isinstance(key, ast.Lambda) and (args := lambda_parameters(key, 1)) is not None:
        element = renamed(key.body, {args[0]: one})
    else:
        element = _applied(key, [name_node(one, node)], node)
    generator = _generator(element, [one], name_node(items, node), [], node)
    before += u.gathered(ast.copy_location(ast.ListComp(element, generator.generators), node), keys, "part")
    best = _changed_call(node, [builtin_call("range", [builtin_call("len", [name_node(keys, node)], node)], node)])
    keyword = ast.keyword("key", ast.Attribute(name_node(keys, node), "__getitem__", ast.Load()))
    place = u.fresh("place")
    chosen = u.assigned(place, changed(best, keywords=[keyword]))
    element = ast.Subscript(name_node(items, node), name_node(place, node), ast.Load())
    found = ast.fix_missing_locations(ast.copy_location(element, node))
    if default is None:
        before += chosen
        return found
    name = u.fresh("t")
    branch = ast.If(
        builtin_call("len", [name_node(keys, node)], node),
        [*chosen, *u.assigned(name, found)],
        u.assigned(name, default),
    )
    before.append(u.located(branch))
    return name_node(name, node)


# ------------------------------------------------------------------------- making


def _applied(function: ast.expr, args: list[ast.expr], place: ast.AST) -> ast.Call:
    return ast.copy_location(ast.Call(function, args, []), place)


def _changed_call(node: ast.Call, args: list[ast.expr]) -> ast.Call:
    keywords = [keyword for keyword in node.keywords if keyword.arg != "default"]
    return ast.copy_location(ast.Call(node.func, args, keywords), node)


def _generator(
    element: ast.expr, names: list[str], iterable: ast.expr, tests: list[ast.expr], place: ast.AST
) -> ast.GeneratorExp:
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
    one = ast.comprehension(target, iterable, tests, 0)
    return ast.fix_missing_locations(ast.copy_location(ast.GeneratorExp(element, [one]), place))
