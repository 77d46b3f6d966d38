"""The derivative of a function as an object that is called like a function.

A call looks up the types, dtypes and shapes of its arguments in a dictionary. Where they are new, their kinds are
found; for each pattern of kinds there is one *specialisation*, a generated module. Everything outside the arguments
that a specialisation depends on is watched, and compared before each call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import FunctionType, MethodType
from typing import Any
from weakref import WeakKeyDictionary

from numpy import ndarray

from s2sad.applied import Applied, inside, name_of
from s2sad.arguments import check_floats, check_plain, differentiable, tangent_of
from s2sad.errors import ArgumentError
from s2sad.fingerprint import Watch, fingerprint
from s2sad.kind import ExactPattern, Pattern
from s2sad.naming import root_name
from s2sad.observed import classes_in, fields_of, has_plain_attributes, kind_of_value
from s2sad.options import WITH_TANGENTS, Options
from s2sad.parameters import Parameters, is_part, parameters_of, part_at, tangent_names
from s2sad.pullback import with_checked_pullback
from s2sad.settled import Settled, settled
from s2sad.specialise import Kinds, Request, Specialisation, exclusive, kinds_of, part_by_part, shown, specialise

__all__ = ["Derivative"]

_TABLE_SIZE = 1024
#: Functions that are made anew for each call have each a derivative of its own.
_APPLIED_SIZE = 32
_SCALARS = {bool, int, float, complex, str}


@dataclass(frozen=True, eq=False)
class _State:
    """What is known as long as `watch` holds: calls by the exact signature of arguments, specialisations by kinds. `classes`
    are those of the arguments so far, which are watched, too.
    """

    watch: Watch
    inputs: Parameters
    classes: frozenset[type] = frozenset()
    table: dict[Any, Callable[..., Any]] = field(default_factory=dict)
    made: dict[Any, Specialisation] = field(default_factory=dict)
    applied: dict[Any, Derivative] = field(default_factory=dict)


class _Shared:
    """The state of all derivatives of one function with the same options, so that `grad(f)(x)` in a loop is fast."""

    __slots__ = ("latest", "state")

    def __init__(self) -> None:
        self.state: _State | None = None
        self.latest: Specialisation | None = None


#: A watch does not hold its own function, so that closures made in a loop can go.
_SHARED: WeakKeyDictionary[Any, dict[Options, _Shared]] = WeakKeyDictionary()


def _shared(function: object, options: Options) -> _Shared:
    try:
        return _SHARED.setdefault(function, {}).setdefault(options, _Shared())
    except TypeError:  # not hashable, or it takes no weak references
        return _Shared()


class Derivative:
    """A derivative of `function`, called like a function: what `grad`, `value_and_grad`, `jvp` and `vjp` return.

    `options` says which derivative, `source` is the text generated last, `path` its file. Derivatives can be pickled,
    copied, used as methods, and called from any thread.
    """

    def __init__(self, function: Callable[..., Any], options: Options) -> None:
        self._given = function
        self.__wrapped__ = function = in_python(function)
        inner: Options | None = function.options if isinstance(function, Derivative) else None
        self.options: Options = replace(options, inner=inner)
        for name in ("__module__", "__qualname__", "__doc__"):
            setattr(self, name, getattr(function, name, None))
        self.__name__ = name_of(function)
        self.root: Callable[..., Any] = function.root if isinstance(function, Derivative) else function
        self._shared = _shared(self.root, self.options)
        self._chosen: Derivative | None = None

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """The derivative at these arguments."""
        # Every call pays for this, so a plain array costs no call of a helper.
        key: Any = tuple([(a.shape, a.dtype) if type(a) is ndarray else _signature(a) for a in args])
        if keywords:
            key = key, tuple(keywords), _signatures(keywords.values())
        state = self._shared.state
        if state is not None and state.watch.holds(self.root):
            call = state.table.get(key)
            if call is not None:
                return call(*args, **keywords)
        return self._new_call(key, args, keywords)(*args, **keywords)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As a function does in a class: a bound method."""
        return self if instance is None else MethodType(self, instance)

    # ------------------------------------------------------------ what was made

    @property
    def source(self) -> str:
        """The text generated last.

        Before the first call it is what can be generated without knowing the arguments; an S2sadError where that is
        not enough.
        """
        return self._last().entry.text

    @property
    def path(self) -> str:
        """The file of `source`."""
        return self._last().entry.path

    @property
    def specialisations(self) -> tuple[Specialisation, ...]:
        """What was made so far for the function as it is now."""
        state = self._shared.state
        return tuple(state.made.values()) if state is not None else ()

    @property
    def expression(self) -> str:
        """The expression that makes this derivative, such as `s2sad.grad(loss, wrt="w")`."""
        inner, options = self.__wrapped__, self.options
        parts = [inner.expression if isinstance(inner, Derivative) else str(self.__name__)]
        if not options.bare:
            names = "".join(f"{_quoted(name)}, " for name in options.wrt)
            parts.append(f"wrt=({names.removesuffix(' ' if len(options.wrt) == 1 else ', ')})")
        elif options.wrt != inputs_of(inner).positional[:1]:
            parts.append(f"wrt={_quoted(options.wrt[0])}")
        if options.has_aux:
            parts.append("has_aux=True")
        if options.outputs:
            parts.append(f"outputs={options.outputs!r}".replace("'", '"'))
        return f"s2sad.{options.mode}({', '.join(parts)})"

    def __repr__(self) -> str:
        if self._chosen is not None:
            return f"<{self.expression}, last by {self._chosen.options.mode}:\n  {self._chosen!r}>"
        made = self.specialisations
        number = f"{len(made)} specialisation{'s' if len(made) > 1 else ''}" if made else "not called yet"
        lines = [f"<{self.expression} of {self.__module__}: {number}>"]
        lines += [f"  {shown(one.kinds) or 'any arguments'}\n    {one.entry.path}" for one in made]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if self._shared.latest is None:
            from html import escape

            return f"<pre>{escape(repr(self))}</pre>"
        from s2sad.view import html

        return html(self.source)

    def __getattr__(self, name: str) -> Any:
        # Computed when asked for: it needs `inspect`. A property would be taken for the signature of the class.
        if name == "__signature__":
            self.__signature__ = _signature_of(self)
            return self.__signature__
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """By name if it stands in its module under its name, as a decorated function does; else by its parts."""
        found: object = sys.modules.get(self.__module__ or "")
        for part in (self.__qualname__ or "").split("."):
            found = getattr(found, part, None)
        return str(self.__qualname__) if found is self else (Derivative, (self._given, self.options))

    # ----------------------------------------------------------- specialisation

    def prepare(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All inputs by name, checked and promoted, tangents in the form of their primals.

        ArgumentError or ArgumentValueError where one cannot be used.
        """
        function, inner = str(self.__name__), self.__wrapped__
        ready = inner.prepare(values) if isinstance(inner, Derivative) else dict(values)
        for name in self.options.wrt:
            if name in ready:
                ready[name] = differentiable(function, name, ready[name])
            else:
                check_floats(function, name, part_at(function, name, ready))
        for name, dotted in self._tangents().items():
            ready[dotted] = tangent_of(function, name, part_at(function, name, ready), values[dotted])
        for name, value in ready.items():
            check_plain(function, name, value)
        return ready

    def specialise(self, values: Mapping[str, Any]) -> Specialisation:
        """The specialisation for inputs as `prepare` gives them; for unknown ones if `values` is empty.

        S2sadError if it cannot be generated.
        """
        state = self._current()
        pattern = Pattern()
        kinds = kinds_of({name: values[name] for name in state.inputs.names if values}, pattern)
        kinds = part_by_part(kinds, values, self.options)
        state = self._watching(state, classes_in(kind for _, kind in kinds))
        if kinds not in state.made:
            try:
                state.made[kinds] = specialise(self._request(kinds, pattern))
            except BaseException:
                # What could not be resolved may be defined later, and is not in the watch.
                self._shared.state = None
                raise
        self._shared.latest = state.made[kinds]
        return state.made[kinds]

    def _request(self, kinds: Kinds, pattern: Pattern) -> Request:
        return Request(self.root, self.options, self.expression, kinds, pattern)

    def _current(self) -> _State:
        """The state, made new if anything it depends on has changed."""
        state = self._shared.state
        if state is None or not state.watch.holds(self.root):
            state = self._shared.state = _State(fingerprint(self.root).watch, inputs_of(self.__wrapped__))
        return state

    def _watching(self, state: _State, classes: tuple[type, ...]) -> _State:
        """The state with a watch over these classes as well."""
        if state.classes.issuperset(classes):
            return state
        every = state.classes.union(classes)
        watch = fingerprint(self.root, sorted(every, key=lambda made: made.__qualname__)).watch
        self._shared.state = replace(state, watch=watch, classes=every)
        return self._shared.state

    def _last(self) -> Specialisation:
        if self._chosen is not None:
            return self._chosen._last()
        with exclusive:
            try:
                latest = self._shared.latest or self.specialise({})
                if not latest.exact:
                    request = self._request(latest.kinds, latest.pattern)
                    latest = self._shared.latest = specialise(replace(request, exact=True))
                return latest
            except Exception as error:
                error.add_note(f"Nothing is known of the arguments yet: call the derivative of `{self.__name__}` once.")
                raise

    # ----------------------------------------------------------------- dispatch

    def _new_call(self, key: object, args: tuple[Any, ...], keywords: dict[str, Any]) -> Callable[..., Any]:
        """What to call for arguments whose types and shapes were not met before."""
        with exclusive:
            state = self._current()
            given = self._bind(state.inputs, args, keywords)
            how = settled(parameters_of(self.root), given, self._wrt())
            if how is not None:
                return partial(self._call_applied, self._applied(state, how), how, state.inputs)
            ready = self.prepare(given)
            if self.options.mode == "jacobian":
                state.table[key] = chosen = self._cheaper(ready)
                return chosen
            made = self.specialise(ready).function
            call: Callable[..., Any] = made
            if any(ready[name] is not given[name] for name in given) or self._rearranged(state.inputs, args, keywords):
                call = partial(self._call_prepared, made, state.inputs)
            if self.options.mode == "vjp":
                call = partial(with_checked_pullback, str(self.__name__), call)
            if len(state.table) >= _TABLE_SIZE:
                state.table.clear()
            state.table[key] = call
            return call

    def _cheaper(self, ready: Mapping[str, Any]) -> Derivative:
        """The Jacobian by the mode that is cheaper for these arguments."""
        from s2sad.frontend.live import unit_of
        from s2sad.pipeline import cheaper_jacobian

        kinds = {name: kind_of_value(value, ExactPattern()) for name, value in ready.items()}
        mode = cheaper_jacobian(unit_of(self.root), self.options, kinds)
        self._chosen = Derivative(self._given, replace(self.options, mode=mode))
        return self._chosen

    def _call_prepared(self, call: FunctionType, inputs: Parameters, *args: Any, **keywords: Any) -> Any:
        """The slower way: arguments are promoted, or defaults stand between primals and tangents."""
        ready = self.prepare(self._bind(inputs, args, keywords))
        first = [ready[name] for name in inputs.positional]
        rest = ready[inputs.args] if inputs.args else ()
        tangents = [ready[dotted] for dotted in self._tangents().values()]
        named = {name: ready[name] for name in inputs.keyword}
        others = ready[inputs.kwargs] if inputs.kwargs else {}
        if inputs.args is None or not tangents:
            return call(*first, *rest, *tangents, **named, **others)
        # Behind any number of arguments, tangents are given by name.
        code = call.__code__
        only = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
        own = zip((name for name in only if name not in inputs.keyword), tangents, strict=True)
        return call(*first, *rest, **named, **others, **dict(own))

    def _wrt(self) -> tuple[str, ...]:
        """What all operators together differentiate by, tangents left out."""
        inner, inputs = self.__wrapped__, inputs_of(self.__wrapped__)
        own = tuple(root_name(name) if is_part(inputs, name) else name for name in self.options.wrt)
        if not isinstance(inner, Derivative):
            return own
        tangents = inputs_of(inner).positional[len(parameters_of(self.root).positional) :]
        return (*inner._wrt(), *(name for name in own if name not in tangents))

    def _applied(self, state: _State, how: Settled) -> Derivative:
        """The derivative of the function with what a call has settled."""
        if how.key not in state.applied:
            if len(state.applied) >= _APPLIED_SIZE:
                state.applied.clear()
            state.applied[how.key] = self._of(Applied(self.root, how.given, how.args, how.keywords), how)
        return state.applied[how.key]

    def _of(self, function: Applied, how: Settled) -> Derivative:
        """The same operators on another function."""
        inner = self.__wrapped__
        wrt = tuple(how.names.get(name, name) for name in self.options.wrt)
        options = replace(self.options, wrt=wrt, inner=None)
        return Derivative(inner._of(function, how) if isinstance(inner, Derivative) else function, options)

    def _call_applied(
        self, derivative: Derivative, how: Settled, inputs: Parameters, *args: Any, **keywords: Any
    ) -> Any:
        values = how.values(self._bind(inputs, args, keywords))
        root = parameters_of(self.root)
        tangents = [*inputs.positional[len(root.positional) :], *self._tangents().values()]
        primals, named = parameters_of(derivative.root).arguments(values)
        self._chosen = derivative
        return derivative(*primals, *(values[dotted] for dotted in tangents), **named)

    def _tangents(self) -> dict[str, str]:
        """The parameters that have tangents, with the names of these."""
        if self.options.mode not in WITH_TANGENTS:
            return {}
        return tangent_names(inputs_of(self.__wrapped__), self.options.wrt)

    def _rearranged(self, inputs: Parameters, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> bool:
        """True if a call of a jvp does not give all primals and tangents as the generated function takes them."""
        expected = len(inputs.positional) + len(self.options.wrt)
        by_name = inputs.args is not None or len(args) < expected or bool(keywords)
        return self.options.mode in WITH_TANGENTS and by_name

    def _bind(self, inputs: Parameters, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> dict[str, Any]:
        """The value of every parameter; for a jvp the last positional arguments are the tangents."""
        tangents = self._tangents()
        named = {dotted: keywords[dotted] for dotted in tangents.values() if dotted in keywords}
        left = [dotted for dotted in tangents.values() if dotted not in named]
        cut = len(args) - len(left)
        others = {name: value for name, value in keywords.items() if name not in named}
        try:
            values = inputs.bind(args[: max(cut, 0)], others)
        except TypeError as error:
            if tangents:
                names = ", ".join(tangents.values())
                error.add_note(f"A jvp takes the arguments of {inputs.function} and then {names}.")
            raise
        return {**values, **named, **dict(zip(left, args[cut:], strict=True))}


def in_python(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, or the Python function that stands for a library's."""
    if isinstance(function, Derivative | Applied) or (isinstance(function, FunctionType) and not _of_numpy(function)):
        return function
    if isinstance(function, partial):
        func = in_python(function.func)
        return function if func is function.func else partial(func, *function.args, **function.keywords)
    found = inside(function)
    if found is not None:
        return in_python(found[1])  # type: ignore[arg-type]
    # Late, because it needs the rules.
    from s2sad.frontend.builtin import written

    return written(function)


def _of_numpy(function: FunctionType) -> bool:
    return (function.__module__ or "").partition(".")[0] in ("numpy", "scipy")


def inputs_of(function: Callable[..., Any]) -> Parameters:
    """The parameters of a function or a derivative."""
    if not isinstance(function, Derivative):
        return parameters_of(in_python(function))
    inputs = inputs_of(function.__wrapped__)
    if function.options.mode not in WITH_TANGENTS:
        return inputs
    if inputs.args is not None:
        reason = f"the {function.options.mode} of `{inputs.function}` takes its tangents behind any number of arguments"
        raise ArgumentError("S104", reason, rewrite="differentiate a function with a name for each argument")
    tangents = tangent_names(inputs, function.options.wrt)
    # No defaults: tangents come after the primals.
    kept = {name: value for name, value in inputs.defaults.items() if name in inputs.keyword}
    return replace(inputs, positional=(*inputs.positional, *tangents.values()), defaults=kept)


def _quoted(name: str) -> str:
    return repr(name) if '"' in name else f'"{name}"'


def _signature(value: Any) -> Any:
    """The type, dtype and shape of a value, down to the leaves of containers; never a scalar's value."""
    kind = type(value)
    if kind is tuple or kind is list:
        kinds = set(map(type, value))
        if len(kinds) == 1 and kinds <= _SCALARS:
            return kind, len(value), *kinds  # a long list of numbers: no call for each
        return kind, _signatures(value)
    if kind is dict:
        return kind, tuple(value), _signatures(value.values())
    if isinstance(value, ndarray):
        # A plain array has the form that `__call__` gives it.
        return (value.shape, value.dtype) if kind is ndarray else (kind, value.shape, value.dtype)
    if kind in _SCALARS:
        return kind
    names = fields_of(kind)  # type: ignore[arg-type]
    if names is not None:
        return kind, _signatures([getattr(value, name) for name in names])
    return (kind, kind_of_value(value, ExactPattern())) if has_plain_attributes(kind) else kind  # type: ignore[arg-type]


def _signatures(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple([(a.shape, a.dtype) if type(a) is ndarray else _signature(a) for a in values])


def _signature_of(derivative: Derivative) -> Any:
    from inspect import Parameter, Signature, signature

    inner = signature(derivative.__wrapped__)
    if derivative.options.mode not in WITH_TANGENTS:
        return inner.replace(return_annotation=Signature.empty)
    by_position = Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD
    before = [p.replace(default=Parameter.empty) for p in inner.parameters.values() if p.kind in by_position]
    after = [p for p in inner.parameters.values() if p.kind not in by_position]
    names = tangent_names(inputs_of(derivative.__wrapped__), derivative.options.wrt).values()
    tangents = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    return Signature([*before, *tangents, *after])
