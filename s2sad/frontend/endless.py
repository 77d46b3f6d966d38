"""Loops over `itertools.count`, `cycle` and `repeat`, which only end by what stands in them.

for k in itertools.count(1):           count = 1
...                            →   while True:
k = count
count += 1
...
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Assign, Aug, Block, Call, Const, Def, Expr, For, Function, Global, Name, Statement, TupleOf, While
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.traversal import bound_names, expressions, map_blocks, reads, walk

__all__ = ["without_endless"]


def without_endless(function: Function, unit: Unit) -> Function:
    """The function with `while` loops for those over something that has no end."""
    names = Names([*reads(function), *bound_names(function)])
    done = replace(function, body=_block(function.body, names))
    for part in (part for node in expressions(done.body) for part in walk(node)):
        match part:
            case Call(func=Global(dotted="zip" | "enumerate"), args=args) if any(map(_is_endless, args)):
                reason = "cannot differentiate what runs over something without an end beside other things"
                raise DifferentiationError("S201", reason, unit.place(part.span), "number the rounds by `enumerate`")
    return done


def _is_endless(node: Expr) -> bool:
    match node:
        case Call(func=Global(dotted="itertools.repeat"), args=args, keywords=keywords):
            return len(args) + len(keywords) == 1
    return isinstance(node, Call) and node.func in (Global("itertools.count"), Global("itertools.cycle"))


def _block(block: Block, names: Names) -> Block:
    return tuple(result for s in block for result in _statement(s, names))


def _statement(s: Statement, names: Names) -> Block:
    if isinstance(s, Def):
        return (replace(s, function=replace(s.function, body=_block(s.function.body, names))),)
    plain = map_blocks(s, lambda block: _block(block, names))
    return _loop(plain, names) if isinstance(plain, For) else (plain,)


def _loop(s: For, names: Names) -> Block:
    match s.iterable:
        case Call(func=Global(dotted="itertools.count"), args=args, keywords=keywords) if len(args) + len(keywords) < 3:
            given = dict(zip(("start", "step"), args, strict=False)) | dict(keywords)
            return _counting(s, given.get("start", Const(0)), given.get("step", Const(1)), names)
        case Call(func=Global(dotted="itertools.cycle"), args=(sequence,), keywords=()):
            return _in_turn(s, sequence, names)
        case Call(func=Global(dotted="itertools.repeat"), args=(value,), keywords=()):
            item = Name(names.unique("item"))
            return (_named(item, value, s), _while(s, Const(True), item))
        case Call(func=Global(dotted="zip"), args=parts, keywords=()) if any(map(_turns, parts)):
            return _beside(s, parts, names)
    return (s,)


def _counting(s: For, start: Expr, step: Expr, names: Names) -> Block:
    count = Name(names.unique("count"))
    before = [_named(count, start, s)]
    if not isinstance(step, Const):
        before.append(_named(Name(names.unique("step")), step, s))
        step = before[-1].target
    return (*before, _while(s, Const(True), count, Aug(count, "+", step, origin=s.origin)))


def _in_turn(s: For, sequence: Expr, names: Names) -> Block:
    items, place = Name(names.unique("items")), Name(names.unique("place"))
    before = (_named(items, Call(Global("list"), (sequence,)), s), _named(place, Const(0), s))
    item = template("items[place % len(items)]", items=items, place=place)
    loop = _while(s, template("len(items) > 0", items=items), item, Aug(place, "+", Const(1), origin=s.origin))
    return (*before, replace(loop, orelse=s.orelse))


def _turns(part: Expr) -> bool:
    return isinstance(part, Call) and part.func == Global("itertools.cycle") and len(part.args) == 1


def _beside(s: For, parts: tuple[Expr, ...], names: Names) -> Block:
    """A loop over other things beside those that come in turn: the number of the round tells which comes."""
    others = [k for k, part in enumerate(parts) if not _turns(part)]
    if not isinstance(s.target, TupleOf) or len(s.target.items) != len(parts) or not others:
        return (s,)
    place = Name(names.unique("place"))
    before: list[Statement] = []
    first: list[Statement] = []
    for target, part in zip(s.target.items, parts, strict=True):
        if isinstance(part, Call) and _turns(part):
            items = Name(names.unique("items"))
            before.append(_named(items, Call(Global("list"), part.args), s))
            item = template("items[place % len(items)]", items=items, place=place)
            first.append(Assign(target, item, origin=s.origin))
    kept = tuple(s.target.items[k] for k in others)
    over = parts[others[0]] if len(others) == 1 else Call(Global("zip"), tuple(parts[k] for k in others))
    head = TupleOf((place, kept[0] if len(kept) == 1 else TupleOf(kept)))
    loop = replace(s, target=head, iterable=Call(Global("enumerate"), (over,)), body=(*first, *s.body))
    return (*before, loop)


def _named(name: Name, value: Expr, s: For) -> Assign:
    return Assign(name, value, origin=s.origin)


def _while(s: For, test: Expr, item: Expr, *then: Statement) -> While:
    """The loop that gives `item` to the target of `s` at the beginning of each round."""
    return While(test, (Assign(s.target, item, origin=s.origin), *then, *s.body), origin=s.origin)
