"""Changes of lists and arrays in place, as assignments of new values.

`x.append(v)` is `x = _appended(x, v)`, `x[i] += v` is `x = _increased(x, i, v)`: where nobody else can see the object the
two mean the same, and the passes know nothing but values. What is written is the change in place again, of the variable as
of its tangent or adjoint (simplify/in_place.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from s2sad.analysis.parts import slice_of
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    Evaluate,
    Expr,
    Global,
    Index,
    ListOf,
    Name,
    Origin,
    Routine,
    Slice,
    Statement,
    TupleOf,
    Unary,
)
from s2sad.kind import (
    Array,
    Dict,
    Kind,
    List,
    Never,
    Number,
    Record,
    Sequence,
    Unknown,
    item_of,
    join,
    join_all,
    same_shape,
)
from s2sad.rules import helpers
from s2sad.traversal import map_blocks, names_in, statements, walk

__all__ = [
    "APPENDED",
    "INCREASED",
    "INCREASED_AT",
    "INSERTED",
    "POPPED",
    "REBOUND",
    "REPLACED",
    "are_apart",
    "changed",
    "changed_arguments",
    "changed_variables",
    "changes_elements",
    "changing_variables",
    "fills",
    "fills_part",
    "functional",
    "has_key",
    "increases",
    "is_change",
    "is_view",
    "keeps_form",
    "kind_of_change",
    "list_variables",
    "overwrites",
    "renews",
    "resizes",
    "result_target",
    "root_of",
    "selects_part",
    "settled",
    "stored_variables",
]

APPENDED = Global("_appended")
INCREASED = Global("_increased")
INCREASED_AT = Global("_increased_at")
ADDED_AT = Global("_added_at")
INSERTED = Global("_inserted")
POPPED = Global("_popped")
REPLACED = Global("_replaced")
#: `x = _rebound(x, value)`: the object of `x` is changed so that it equals `value`.
REBOUND = Global("_rebound")
_NEW_AXIS = Global("numpy.newaxis")
KindOf = Callable[[Expr], Kind]

#: Changes that add to what is there.
INCREASES = (INCREASED, INCREASED_AT, ADDED_AT)
_CHANGES = (ADDED_AT, APPENDED, INCREASED, INCREASED_AT, INSERTED, POPPED, REBOUND, REPLACED)
_ADD_AT = {
    Global("numpy.add.at"): INCREASED_AT,
    Attribute(Global("numpy.add"), "at"): INCREASED_AT,
    Global("_add_at"): ADDED_AT,
}
_SUBTRACT_AT = (Global("numpy.subtract.at"), Attribute(Global("numpy.subtract"), "at"))


def is_change(node: Expr) -> bool:
    """True for the new value of an object that is changed in place."""
    return isinstance(node, Call) and node.func in _CHANGES


def changing_variables(block: Block) -> frozenset[str]:
    """The variables whose objects are changed in place somewhere in the block."""
    return frozenset(name for s in statements(block) for name in changed_variables(s))


def list_variables(block: Block) -> frozenset[str]:
    """The variables whose objects get longer or shorter in the block, as only those of lists do."""
    return frozenset(name for s in statements(block) if (name := changed(s)) is not None and _is_of_list(s.value))  # type: ignore[attr-defined]


def _is_of_list(value: Call) -> bool:
    """True for a change that only a list takes: `pop` with an argument is a method of dicts, too."""
    return value.func in (APPENDED, INSERTED) or (value.func == POPPED and value.args[1:] in ((), (Const(-1),)))


def changed(s: Statement) -> str | None:
    """The variable whose object the statement changes in place, in the form of an assignment."""
    match s:
        case Assign(target=Name(id=name), value=value) if is_change(value):
            return name
        case Assign(target=TupleOf(items=(_, Name(id=name))), value=Call(func=func)) if func == POPPED:
            return name
    return None


def changed_arguments(node: Expr) -> tuple[Expr, ...]:
    """The arguments that a call of a function of the program changes in place."""
    match node:
        case Call(func=Routine(changes=places), args=args, keywords=keywords) if places:
            named = dict(keywords)
            return tuple(args[place] if isinstance(place, int) else named[place] for place in places)
    return ()


def changed_variables(s: Statement) -> tuple[str, ...]:
    """The variables whose objects the statement changes in place, itself or by a call, in the form of an assignment."""
    name = changed(s)
    if name is not None:
        return (name,)
    parts = changed_arguments(s.value) if isinstance(s, Assign) else ()
    return tuple(name for part in parts if (name := root_of(part)) is not None)


def result_target(s: Assign) -> Expr | None:
    """What the result of a call is assigned to that changes arguments, and is assigned to these as well."""
    assert isinstance(s.value, Call) and isinstance(s.value.func, Routine)
    if s.value.func.gives != "value":
        return None
    assert isinstance(s.target, TupleOf)
    return s.target.items[0]


def changes_elements(value: Call, origin: Origin | None, kind_of: KindOf) -> bool:
    """True for a change of an object that is itself an element of the list or dict that is changed."""
    if isinstance(kind_of(value.args[0]), Array) or fills_part(value):
        return False
    inner = value.args[-1]
    if is_change(inner):
        return True
    is_update = value.func in INCREASES
    if value.func == REPLACED and isinstance(inner, Binary) and origin is not None:
        # `xs[i] *= v` changes the array xs[i], `xs[i] = xs[i] * v` does not.
        is_update = inner.left == Index(*value.args[:2]) and f"{inner.op}=" in origin.text
    if not is_update or isinstance(value.args[1], Slice):
        return False
    return not isinstance(kind_of(Index(value.args[0], value.args[1])), Number)


def resizes(value: Call, kind_of: KindOf) -> bool:
    """True for an assignment to a slice of a list."""
    inner = value.args[-1]
    if isinstance(inner, Call) and is_change(inner):
        return resizes(inner, kind_of)
    is_list = isinstance(kind_of(value.args[0]), List | Sequence) and not keeps_form(value)
    if value.func not in (REPLACED, INCREASED) or not is_list or not isinstance(value.args[1], Slice):
        return False
    return not _same_length(kind_of(Index(value.args[0], value.args[1])), kind_of(inner))


def _same_length(a: Kind, b: Kind) -> bool:
    match a, b:
        case Sequence(items=s), Sequence(items=t):
            return len(s) == len(t)
        case List(length=m), List(length=n):
            return m is not None and m == n
    return False


def keeps_form(value: Call) -> bool:
    """True for an element that is replaced by a sum of itself and something like it."""
    match value.args:
        case (_, _, Call() as inner) if is_change(inner):
            return keeps_form(inner)
        case (old, index, Call(func=Global(dotted=dotted), args=(first, *_))):
            return helpers.known(dotted) and first == Index(old, index)
    return False


def is_view(part: Index, kind_of: KindOf) -> bool:
    """True for an element or part that is the thing itself: of an array not what integer arrays or masks select, of a list
    no slice.
    """
    match kind_of(part.value):
        case Array():
            items = part.index.items if isinstance(part.index, TupleOf) else (part.index,)
            return all(_is_basic(item, kind_of) for item in items)
        case Record() | Dict():
            return True
    kind = kind_of(part.index)
    return isinstance(kind, Number) and kind.dtype != "bool"


def _is_basic(index: Expr, kind_of: KindOf) -> bool:
    kind = kind_of(index)
    return isinstance(index, Slice | Const) or (isinstance(kind, Number) and kind.dtype != "bool") or index == _NEW_AXIS


def fills(value: Expr) -> bool:
    """True for an assignment to all elements of an array, which no list takes: `x[...] = v`."""
    match value:
        case Call(func=func, args=(_, Const(value=index), _)) if func == REPLACED:
            return index is ... and not _is_update(value)
    return False


def fills_part(value: Expr) -> bool:
    """True for an assignment to all elements of a part of what must be an array: `x[1:][...] = v`."""
    match value:
        case Call(func=func, args=(_, index, inner)) if func == REPLACED:
            return fills(inner) and selects_part(index)
    return False


def overwrites(value: Expr, kind_of: KindOf) -> bool:
    """True if all elements of an array get new values."""
    match value:
        case Call(func=func, args=(Name() as array, Const(value=index), _)) if func == REPLACED and index is ...:
            return fills(value) or isinstance(kind_of(array), Array)
    return False


def renews(value: Expr, kind_of: KindOf) -> bool:
    """True if all elements of an array get new values, which are an array like it."""
    if not overwrites(value, kind_of):
        return False
    assert isinstance(value, Call)
    kind, new = kind_of(value.args[0]), kind_of(value.args[2])
    return isinstance(kind, Array) and isinstance(new, Array) and kind.dtype == new.dtype and same_shape(kind, new)


def _is_update(value: Call) -> bool:
    """True for what may have been written `x += v`, of something that need not be an array."""
    new = value.args[2]
    return isinstance(new, Binary) and new.left == Index(*value.args[:2])


def selects_part(index: Expr) -> bool:
    """True for an index of an array that gives a view of a part of it."""
    if isinstance(index, TupleOf):
        basic = all(isinstance(item, Slice | Const) or item == _NEW_AXIS for item in index.items)
        return basic and any(map(selects_part, index.items))
    return isinstance(index, Slice)


def are_apart(index: Expr, other: Expr) -> bool:
    """True if two indices certainly select different elements of an array: `[:, 0]` and `[:, 1]`. `[0]` and `[-1]` may be
    the same.
    """
    pairs = zip(*(node.items if isinstance(node, TupleOf) else (node,) for node in (index, other)), strict=False)
    for a, b in pairs:
        match a, b:
            case Const(value=int() as i), Const(value=int() as j) if a.type == b.type == "int":
                if i != j and (i < 0) == (j < 0):
                    return True
            case Slice(), Slice():
                continue
        if a != b or a == Const(...):
            return False
    return False


def kind_of_change(node: Call, kind_of: Callable[[Expr], Kind]) -> Kind:
    """The kind of an object after a change, from those of the object and of what is put into it."""
    kind, added = kind_of(node.args[0]), kind_of(node.args[-1])
    match node.func, kind:
        case _, Never():
            return kind
        case func, Sequence(type="list", items=items) if func == APPENDED:
            return Sequence("list", (*items, added))
        case func, List(item=item) if func == APPENDED:
            return List(join(item, added))
        case func, _ if func == REBOUND:
            return added
        case func, _ if func == POPPED:
            return Sequence("tuple", _parted(kind, node.args[1:]))
        case func, Sequence(type="list", items=items) if func == INSERTED and _position(node.args[1]) is not None:
            before = len(items[: _position(node.args[1])])
            return Sequence("list", (*items[:before], added, *items[before:]))
        case func, List() | Sequence(type="list") if func == INSERTED:
            return List(join(join_all(_items(kind)), added) if _items(kind) else added)
        case func, Array() | Unknown() if func != POPPED:
            return kind
        case func, List() | Sequence() if func == ADDED_AT:
            return kind
        case func, Sequence(type="tuple") if func == REPLACED and is_change(node.args[2]):
            # An object in it is changed.
            return kind
        case func, Sequence(type="list", items=items) if func in (REPLACED, INCREASED):
            return _with_item(items, node.args[1], added, func == INCREASED)
        case func, List(item=item) if func == REPLACED and isinstance(node.args[1], Slice):
            return List(join(item, added.item)) if isinstance(added, List) else Unknown()
        case func, List(item=item, length=length) if func in (REPLACED, INCREASED):
            return List(_changed_item(item, added, func == INCREASED), length)
        case func, Record(type="dict") as whole if func in (REPLACED, INCREASED):
            return _with_part(whole, node.args[1], added, func == INCREASED, has_key(node))
    return Unknown()


def _items(kind: List | Sequence) -> tuple[Kind, ...]:
    return (kind.item,) if isinstance(kind, List) else kind.items


def _position(index: Expr) -> int | None:
    """A position that is written out."""
    return index.value if isinstance(index, Const) and type(index.value) is int else None


def _parted(kind: Kind, index: tuple[Expr, ...]) -> tuple[Kind, Kind]:
    """The kinds of the element that is taken out, and of what is left."""
    place = _position(index[0]) if index else -1
    match kind:
        case Sequence(type="list", items=items) if place is not None and -len(items) <= place < len(items):
            place %= len(items)
            return items[place], Sequence("list", items[:place] + items[place + 1 :])
        case List(item=item):
            return item, List(item)
        case Sequence(type="list", items=items):
            return join_all(items), List(join_all(items))
        case Record(type="dict", keys=keys) if index and isinstance(index[0], Const):
            key = item_of(kind, index[0].value)
            if key is not None:
                left = {own: item for own, item in zip(keys, kind.items, strict=True) if own != key}
                return kind.items[keys.index(key)], replace(kind, keys=tuple(left), items=tuple(left.values()))
    return Unknown(), Dict() if isinstance(kind, Dict) or (
        isinstance(kind, Record) and kind.type == "dict"
    ) else Unknown()


def has_key(value: Call) -> bool:
    """True for a change of an element of a dict that is certainly there: it is read as well."""
    return value.func in INCREASES or Index(*value.args[:2]) in walk(value.args[2])


def _with_part(kind: Record, key: Expr, added: Kind, increased: bool, is_there: bool) -> Kind:
    """A dict with one part changed; which one is not known of a key that is no literal."""
    if not kind.keys or (isinstance(key, Const) and item_of(kind, key.value) is None):
        return Dict()
    if not isinstance(key, Const) and not is_there:
        # It may be a new one.
        return Dict()
    may_change = [own == key.value if isinstance(key, Const) else True for own in kind.keys]
    pairs = zip(kind.items, may_change, strict=True)
    return replace(kind, items=tuple(_changed_item(item, added, increased) if may else item for item, may in pairs))


def _with_item(items: tuple[Kind, ...], index: Expr, added: Kind, increased: bool) -> Kind:
    """A list of known length with one element changed."""
    match index:
        case Const(value=int() as k) if -len(items) <= k < len(items):
            new = list(items)
            new[k] = _changed_item(items[k], added, increased)
            return Sequence("list", tuple(new))
        case Slice():
            return _with_items(items, index, added)
    return Sequence("list", tuple(_changed_item(item, added, increased) for item in items))


def _with_items(items: tuple[Kind, ...], index: Slice, added: Kind) -> Kind:
    """A list of known length with a part of it replaced."""
    numbers = slice_of(index)
    if numbers is None or not isinstance(added, Sequence) or len(added.items) != len(items[numbers]):
        return Unknown()
    new = dict(enumerate(items))
    new.update(zip(range(len(items))[numbers], added.items, strict=True))
    return Sequence("list", tuple(new.values()))


def _changed_item(item: Kind, added: Kind, increased: bool) -> Kind:
    match item, added:
        case Array(), Number() | Array() if increased:
            return item
        case Number(), Array() if increased:
            return added
    return join(item, added)


# -------------------------------------------------------------- to assignments


def functional(s: Statement) -> Statement:
    """A change of the object of a variable as an assignment; other statements as they are."""
    match s:
        case Evaluate(value=call) | Assign(value=call) if changed_arguments(call):
            return _spread(s, call)
        case Evaluate(value=Call(func=Attribute(value=part, attr="append"), args=(value,), keywords=())) if _rooted(
            part
        ):
            return _assigned(s, part, Call(APPENDED, (part, value)))
        case Evaluate(value=Call(func=func, args=(part, index, value))) if func in _ADD_AT and _rooted(part):
            return _assigned(s, part, Call(_ADD_AT[func], (part, index, value)))
        case Evaluate(value=Call(func=func, args=(part, index, value))) if func in _SUBTRACT_AT and _rooted(part):
            return _assigned(s, part, Call(INCREASED_AT, (part, index, _negative(value))))
        case Evaluate(value=Call(func=Attribute(value=part, attr="insert"), args=(index, value), keywords=())) if (
            _rooted(part)
        ):
            return _assigned(s, part, Call(INSERTED, (part, index, value)))
        case Evaluate(value=Call(func=Attribute(value=Name(), attr="pop"), args=() | (_,), keywords=()) as value):
            return functional(Assign(Name("_"), value, origin=s.origin, remark=s.remark))
        case Assign(
            target=target,
            value=Call(func=Attribute(value=Name() as part, attr="pop"), args=() | (_,) as index, keywords=()),
        ):
            value = Call(POPPED, (part, *index), span=s.value.span)
            return Assign(TupleOf((target, part)), value, origin=s.origin, remark=s.remark)
        case Assign(target=Index(value=part, index=index), value=value) if _rooted(part):
            return _assigned(s, part, Call(REPLACED, (part, index, value)))
        case Aug(target=Index(value=part, index=index), op="+", value=value) if _rooted(part):
            return _assigned(s, part, Call(INCREASED, (part, index, value)))
        case Aug(target=Index(value=part, index=index), op="-", value=value) if _rooted(part):
            return _assigned(s, part, Call(INCREASED, (part, index, Unary("-", value))))
        case Aug(target=Index(value=part, index=index) as target, op=op, value=value) if _rooted(part):
            return _assigned(s, part, Call(REPLACED, (part, index, Binary(op, target, value))))
    return map_blocks(s, lambda block: tuple(map(functional, block)))


def _negative(value: Expr) -> Expr:
    if isinstance(value, ListOf):
        return replace(value, items=tuple(map(_negative, value.items)))
    return Unary("-", value)


def settled(s: Statement) -> Statement:
    """Objects that get other contents as new objects."""
    match s:
        case Assign(value=Call(func=func, args=(_, value))) if func == REBOUND:
            return replace(s, value=value)
    return map_blocks(s, lambda block: tuple(map(settled, block)))


def _spread(s: Evaluate | Assign, call: Expr) -> Statement:
    """A call assigned to what it returns and to the variables that it changes."""
    assert isinstance(call, Call) and isinstance(call.func, Routine)
    if call.func.spread:
        return s
    targets: list[Expr] = [Name(name) for part in changed_arguments(call) if (name := root_of(part)) is not None]
    if call.func.gives == "value":
        targets.insert(0, s.target if isinstance(s, Assign) else Name("_"))
    target = targets[0] if len(targets) == 1 else TupleOf(tuple(targets))
    return Assign(target, replace(call, func=replace(call.func, spread=True)), origin=s.origin, remark=s.remark)


def increases(s: Statement, kind_of: KindOf) -> Statement:
    """`x[i] = x[i] + v` as `x[i] += v` where they mean the same: for numbers, and for parts of an array."""
    match s:
        case Assign(value=Call(func=func) as value) if func == REPLACED:
            return replace(s, value=_increase(value, kind_of))
    return map_blocks(s, lambda block: tuple(increases(inner, kind_of) for inner in block))


def _increase(value: Call, kind_of: KindOf) -> Call:
    match value:
        case Call(func=func, args=(old, index, Call() as inner)) if func == REPLACED and fills(inner):
            is_part = isinstance(kind_of(old), Array) or selects_part(index)
            return replace(value, args=(old, index, inner.args[2] if is_part else inner))
        case Call(func=func, args=(old, index, Call() as inner)) if func == REPLACED and is_change(inner):
            return replace(value, args=(old, index, _increase(inner, kind_of)))
        case Call(func=func, args=(old, index, Binary(op="+", left=left, right=right))) if (
            func == REPLACED and left == Index(old, index)
        ):
            if isinstance(kind_of(old), Array) or isinstance(kind_of(left), Number):
                return replace(value, func=INCREASED, args=(old, index, right))
    return value


def root_of(part: Expr) -> str | None:
    """The variable, if this is one or an element of an element of one."""
    while isinstance(part, Index):
        part = part.value
    return part.id if isinstance(part, Name) else None


def _rooted(part: Expr) -> bool:
    return root_of(part) is not None


def _assigned(s: Statement, part: Expr, value: Expr) -> Statement:
    """The assignment to the variable: a change of its part `part` to `value` changes what `part` is part of."""
    while isinstance(part, Index):
        value = Call(REPLACED, (part.value, part.index, value))
        part = part.value
    return Assign(part, value, origin=s.origin, remark=s.remark, out=s.out if isinstance(s, Assign) else "")


def stored_variables(block: Block) -> Iterator[str]:
    """The variables whose attributes are assigned: objects that were there before, and are kept in step."""
    for s in statements(block):
        match s:
            case Evaluate(value=Call(func=Global(dotted="_set"), args=(owner, *_))):
                yield from names_in(owner)
