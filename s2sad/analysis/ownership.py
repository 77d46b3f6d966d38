"""Which variables hold objects of their own, so that a change in place is seen by nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import (
    ADDED_AT,
    INCREASED,
    INCREASED_AT,
    POPPED,
    changed,
    changed_arguments,
    changed_variables,
    fills,
    is_change,
    result_target,
)
from s2sad.analysis.comprehensions import comprehension
from s2sad.analysis.liveness import moves, renamed
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Compare,
    Conditional,
    Const,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Opaque,
    Return,
    Routine,
    Slice,
    Statement,
    Try,
    TupleOf,
    Unary,
    While,
    With,
)
from s2sad.kind import Array, Dict, Kind, List, Number, Other, Record, Sequence
from s2sad.rules import helpers, registry
from s2sad.traversal import binds, children, expressions, names_in, statements, target_names

__all__ = [
    "Callees",
    "Kept",
    "Shared",
    "SharedChange",
    "is_immutable",
    "is_new",
    "kept_parameters",
    "may_refer_to",
    "shared_changes",
    "shared_results",
]

KindOf = Callable[[Expr], Kind]


@dataclass(frozen=True)
class Kept:
    """What something else may refer to after a call of a function: parameters or arguments of which it is the object, and
    those of which it is an element.
    """

    objects: frozenset[Expr] = frozenset()
    elements: frozenset[Expr] = frozenset()


@dataclass(frozen=True)
class Shared:
    """Whether something else may refer to what a function returns, or only to some parts of it, by their places."""

    whole: bool = False
    parts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Callees:
    """What is known of the functions of the program: the kind of a call, whether something else may refer to what a call
    returns, and to which parts of the tuple that it returns, and which arguments of a call are kept.
    """

    returns: Callable[[Call, Mapping[str, Kind]], Kind]
    shares: Callable[[Call, KindOf], Shared]
    keeps: Callable[[Call, KindOf], Kept]


def is_new(value: Expr) -> bool:
    """True if the value of the expression is an object that nothing else refers to."""
    match value:
        case Const() | Binary() | Unary() | Compare() | ListOf() | DictOf() | Global():
            return True
        case Call(func=Routine() | Name()):
            return False
        case Call(func=Global(dotted="dict" | "sorted")):
            return True
        case Call(func=func, args=args):
            key = registry.key_of(value)
            if registry.is_writable_view(key):
                return is_new(func.value if isinstance(func, Attribute) else args[0])
            if key is None or registry.may_share(value):
                return False
            return helpers.is_fresh(key) if helpers.known(key) else registry.known(key)
        case Conditional(then=then, orelse=orelse):
            return is_new(then) and is_new(orelse)
    return False


@dataclass(frozen=True)
class SharedChange:
    """A change in place of an object (`objects`), or of the elements of one (`elements`), that something else may refer to:
    another variable, a container, a caller. `looped`: a loop is running over the object.
    """

    statement: Assign | Aug
    objects: bool
    elements: bool
    looped: bool = False


def shared_changes(function: Function, kind_of: KindOf, callees: Callees) -> list[SharedChange]:
    """The changes in place in `function` that may be seen elsewhere; its expressions have the kinds `kind_of`.

    The objects that it is known to change are its own: that is made sure of where it is called.
    """
    params = {param.name for param in function.params}
    shared = params - set(function.changes), params - set(function.deep)
    return list(_walked(function, kind_of, callees, *shared, moves(function.body)).found.values())


def shared_results(function: Function, kind_of: KindOf, callees: Callees) -> Shared:
    """To what of the function's results something else may refer."""
    params = {param.name for param in function.params}
    walk = _walked(function, kind_of, callees, params, params, moves(function.body))
    return Shared(walk.returns_shared, frozenset(walk.shared_parts))


def kept_parameters(function: Function, kind_of: KindOf, callees: Callees) -> Kept:
    """The parameters to which something refers when the function is done that did not before."""
    # A parameter that goes to another name stays what the caller refers to.
    walk = _walked(function, kind_of, callees, set(), set(), frozenset())
    walk.leave(None)
    params = {param.name for param in function.params}
    objects, elements = (frozenset(map(Name, found & params)) for found in (walk.left_objects, walk.left_elements))
    return Kept(objects, elements)


def may_refer_to(value: Expr, kind_of: KindOf) -> frozenset[str]:
    """The variables to whose objects, or to parts of them, the value of an expression may refer."""
    match value:
        case Call(args=(old, *_, added)) if is_change(value):
            return frozenset(names_in(old)) | may_refer_to(added, kind_of)
        case TupleOf(items=items) | ListOf(items=items) | DictOf(items=items):
            return frozenset().union(*(may_refer_to(item, kind_of) for item in items))
        case Conditional(then=then, orelse=orelse):
            return may_refer_to(then, kind_of) | may_refer_to(orelse, kind_of)
        case Call(func=Routine()) if not is_immutable(kind_of(value)):
            return frozenset().union(*(may_refer_to(arg, kind_of) for arg in children(value)))
    nothing = Callees(lambda call, kinds: kind_of(call), lambda *_: Shared(whole=True), lambda *_: Kept())
    is_own = _Walk(kind_of, nothing, frozenset(), set(), set()).is_own(value)
    return frozenset() if is_own else frozenset(names_in(value))


def _walked(
    function: Function,
    kind_of: KindOf,
    callees: Callees,
    objects: set[str],
    elements: set[str],
    moves: frozenset[int],
) -> _Walk:
    """The walk through a function in which the parameters `objects` share their objects, and `elements` theirs."""
    mentioned = {name for expression in expressions(function.body) for name in names_in(expression)}
    data = mentioned - _bound(function.body) - {param.name for param in function.params}
    walk = _Walk(kind_of, callees, moves, objects | data, elements | data)
    walk.block(function.body)
    return walk


def _bound(block: Block) -> set[str]:
    """The variables that get an object in the block. What is only changed in it is data of the module."""
    return {
        name
        for s in statements(block)
        if not isinstance(s, Aug)
        for name in binds(s)
        if name not in changed_variables(s)
    }


@dataclass
class _Walk:
    """Follows the statements; `objects` and `elements` are the variables that share theirs at the present place."""

    kind_of: KindOf
    callees: Callees
    moves: frozenset[int]
    objects: set[str]
    elements: set[str]
    looped: tuple[str, ...] = ()
    found: dict[int, SharedChange] = field(default_factory=dict)
    returns_shared: bool = False
    shared_parts: set[int] = field(default_factory=set)
    left_objects: set[str] = field(default_factory=set)
    left_elements: set[str] = field(default_factory=set)

    def is_new(self, value: Expr) -> bool:
        """True for an object that nothing else refers to, of the program's functions too."""
        if isinstance(value, Call) and isinstance(value.func, Routine):
            shared = self.callees.shares(value, self.kind_of)
            return not shared.whole and not shared.parts
        if isinstance(value, Conditional):
            return self.is_new(value.then) and self.is_new(value.orelse)
        if isinstance(value, Opaque):
            parts = comprehension(value)
            return parts is not None and self.is_new(parts.element) and self.has_new_elements(parts.element)
        return self.is_view_of_new(value) or is_new(value) or self.is_part_of_list(value) or self.is_selection(value)

    def is_view_of_new(self, value: Expr) -> bool:
        """True for a part of an array that nothing else refers to."""
        is_view = isinstance(value, Index | Attribute) and isinstance(self.kind_of(value.value), Array)
        return is_view and self.is_new(value.value)  # type: ignore[attr-defined]

    def is_selection(self, value: Expr) -> bool:
        """True for the elements of an array under a mask or integer arrays, which are an array of their own."""
        if not isinstance(value, Index) or not isinstance(self.kind_of(value.value), Array):
            return False
        items = value.index.items if isinstance(value.index, TupleOf) else (value.index,)
        return any(isinstance(self.kind_of(item), Array | List | Sequence) for item in items)

    def is_part_of_list(self, value: Expr) -> bool:
        """True for some of the elements of a list, which are a list of their own."""
        is_slice = isinstance(value, Index) and isinstance(value.index, Slice)
        return is_slice and isinstance(self.kind_of(value.value), List | Sequence)  # type: ignore[attr-defined]

    def block(self, block: Block) -> None:
        for s in block:
            self.statement(s)

    def statement(self, s: Statement) -> None:
        match s:
            case Assign(value=Call() as call) if changed_arguments(call):
                self.call(s, call)
            case Assign(target=target, value=value) if (name := changed(s)) is not None:
                self.note(s, name)
                self.change(target, name, value, id(s) in self.moves)
            case Aug(target=Name(id=name), value=value):
                self.note(s, name)
                if not isinstance(self.kind_of(s.target), Array):
                    # A list takes the elements of what is added to it.
                    self.passed_on(value)
            case Assign() if id(s) in self.moves:
                self.move(s)
            case Assign(target=target, value=value):
                self.assign(target, value)
            case Evaluate(value=value):
                self.passed_on(value)
            case If(then=then, orelse=orelse):
                self.branch(then, orelse)
            case For() | While():
                self.loop(s)
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
                for handler in handlers:
                    self.assign(handler.name or TupleOf(()), Name("_"))
                    self.branch((), (*body, *handler.body))
                self.block((*body, *orelse))
                self.block(final)
            case With(context=context, target=target, body=body):
                self.assign(TupleOf(()) if target is None else target, context)
                self.block(body)
            case Return(value=value) if value is not None:
                self.hand_back(value)
                self.leave(value)

    def hand_back(self, value: Expr) -> None:
        """Remember what of a result something else may refer to."""
        mentions = Counter(names_in(value))
        if not isinstance(value, TupleOf):
            self.returns_shared |= not self.is_given_away(value, mentions)
            return
        self.shared_parts |= {k for k, item in enumerate(value.items) if not self.is_given_away(item, mentions)}

    def is_given_away(self, value: Expr, mentions: Counter[str]) -> bool:
        """True for a result that nothing else refers to once the function has returned."""
        match value:
            case Name(id=name):
                own = name not in self.objects and name not in self.elements and mentions[name] == 1
                return own or isinstance(self.kind_of(value), Number)
            case TupleOf(items=items) | ListOf(items=items) | DictOf(items=items):
                return all(self.is_given_away(item, mentions) for item in items)
        return self.is_own(value)

    def leave(self, value: Expr | None) -> None:
        """Remember what is shared where the function is left with this value."""
        here = replace(self, objects=set(self.objects), elements=set(self.elements))
        if value is not None:
            here.passed_on(value)
        self.left_objects |= here.objects
        self.left_elements |= here.elements

    def note(self, s: Assign | Aug, *names: str) -> None:
        """Remember a change of what something else may see."""
        objects, elements = (not shared.isdisjoint(names) for shared in (self.objects, self.elements))
        looped = any(name in self.looped for name in names)
        if objects or elements or looped:
            self.found[id(s)] = SharedChange(s, objects, elements, looped)

    def call(self, s: Assign, call: Call) -> None:
        """A call that changes arguments."""
        self.note(s, *changed_variables(s))
        target = result_target(s)
        if target is not None:
            self.bind_result(target, call)
        self.passed_on(call)

    def bind_result(self, target: Expr, call: Call) -> None:
        names = target_names(target)
        for shared in (self.objects, self.elements):
            shared.difference_update(names)
        if not is_immutable(self.kind_of(target)):
            if not self.is_new(call):
                self.objects.update(names)
            if not self.is_new(call) or not _holds_numbers(self.kind_of(target)):
                self.elements.update(names)

    def branch(self, then: Block, orelse: Block) -> None:
        objects, elements = set(self.objects), set(self.elements)
        self.block(then)
        after = self.objects, self.elements
        self.objects, self.elements = objects, elements
        self.block(orelse)
        self.objects |= after[0]
        self.elements |= after[1]

    def loop(self, s: For | While) -> None:
        around = self.looped
        if isinstance(s, For):
            self.looped += tuple(name for part in _iterated(s.iterable) for name in self.looked_at(part))
        while True:
            objects, elements = set(self.objects), set(self.elements)
            if isinstance(s, For):
                self.iterate(s.target, s.iterable)
            self.block(s.body)
            self.objects |= objects
            self.elements |= elements
            if (self.objects, self.elements) == (objects, elements):
                break
        self.looped = around

    def looked_at(self, sequence: Expr) -> list[str]:
        """The variables in whose objects a loop over `sequence` looks up the next element."""
        return [] if self.is_new(sequence) or isinstance(sequence, TupleOf) else list(names_in(sequence))

    def move(self, s: Assign) -> None:
        """Objects go from variables to others."""
        pairs = renamed(s)
        bound = [(s.target, s.value)]
        if isinstance(s.target, TupleOf) and isinstance(s.value, TupleOf):
            bound = list(zip(s.target.items, s.value.items, strict=True))
        others = [(target, value) for target, value in bound if not pairs.keys() & set(target_names(target))]
        for _, value in others:
            self.passed_on(value)
        states = [
            {name for name, source in pairs.items() if source in shared} for shared in (self.objects, self.elements)
        ]
        for target, value in others:
            self.bind(target, value)
        for shared, new in zip((self.objects, self.elements), states, strict=True):
            shared.difference_update(pairs)
            shared.update(new)
        for name, source in pairs.items():
            if not _holds_numbers(self.kind_of(Name(source))) and self.is_container(Name(source)):
                # The copy of the object that is made here (transform/handed.py) has the same elements.
                self.elements.add(name)

    def assign(self, target: Expr, value: Expr) -> None:
        self.bind(target, value)
        self.passed_on(value)

    def bind(self, target: Expr, value: Expr) -> None:
        """The state of the variables that a value is bound to."""
        if isinstance(target, TupleOf) and isinstance(value, TupleOf) and len(target.items) == len(value.items):
            for item, part in zip(target.items, value.items, strict=True):
                self.bind(item, part)
            return
        for shared in (self.objects, self.elements):
            shared.difference_update(target_names(target))
        if is_immutable(self.kind_of(value)):
            return
        if isinstance(target, TupleOf) and isinstance(value, Call) and isinstance(value.func, Routine):
            self.bind_parts(target, self.callees.shares(value, self.kind_of))
        elif not self.is_new(value):
            self.objects.update(target_names(target))
            self.elements.update(target_names(target))
        elif not self.has_new_elements(value):
            self.elements.update(target_names(target))

    def bind_parts(self, target: TupleOf, shared: Shared) -> None:
        """The state of the variables that the parts of what a function returns are bound to."""
        for place, item in enumerate(target.items):
            if is_immutable(self.kind_of(item)):
                continue
            if shared.whole or place in shared.parts:
                self.objects.update(target_names(item))
                self.elements.update(target_names(item))
            elif not _holds_numbers(self.kind_of(item)):
                self.elements.update(target_names(item))

    def has_new_elements(self, value: Expr) -> bool:
        """True for a new container whose elements nothing else refers to, and for an array."""
        if isinstance(value, ListOf | DictOf):
            return all(self.is_own(item) for item in value.items)
        if isinstance(value, Call) and isinstance(value.func, Routine):
            # The callee may save them for its derivative.
            return _holds_numbers(self.kind_of(value))
        if isinstance(value, Conditional):
            return self.has_new_elements(value.then) and self.has_new_elements(value.orelse)
        containers = self.takes_elements_of(value)
        if isinstance(value, Binary):
            return all(_holds_numbers(self.kind_of(container)) for container in containers)
        return not containers or _holds_numbers(self.kind_of(value))

    def takes_elements_of(self, value: Expr) -> tuple[Expr, ...]:
        """The containers whose elements are those of the value, too."""
        if isinstance(self.kind_of(value), Array):
            return ()
        match value:
            case Binary(op=op, left=left, right=right) if any(map(self.is_container, (left, right))):
                return tuple(part for part in (left, right) if op != "*" or self.is_container(part))
            case Index(value=whole) if self.is_part_of_list(value):
                return (whole,)
            case Call(func=func, args=args) if registry.is_shallow(value):
                return (func.value, *args) if isinstance(func, Attribute) else args
        return ()

    def is_container(self, value: Expr) -> bool:
        return isinstance(value, ListOf | DictOf) or isinstance(self.kind_of(value), List | Sequence | Record | Dict)

    def is_own(self, value: Expr) -> bool:
        return is_immutable(self.kind_of(value)) or (self.is_new(value) and self.has_new_elements(value))

    def change(self, target: Expr, name: str, value: Expr, moves: bool = False) -> None:
        """What is put into a list is an element of it now; what is taken from it is none any more. Where the last element
        of `value` `moves`, its variable is not read any more.
        """
        assert isinstance(value, Call)
        if value.func == POPPED:
            assert isinstance(target, TupleOf)
            taken = target_names(target.items[0])
            for shared in (self.objects, self.elements):
                shared.difference_update(taken)
                if name in self.objects or name in self.elements:
                    shared.update(taken)
        elif self.stores(value):
            for added in value.args[1:-1]:
                self.put_in(target, name, added)
            if moves and not {*names_in(value.args[-1])} & (self.objects | self.elements):
                return
            self.put_in(target, name, value.args[-1])

    def put_in(self, target: Expr, name: str, added: Expr) -> None:
        if is_change(added):
            self.change(target, name, added)
            return
        if not self.is_own(added):
            self.elements.add(name)
        if isinstance(added, Index) and isinstance(added.value, Name) and added.value.id == name:
            # An array copies what it takes from itself, a list has one element twice.
            return
        self.passed_on(added)

    def stores(self, value: Call) -> bool:
        """False for a change of numbers: they are copied into an array, and added to what is there already."""
        old = value.args[0]
        if isinstance(self.kind_of(old), Array) or fills(value) or value.func in (INCREASED_AT, ADDED_AT):
            return False
        if isinstance(inner := value.args[-1], Call) and is_change(inner) and not self.stores(inner):
            return False
        # Only a list would take over what is in a list that is added to it.
        return value.func != INCREASED or not isinstance(self.kind_of(Index(old, value.args[1])), Array | Number)

    def iterate(self, target: Expr, iterable: Expr) -> None:
        self.objects.update(target_names(target))
        self.elements.update(target_names(target))
        for part in _iterated(iterable):
            self.elements_passed_on(part)

    def elements_passed_on(self, container: Expr) -> None:
        """The variables of which something else has the elements, too: of an array they are views."""
        kind = self.kind_of(container)
        if isinstance(kind, List | Sequence | Record | Dict):
            self.elements.update([] if _holds_numbers(kind) else names_in(container))
        elif not (isinstance(kind, Array) and len(kind.shape) == 1):
            self.objects.update(names_in(container))

    def passed_on(self, value: Expr) -> None:
        """The variables that the value of an expression may refer to, or that a call may keep."""
        if is_immutable(self.kind_of(value)):
            return
        for container in self.takes_elements_of(value):
            if isinstance(value, Call) and isinstance(value.func, Attribute):
                self.elements.update(names_in(container))
            else:
                self.elements_passed_on(container)
        match value:
            case Name(id=name):
                self.objects.add(name)
            case Index(value=inner) if self.is_selection(value):
                self.inside(inner)
            case Index(value=inner) | Attribute(value=inner) if self.is_view_of_new(value):
                self.passed_on(inner)
            case Index(value=inner):
                self.element_of(inner)
            case TupleOf(items=items) | ListOf(items=items) | DictOf(items=items):
                self.given(items)
            case Conditional():
                self.given(children(value))
            case Binary() | Unary() | Compare() | Const():
                self.inside(value)
            case Call() if is_new(value):
                self.inside(value)
            case Call(func=Global(dotted="len" | "range")):
                self.inside(value)
            case Call(func=Global()):
                # It may hand an argument back, or keep it, but nothing that was only read for it.
                self.given(children(value))
            case Call(func=Routine()):
                kept = self.callees.keeps(value, self.kind_of)
                for arg in kept.objects:
                    self.passed_on(arg)
                for arg in kept.elements:
                    self.elements.update([] if _holds_numbers(self.kind_of(arg)) else names_in(arg))
            case _:
                self.objects.update(names_in(value))

    def given(self, parts: Iterable[Expr]) -> None:
        for part in parts:
            self.passed_on(part)

    def element_of(self, inner: Expr) -> None:
        """An element of a list is no part of it; a part of an array shares its memory."""
        if isinstance(self.kind_of(inner), List | Sequence | Record | Dict):
            while isinstance(inner, Index):
                inner = inner.value
            self.elements.update(names_in(inner))
        else:
            self.passed_on(inner)

    def inside(self, value: Expr) -> None:
        """What an expression whose own value is new hands on deeper inside."""
        is_array = isinstance(self.kind_of(value), Array | Number)
        for child in _read_in(value) if is_array and _keeps_nothing(value) else children(value):
            if _keeps_nothing(child) or isinstance(child, Conditional):
                self.inside(child)
            elif not isinstance(child, Name | Index | Attribute):
                self.passed_on(child)


def _read_in(node: Expr) -> Iterator[Expr]:
    """What a call reads that makes an array or a number, in displays too: these are in nothing afterwards."""
    for child in children(node):
        if isinstance(child, TupleOf | ListOf):
            yield from _read_in(child)
        else:
            yield child


def _keeps_nothing(value: Expr) -> bool:
    """True for a call of a library's function: it may return a view of its argument, but does not put it anywhere."""
    if not isinstance(value, Call) or isinstance(value.func, Routine) or registry.is_shallow(value):
        return False
    key = registry.key_of(value)
    return key is not None and (registry.known(key) or helpers.known(key))


def is_immutable(kind: Kind) -> bool:
    """True for what cannot be changed, and so may be shared."""
    if isinstance(kind, Sequence):
        return kind.type == "tuple" and all(map(is_immutable, kind.items))
    return isinstance(kind, Number) or kind in (Other("str"), Other("NoneType"))


def _holds_numbers(kind: Kind) -> bool:
    """True for an array, and for a container without an element that could be changed."""
    match kind:
        case List(item=item):
            return is_immutable(item)
        case Sequence(items=items) | Record(items=items):
            return all(map(is_immutable, items))
    return isinstance(kind, Array | Number)


def _iterated(iterable: Expr) -> list[Expr]:
    """The sequences that a loop runs over."""
    match iterable:
        case Call(func=Global(dotted="zip" | "enumerate" | "reversed"), args=args):
            return [part for arg in args for part in _iterated(arg)]
        case Call(func=Global(dotted="range")):
            return []
    return [iterable]
