"""Every operator as a sequence of steps on programs, each a program again: a Hessian is the block of tangents of a gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from s2sad.analysis.calls import catches, catching_again
from s2sad.kind import WORLDS, Array, Kind, Number, Other, Pattern, Unknown, items_of
from s2sad.naming import Names, root_name
from s2sad.options import Mode, Options
from s2sad.paths import plain_name, with_root
from s2sad.program import Program
from s2sad.transform.again import as_program
from s2sad.transform.byhand import with_call
from s2sad.transform.choices import with_choices
from s2sad.transform.closures import lifted
from s2sad.transform.consumed import check_consumed
from s2sad.transform.defaults import with_decided_defaults
from s2sad.transform.extended import with_extended_lists
from s2sad.transform.firstorder import first_order
from s2sad.transform.idle import without_idle
from s2sad.transform.inout import with_effects
from s2sad.transform.kept_arguments import with_kept_arguments
from s2sad.transform.module import Builder, Module
from s2sad.transform.objects import without_objects
from s2sad.transform.rounds import with_rounds
from s2sad.transform.seeds import FORWARD
from s2sad.transform.selected import Selected, selected
from s2sad.transform.views import with_one_name

__all__ = ["cheaper_mode", "derive_module"]

#: Operators that are one operator after the other.
_STEPS: dict[Mode, tuple[Mode, ...]] = {"hvp": ("grad", "tangent"), "hessian": ("grad", "jacfwd")}

#: How often names of one object are looked for again, after what they stand for was written in their place.
_NAMINGS = 12


def derive_module(program: Program, options: Options, kinds: Mapping[str, Kind], pattern: Pattern) -> Module:
    """The derivative of the program's first function, or of a derivative of it, and everything it needs."""
    root = program.functions[next(iter(program.functions))]
    module = _derived(program, options, kinds, pattern).module
    if not catches(root):
        return module
    functions = tuple(catching_again(f, root) if f.name == module.name else f for f in module.functions)
    return replace(module, functions=functions)


@dataclass(frozen=True)
class _Level:
    """A derivative of some order, and the program that it was made `of`; `names` are its parameters by the names that the
    outside knows them by.
    """

    module: Module
    of: Program
    names: dict[str, str]


def _derived(program: Program, options: Options, kinds: Mapping[str, Kind], pattern: Pattern) -> _Level:
    if options.inner is None:
        program = without_objects(without_idle(lifted(with_call(program))), kinds)
        root = program.functions[next(iter(program.functions))]
        names = {param.name: param.name for param in root.params}
    else:
        inner = _derived(program, options.inner, kinds, pattern)
        program, names = _program(inner.module, inner.of), inner.names
    own = replace(options, wrt=_own(options.wrt, names), inner=None)
    known = {own_name: kinds[name] for name, own_name in names.items() if name in kinds}
    module, program = _operator(program, own, known, pattern)
    if options.inner is not None:
        module = _with_report(module, inner.module)
    return _Level(module, program, names | _tangents(names, options, module))


def _own(wrt: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    """Parameters, and paths into them, by the names that a level has for them."""
    return tuple(names[one] if one in names else with_root(one, names[root_name(one)]) for one in wrt)


def _with_report(module: Module, before: Module) -> Module:
    """A module made of another, which tells what is worth telling of both; active is what was so in the user's function."""
    saved = tuple(dict.fromkeys((*before.saved, *module.saved)))
    memory = tuple(dict.fromkeys((*before.memory, *module.memory)))
    recomputed = tuple(dict.fromkeys((*before.recomputed, *module.recomputed)))
    return replace(module, active=before.active, saved=saved, memory=memory, recomputed=recomputed)


def _tangents(names: Mapping[str, str], options: Options, module: Module) -> dict[str, str]:
    """The parameters that an operator has put behind those of its function, as they are called outside."""
    root = next(function for function in module.functions if function.name == module.name)
    new = [param.name for param in root.params if param.name not in names.values()]
    outside = Names(names)
    return {outside.unique(f"{plain_name(name)}_dot"): own for name, own in zip(options.wrt, new, strict=False)}


def _operator(
    program: Program, options: Options, kinds: Mapping[str, Kind], pattern: Pattern
) -> tuple[Module, Program]:
    """One operator on a program: its module, and the program that it was made of in the end."""
    wished = f"{program.names[next(iter(program.functions))]}_{options.mode}"
    part = selected(program, options, kinds, partial(_with_effects, pattern=pattern))
    program, options, known = part.program, part.options, part.kinds
    if options.mode == "jacobian":
        options = replace(options, mode=cheaper_mode(program, options, known, pattern))
    *before, last = _STEPS.get(options.mode, (options.mode,))
    done: Module | None = None
    for mode in before:
        own = replace(options, mode=mode, asked=options.mode)
        done, program = _step(program, own, known, pattern, f"{wished}_{mode}")
        program = _program(done, program)
    module, program = _step(program, replace(options, mode=last), known, pattern, wished, part)
    return module if done is None else _with_report(module, done), program


def cheaper_mode(program: Program, options: Options, kinds: Mapping[str, Kind], pattern: Pattern) -> Mode:
    """The mode of a Jacobian that takes fewer passes: one for each number in the arguments, or for each in the result.

    Where sizes are symbols it is forward mode unless the result has fewer numbers whatever they are.
    """
    if options.inner is not None:
        level = _derived(program, options.inner, kinds, pattern)
        program = _program(level.module, level.of)
        kinds = {own: kinds[name] for name, own in level.names.items() if name in kinds}
        options = replace(options, wrt=_own(options.wrt, level.names), inner=None)
    else:
        program = without_objects(without_idle(lifted(program)), kinds)
    part = selected(program, options, kinds, partial(_with_effects, pattern=pattern))
    options, kinds = part.options, part.kinds
    program = _with_effects(with_choices(lifted(part.program)), kinds, pattern)
    root = program.functions[next(iter(program.functions))]
    given = {param.name: kinds.get(param.name, Unknown(param.name)) for param in root.params}
    program, given = _first_order(program, given, pattern)
    program = _with_effects(program, given, pattern)
    builder = Builder(program, pattern)
    inputs = [_sizes(given[name]) for name in options.wrt]
    outputs = _sizes(builder.result(builder.root, given))
    if outputs is None or any(size is None for size in inputs):
        return "jacfwd"
    total = [sum(sizes) for sizes in zip(*(size for size in inputs if size is not None), strict=True)]
    return "jacrev" if all(out < into for out, into in zip(outputs, total, strict=True)) else "jacfwd"


def _first_order(program: Program, kinds: Mapping[str, Kind], pattern: Pattern) -> tuple[Program, dict[str, Kind]]:
    """The program without function values, its derivatives inside derived."""
    builder = Builder(program, pattern)

    def again(inner: Program, wanted: Options, known: Mapping[str, Kind]) -> Program:
        return _program(*_operator(inner, wanted, known, pattern))

    return first_order(program, kinds, builder.data, builder.returns, again)


def _with_effects(program: Program, kinds: Mapping[str, Kind], pattern: Pattern) -> Program:
    """The program in which it is noted what functions do to their arguments, and what is changed has one name. A call that
    changes a view changes what that is a view of.
    """
    builder = Builder(program, pattern, checks=False)
    program = with_decided_defaults(program, kinds, builder.data, builder.returns)
    program = with_extended_lists(program, kinds, builder.data, builder.returns)
    for _ in range(_NAMINGS):
        noted = with_effects(program, kinds, Builder(program, pattern, checks=False).returns)
        kept = with_kept_arguments(noted)
        if kept is not noted:
            noted = with_effects(kept, kinds, Builder(kept, pattern, checks=False).returns)
        builder = Builder(noted, pattern, checks=False)
        program = with_one_name(noted, kinds, builder.data, builder.callees)
        if program is noted:
            return noted
    # What has more than one name still is refused where it changes.
    return with_effects(program, kinds, Builder(program, pattern, checks=False).returns)


def _sizes(kind: Kind) -> tuple[int, ...] | None:
    """How many numbers a value has, in each world; None where that is not known."""
    match kind:
        case Number():
            return (1,) * WORLDS
        case Array(shape=shape):
            known = [dim for dim in shape if dim is not None]
            return None if len(known) < len(shape) else tuple(prod(dim[w] for dim in known) for w in range(WORLDS))
        case Other():
            return (0,) * WORLDS
    parts = items_of(kind)
    inner = [_sizes(item) for _, item in parts or ()]
    if parts is None or any(size is None for size in inner):
        return None
    return tuple(sum(size[w] for size in inner if size is not None) for w in range(WORLDS))


def _step(
    program: Program,
    options: Options,
    kinds: Mapping[str, Kind],
    pattern: Pattern,
    name: str,
    part: Selected | None = None,
) -> tuple[Module, Program]:
    program = before = _with_effects(with_choices(lifted(with_call(program))), kinds, pattern)
    check_consumed(program)
    if options.mode not in FORWARD:
        program = with_rounds(program)
    root = program.functions[next(iter(program.functions))]
    given = {param.name: kinds.get(param.name, Unknown(param.name)) for param in root.params}
    program, given = _first_order(program, given, pattern)
    if program is not before:
        program = _with_effects(program, given, pattern)
    module = Builder(program, pattern).module(options, given, name)
    if part is not None:
        module = part.restored(module)
    return module, program


def _program(module: Module, program: Program) -> Program:
    """A derivative as a program of its own, to be derived again."""
    return lifted(as_program(module, program))
