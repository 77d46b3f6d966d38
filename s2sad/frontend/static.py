"""Functions in a file: names are resolved by reading, so that nothing of the user's is imported or run."""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from s2sad.errors import DifferentiationError, S2sadError
from s2sad.frontend.carried import is_carried
from s2sad.frontend.definition import as_function
from s2sad.frontend.library import library_member, public_names
from s2sad.frontend.live import unique_key
from s2sad.frontend.source import place_of
from s2sad.frontend.text import TextModule, find_module, read_module
from s2sad.frontend.textclasses import TextClasses
from s2sad.frontend.texthand import TextHand, alias_of
from s2sad.frontend.textrules import imported_name, is_by_hand, said_by, said_of
from s2sad.frontend.toplevel import Bound, ClassDefinition, Definition, Other, TopLevel, Value
from s2sad.frontend.unit import Binding, Class, Data, Imported, Library, Method, Module, Unit, Unresolved, User

__all__ = ["StaticScope", "static_unit"]

Slot = tuple[str, ...]

#: Decorators under which a name still means the function.
_JITS = ("numba.jit", "numba.njit")
#: Decorators under which it means a derivative, made of the function below.
_OPERATORS = ("s2sad.grad", "s2sad.value_and_grad", "s2sad.jvp", "s2sad.vjp")


def static_unit(path: str | Path, qualname: str) -> Unit:
    """The unit of a function in a file, which is neither imported nor run.

    S101: no such file or function, or not valid Python; S103: what the name means cannot be told from the text.
    """
    texts = _Texts()
    module = texts.module(Path(path))
    texts.hand.read(module)
    definition = _definition(module, qualname)
    if definition is not None:
        _check_decorators(module, definition, (*_JITS, *_OPERATORS))
        return texts.unit(module, qualname, definition, ())
    binding = texts.find(module, qualname, (), None) or texts.method(module, qualname)
    match binding:
        case Method(unit, form):
            return _with_receiver(unit, texts.find(module, qualname.rpartition(".")[0], (), None), form)
        case User(unit):
            return unit
        case Unresolved(reason):
            raise DifferentiationError("S103", f"`{qualname}` of {module.file} is not a known function: {reason}")
        case None:
            raise _not_found(module, qualname)
    raise DifferentiationError("S101", f"`{qualname}` of {module.file} is not a function")


class StaticScope:
    """The names that a function, or a module's top level, reads.

    `path` leads a loader from the differentiated function to this one; None where there is no way.
    """

    def __init__(
        self, module: TextModule, path: Slot | None, texts: _Texts, node: ast.FunctionDef | None = None
    ) -> None:
        self.module = module
        self._path = path
        self._texts = texts
        self._node = node

    def lookup(self, name: str) -> Binding:
        """What the free name `name` stands for when the module has been imported."""
        found = self._texts.find(self.module, name, _extend(self._path, "global", name), self._path)
        if found is not None:
            return self._texts.hand.ruled(found)
        if hasattr(builtins, name):
            return Library(name)
        return Unresolved(f"the name `{name}` is not defined in {self.module.file}")

    def member(self, module: Module, attr: str) -> Binding:
        """What `module.attr` stands for."""
        if not module.key:
            return self._texts.hand.ruled(library_member(module.dotted, attr))
        inner, path = self._texts.modules[module.key]
        return self._texts.hand.ruled(self._texts.member(inner, attr, _extend(path, "attr", attr)))

    def default(self, parameter: str) -> Binding:
        """The default value of a parameter, as an expression read in the module."""
        expression = _defaults(self._node).get(parameter) if self._node else None
        if expression is None:
            return Unresolved(f"the parameter `{parameter}` has no default")
        slot = _extend(self._path, "default", parameter) or ()
        return Data(parameter, expression=expression, scope=self, slot=slot)

    def imported(self, what: Imported) -> Binding:
        """What an import in the function brings."""
        return self._texts.hand.ruled(self._texts.imported(self.module, what, None, None))


class _Texts:
    """The modules and functions that were met on the way from one function."""

    def __init__(self) -> None:
        self._read: dict[Path, TextModule] = {}
        self._units: dict[ast.AST, Unit] = {}
        self._open: set[tuple[Path, str]] = set()
        self.hand = TextHand(self, lambda module: StaticScope(module, None, self))
        self.modules: dict[str, tuple[TextModule, Slot | None]] = {}
        self.classes = TextClasses(self)

    def module(self, path: Path) -> TextModule:
        path = path.resolve()
        if path not in self._read:
            self._read[path] = read_module(path)
        return self._read[path]

    def find(self, module: TextModule, name: str, slot: Slot | None, around: Slot | None) -> Binding | None:
        """What a name at the top level of `module` stands for; None if it is not bound there.

        `slot` is the path to it, `around` that to a function of this module.
        """
        if (module.path, name) in self._open:
            return Unresolved(f"`{name}` is defined by itself in {module.file}")
        self._open.add((module.path, name))
        try:
            return self._find(module, name, slot, around)
        except S2sadError as error:
            where = f" ({error.place.file}:{error.place.line})" if error.place else ""
            return Unresolved(error.reason + where)
        finally:
            self._open.discard((module.path, name))

    def _find(self, module: TextModule, name: str, slot: Slot | None, around: Slot | None) -> Binding | None:
        bounds = module.top.names.get(name, [])
        starred = self._starred(module, name, bounds[-1].line if bounds else 0, slot)
        if not bounds or starred is not None:
            return starred
        reason = _why_uncertain(module, name, bounds)
        if reason:
            return Unresolved(reason)
        match bounds[-1].by:
            case Definition(node):
                _check_decorators(module, node, _JITS)
                if is_carried(node, StaticScope(module, around, self)):
                    return Library(name)
                return User(self.unit(module, name, node, slot))
            case ClassDefinition(node):
                if is_carried(node, StaticScope(module, around, self)):
                    return Library(name)
                return self.classes.class_of(module, node, StaticScope(module, around, self), slot)
            case Imported() as imported:
                return self.imported(module, imported, slot, bounds[-1].otherwise)
            case Value(ast.Lambda() as node):
                return User(self.unit(module, name, as_function(node, name), slot))
            case Value(ast.Call(func=func, args=[inner]) as call) if (
                said := said_by(module, ast.Call(func, [], call.keywords) if call.keywords else func)
            ) is not None:
                return self.hand.named(module, name, inner, said)
            case Value(expression):
                scope = StaticScope(module, around, self)
                alias = alias_of(expression, scope)
                return alias or Data(name, expression=expression, scope=scope, slot=slot or ())
            case Other(what):
                return Unresolved(f"`{name}` is {what} ({module.file}:{bounds[-1].line})")

    def method(self, module: TextModule, qualname: str) -> Binding | None:
        """What a class at the top level has under a name; None where that is no class."""
        outer, _, name = qualname.partition(".")
        found = self.find(module, outer, (), None) if name else None
        return found.scope.member(name) if isinstance(found, Class) else None

    def unit(self, module: TextModule, name: str, node: ast.FunctionDef, slot: Slot | None) -> Unit:
        known = self._units.get(node.body[0])
        if known is None:
            function = as_function(node, name)
            scope = StaticScope(module, slot, self, function)
            known = Unit(self._key(module, name), name, function, module.file, module.lines, scope)
            self._units[node.body[0]] = known
            by_hand = self.hand.given(module, name, said_of(module, node), node)
            self._units[node.body[0]] = known = replace(known, by_hand=by_hand)
        return known

    def _key(self, module: TextModule, name: str) -> str:
        return unique_key(f"{module.dotted}:{name}", {unit.key for unit in self._units.values()})

    def member(self, module: TextModule, attr: str, slot: Slot | None) -> Binding:
        """What `module.attr` is: something it binds, or a file beside it."""
        found = self.find(module, attr, slot, None)
        if found is not None:
            return found
        if module.is_package:
            path = find_module(module, Imported(attr, level=1))
            if isinstance(path, Path):
                return self._module_binding(self.module(path), slot)
        return Unresolved(f"{module.file} has no `{attr}`")

    def imported(
        self, module: TextModule, imported: Imported, slot: Slot | None, otherwise: Imported | None
    ) -> Binding:
        found = find_module(module, imported)
        if found is None:
            dots = "." * imported.level
            return Unresolved(f"module {dots}{imported.dotted} is not found beside {module.file}")
        if isinstance(found, Path):
            inner = self.module(found)
            self.hand.read(inner)
            if imported.attr is None:
                return self._module_binding(inner, slot)
            return self.member(inner, imported.attr, slot)
        binding = Module(found) if imported.attr is None else library_member(found, imported.attr)
        # `try: from numpy import trapezoid` / `except ImportError: from numpy import trapz as trapezoid`
        if isinstance(binding, Unresolved) and otherwise is not None:
            return self.imported(module, otherwise, slot, None)
        return binding

    def _module_binding(self, module: TextModule, slot: Slot | None) -> Module:
        for key, (known, _) in self.modules.items():
            if known is module:
                return Module(module.dotted, key)
        key = unique_key(module.dotted, self.modules)
        self.modules[key] = (module, slot)
        return Module(module.dotted, key)

    def _starred(self, module: TextModule, name: str, after: int, slot: Slot | None) -> Binding | None:
        """What the last `from ... import *` behind line `after` that offers `name` brings; None without."""
        for line, star in reversed(module.top.stars):
            if line < after:
                break
            found = find_module(module, star)
            if found is None:
                return Unresolved(f"it may come from `from {star.dotted} import *`, which is not beside {module.file}")
            if isinstance(found, str):
                names = public_names(found)
                if names is None:
                    return Unresolved(f"it may come from `from {found} import *`, which is not installed")
                if name in names:
                    return library_member(found, name)
            elif _is_public(inner := self.module(found), name):
                return self.find(inner, name, slot, None)
        return None


# ------------------------------------------------------------------ questions


def _definition(module: TextModule, name: str) -> ast.FunctionDef | None:
    """The function called `name`, if that is all the name is bound to."""
    bounds = module.top.names.get(name, [])
    if not bounds or _why_uncertain(module, name, bounds) or not isinstance(bounds[-1].by, Definition):
        return None
    return bounds[-1].by.node


def _why_uncertain(module: TextModule, name: str, bounds: list[Bound]) -> str:
    """Why the text does not tell what `name` is; empty if it does."""
    top, where = module.top, module.file
    last = bounds[-1].by
    conditions = [bound for bound in bounds if bound.condition]
    if conditions:
        return f"`{name}` is bound {conditions[0].condition} of {where}: its value cannot be known from the text"
    same = all(isinstance(bound.by, type(last)) for bound in bounds) and isinstance(last, Definition | Imported)
    if len(bounds) > 1 and (not same or _is_read_between(top, name, bounds)):
        lines = " and ".join(str(bound.line) for bound in bounds)
        return f"`{name}` is bound more than once in {where} (lines {lines})"
    if name in top.rebound:
        return f"`{name}` is declared `global` in a function ({where}:{top.rebound[name]}), which may assign it"
    if name in top.changed and not isinstance(last, Definition):
        return f"`{name}` is changed at {where}:{top.changed[name]}: its value cannot be known from the text"
    if name in top.passed and isinstance(last, Value) and not _is_immutable(last.expression):
        return f"`{name}` may be changed by the call at {where}:{top.passed[name]}"
    return ""


def _is_read_between(top: TopLevel, name: str, bounds: list[Bound]) -> bool:
    """True if something reads a name while the module is loaded before it is bound to something else for the last time."""
    if all(isinstance(bound.by, Imported) and (bound.by.is_whole or bound.by == bounds[0].by) for bound in bounds):
        return False
    return any(bounds[0].line < line <= bounds[-1].line for line in top.read.get(name, ()))


def _is_immutable(expression: ast.expr) -> bool:
    match expression:
        case ast.Constant() | ast.Attribute(value=ast.Name()) | ast.Lambda():
            return True
        case ast.UnaryOp(operand=x):
            return _is_immutable(x)
        case ast.BinOp(left=a, right=b):
            return _is_immutable(a) and _is_immutable(b)
        case ast.Tuple(elts=items):
            return all(map(_is_immutable, items))
    return False


def _is_public(module: TextModule, name: str) -> bool:
    """True if `from module import *` brings `name`."""
    bounds = module.top.names.get("__all__", [])
    match bounds[-1].by if bounds else None:
        case Value(ast.List(elts=items) | ast.Tuple(elts=items)):
            return any(isinstance(item, ast.Constant) and item.value == name for item in items)
    return not name.startswith("_") and (name in module.top.names or bool(module.top.stars))


def _extend(path: Slot | None, kind: str, name: str) -> Slot | None:
    return None if path is None else (*path, kind, name)


def _defaults(node: ast.FunctionDef) -> dict[str, ast.expr]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    found = {arg.arg: value for arg, value in zip(with_default, arguments.defaults, strict=True)}
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {arg.arg: value for arg, value in keywords if value is not None}


def _with_receiver(unit: Unit, made: Binding | None, form: str) -> Unit:
    """A method as a function: its first parameter is an object of the class, or the class itself."""
    assert isinstance(made, Class)
    name = f"{made.name}_{unit.node.name.strip('_')}"
    if form == "class":
        return replace(unit, name=name, receiver=made)
    arguments = unit.node.args
    if form == "static" or not (arguments.posonlyargs or arguments.args):
        return replace(unit, name=name)
    first, *others = (*arguments.posonlyargs, *arguments.args)
    own = ast.copy_location(ast.arg(first.arg, first.annotation or ast.Name(made.name, ast.Load())), first)
    count = len(arguments.posonlyargs)
    positional = [own, *others]
    new = ast.arguments(**{**vars(arguments), "posonlyargs": positional[:count], "args": positional[count:]})
    node = ast.copy_location(ast.FunctionDef(**{**vars(unit.node), "args": new}), unit.node)
    return replace(unit, name=name, node=node)


# ----------------------------------------------------------------- decorators


def _check_decorators(module: TextModule, node: ast.FunctionDef, allowed: tuple[str, ...]) -> None:
    """S103 for a decorator under which the name means something else than the function below."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        dotted = imported_name(module, called)
        if dotted in allowed or is_by_hand(module, decorator):
            continue
        text = ast.unparse(decorator)
        meaning = "a derivative of the function below" if dotted in _OPERATORS else "what that makes of the function"
        raise DifferentiationError(
            "S103",
            f"`{node.name}` is decorated with `{text}`: the name means {meaning}",
            place_of(decorator, module.file, module.lines),
            "move the body to a function without decorator, and differentiate that",
        )


def _not_found(module: TextModule, qualname: str) -> DifferentiationError:
    outer, _, inner = qualname.partition(".")
    if inner and outer in module.top.names:
        reason = f"`{qualname}` of {module.file} is no method of a class at its top level"
        return DifferentiationError("S101", reason, rewrite="move it to the top level")
    functions = sorted(name for name in module.top.names if _definition(module, name))
    close = get_close_matches(qualname, functions, n=1)
    has = f"it has {', '.join(functions)}" if functions else "it has no functions"
    return DifferentiationError(
        "S101",
        f"{module.file} has no function `{qualname}`; {has}",
        rewrite=f"did you mean `{close[0]}`?" if close else "",
    )
