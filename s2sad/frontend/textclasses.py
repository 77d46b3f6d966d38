"""Classes in a module's text, as the frontend knows them of live classes: see `classes`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from s2sad.frontend.text import TextModule
from s2sad.frontend.unit import Binding, Class, Data, Field, Library, Method, Scope, Unit, Unresolved

__all__ = ["TextClasses"]

Slot = tuple[str, ...]

_HARMLESS = ("object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple")
_HOOKS = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__new__", "__del__"})
_FORMS = {
    "staticmethod": "static", "classmethod": "class", "property": "property",
}  # fmt: skip


class _Texts(Protocol):
    """What is used of `frontend.static`."""

    def unit(self, module: TextModule, name: str, node: ast.FunctionDef, slot: Slot | None) -> Unit: ...


@dataclass(frozen=True, eq=False)
class _Text:
    """A class as it is written; `scope` is that of its module's top level."""

    module: TextModule
    node: ast.ClassDef
    scope: Scope

    @property
    def key(self) -> str:
        return f"{self.module.dotted}:{self.node.name}"


class TextClasses:
    """The classes of the modules read."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._known: dict[ast.ClassDef, Class] = {}
        self._written: dict[str, _Text] = {}

    def class_of(self, module: TextModule, node: ast.ClassDef, scope: Scope, slot: Slot | None) -> Class:
        """The class that a definition at the top level of a module makes."""
        if node not in self._known:
            self._known[node] = self._new(_Text(module, node, scope), slot)
        return self._known[node]

    def _new(self, text: _Text, slot: Slot | None) -> Class:
        node = text.node
        self._written[text.key] = text
        bases = [_meaning(base, text.scope) for base in node.bases]
        lineage = _lineage(text.key, [base for base in bases if isinstance(base, Class)])
        texts = [self._written[key] for key in lineage]
        form, frozen = _form(node, text.scope)
        fields = tuple(_fields(texts, form)) if form != "object" else ()
        members = any(map(_is_member, (child for one in texts for child in one.node.body)))
        data = Data(node.name, slot=slot or ())
        trouble = _trouble(texts, bases, form)
        scope = _ClassScope(texts, self._texts)
        found = Class(text.key, node.name, form, fields, lineage, scope, data, frozen, trouble, members)
        scope.classes = {**_classes(bases), text.key: found}
        return found


class _ClassScope:
    """The names in a class and its bases; `classes` are these by their keys."""

    def __init__(self, texts: list[_Text], reader: _Texts) -> None:
        self._written = texts
        self._reader = reader
        self.classes: dict[str, Class] = {}

    def member(self, name: str, after: str = "") -> Binding | None:
        """What the class, or a base behind that with the key `after`, has under a name."""
        keys = [text.key for text in self._written]
        for text in self._written[keys.index(after) + 1 if after else 0 :]:
            found = [child for child in text.node.body if name in _bound(child)]
            setters = [child for child in found if _is_setter(child, name)]
            others = [child for child in found if child not in setters]
            if others:
                return self._with_setter(self._found(text, name, others[-1]), text, setters[-1:])
        return None

    def _found(self, text: _Text, name: str, child: ast.stmt) -> Binding | None:
        match child:
            case ast.FunctionDef():
                return self._method(text, child)
            case ast.Assign(targets=targets) if not all(isinstance(target, ast.Name) for target in targets):
                pass
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if not _of_class(value, text.node):
                return Data(name, expression=value, scope=text.scope)
            case ast.AnnAssign():
                return None
        return Unresolved(f"`{name}` of the class {text.node.name} is bound in a way that s2sad does not follow")

    def _with_setter(self, found: Binding | None, text: _Text, setters: list[ast.stmt]) -> Binding | None:
        for node in setters:
            if isinstance(found, Method) and isinstance(node, ast.FunctionDef):
                unit = self._unit(text, node)
                found = replace(found, setter=Method(replace(unit, name=f"{text.node.name}_set_{node.name}"), ""))
        return found

    def _method(self, text: _Text, node: ast.FunctionDef) -> Binding:
        forms = [_dotted(decorator, text.scope) for decorator in node.decorator_list]
        unknown = [form for form in forms if form not in _FORMS and form != "abc.abstractmethod"]
        if unknown:
            return Unresolved(f"the method `{node.name}` of {text.node.name} has a decorator")
        defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
        if any(_of_class(default, text.node) for default in defaults):
            return Unresolved(f"a default of the method `{node.name}` of {text.node.name} reads a name of the class")
        form = next((_FORMS[form] for form in forms if form in _FORMS), "method")
        return Method(self._unit(text, node), form)

    def _unit(self, text: _Text, node: ast.FunctionDef) -> Unit:
        unit = self._reader.unit(text.module, f"{text.node.name}.{node.name}", node, None)
        inside = text.node.name
        scope = _MethodScope(unit.scope, self.classes.get(text.key))
        return replace(unit, name=f"{inside}_{node.name.strip('_')}", inside=inside, scope=scope)


class _MethodScope:
    """The names that a method reads; `__class__` is the class that it stands in."""

    def __init__(self, scope: Scope, inside: Class | None) -> None:
        self._scope = scope
        self._inside = inside
        self.member = scope.member
        self.default = scope.default
        self.imported = scope.imported

    def lookup(self, name: str) -> Binding:
        """What the free name `name` stands for."""
        if name == "__class__" and self._inside is not None:
            return self._inside
        return self._scope.lookup(name)


# ------------------------------------------------------------------ questions


def _meaning(node: ast.expr, scope: Scope) -> Binding:
    """What a base or a decorator stands for."""
    match node:
        case ast.Call(func=func):
            return _meaning(func, scope)
        case ast.Subscript(value=value):
            return _meaning(value, scope)
        case ast.Name(id=name):
            return scope.lookup(name)
        case ast.Attribute(value=value, attr=attr):
            module = _meaning(value, scope)
            return scope.member(module, attr) if type(module).__name__ == "Module" else Unresolved("no module")  # type: ignore[arg-type]
    return Unresolved("no name")


def _dotted(node: ast.expr, scope: Scope) -> str:
    found = _meaning(node, scope)
    return found.dotted if isinstance(found, Library) else ""


def _lineage(key: str, bases: list[Class]) -> tuple[str, ...]:
    """The order in which names are looked up: Python's own, found by making classes that derive from each other alike."""
    made: dict[str, type] = {}
    for base in bases:
        for number in range(len(base.lineage) - 1, -1, -1):
            made.setdefault(base.lineage[number], object)
    for base in bases:
        made[base.key] = _alike(base.lineage, made)
    own = type(key, tuple(made[base.key] for base in bases), {})
    return tuple(one.__name__ for one in own.__mro__[:-1])


def _alike(lineage: tuple[str, ...], made: dict[str, type]) -> type:
    """A class with this order of resolution, of classes that derive one from the next."""
    found: type = object
    for key in reversed(lineage):
        if made.get(key, object) is object:
            made[key] = type(key, (found,), {})
        found = made[key]
    return found


def _classes(bases: list[Binding]) -> dict[str, Class]:
    found: dict[str, Class] = {}
    for base in bases:
        if isinstance(base, Class):
            found |= getattr(base.scope, "classes", {})
    return found


def _form(node: ast.ClassDef, scope: Scope) -> tuple[str, bool]:
    """How objects of a class are made, and whether they cannot change."""
    for decorator in node.decorator_list:
        if _dotted(decorator, scope) == "dataclasses.dataclass" and not _defines(node, "__init__"):
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return "dataclass", any(one.arg == "frozen" and ast.unparse(one.value) == "True" for one in keywords)
    named = any(_dotted(base, scope) == "typing.NamedTuple" for base in node.bases)
    return ("namedtuple" if named else "object"), named


def _defines(node: ast.ClassDef, name: str) -> bool:
    return any(isinstance(child, ast.FunctionDef) and child.name == name for child in node.body)


def _fields(texts: list[_Text], form: str) -> Iterator[Field]:
    """The fields, those of the bases first."""
    found: dict[str, Field] = {}
    for text in reversed(texts):
        for child in text.node.body:
            match child:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    if "ClassVar" not in ast.unparse(annotation):
                        found[name] = _field(name, value, text)
    yield from found.values()


def _field(name: str, value: ast.expr | None, text: _Text) -> Field:
    if not isinstance(value, ast.Call) or _dotted(value, text.scope) != "dataclasses.field":
        return Field(name, None if value is None else Data(name, expression=value, scope=text.scope))
    given = {str(one.arg): one.value for one in value.keywords}
    default = Data(name, expression=given["default"], scope=text.scope) if "default" in given else None
    factory = _meaning(given["default_factory"], text.scope) if "default_factory" in given else None
    is_argument = "init" not in given or ast.unparse(given["init"]) == "True"
    return Field(name, default, factory, is_argument)


def _trouble(texts: list[_Text], bases: list[Binding], form: str) -> str:
    for text in texts:
        hooks = [name for name in sorted(_HOOKS) if _defines(text.node, name)]
        if hooks:
            return f"it defines `{hooks[0]}`"
        if text.node.keywords and form != "namedtuple":
            return "it has a metaclass, or arguments for its base"
        if "kw_only" in (written := ast.unparse(text.node).lower()) and "dataclass" in written:
            return "it has fields that are given by name alone"
        odd = [d for d in text.node.decorator_list if _dotted(d, text.scope) != "dataclasses.dataclass"]
        if odd:
            return f"it has the decorator `{ast.unparse(odd[0])}`"
        values = [
            child.value for child in text.node.body if isinstance(child, ast.AnnAssign) and child.value is not None
        ]
        if form != "object" and any(_of_class(value, text.node) for value in values):
            return "a default of a field reads a name of the class"
        described = [name for child in text.node.body for name in _described(child, text.scope)]
        if described:
            return f"its attribute `{described[0]}` is a descriptor"
    foreign = [base for base in bases if not isinstance(base, Class) and getattr(base, "dotted", "") not in _HARMLESS]
    if foreign:
        return "it derives from a class that is not written in a file beside it"
    return next((base.trouble for base in bases if isinstance(base, Class) and base.trouble), "")


def _described(child: ast.stmt, scope: Scope) -> list[str]:
    """The attributes to which a statement in the body of a class gives a descriptor."""
    match child:
        case ast.Assign(value=ast.Call(func=func)) | ast.AnnAssign(value=ast.Call(func=func)):
            made = _meaning(func, scope)
            return _bound(child) if isinstance(made, Class) and made.scope.member("__set__") is not None else []
    return []


def _of_class(node: ast.expr, made: ast.ClassDef) -> bool:
    """True for an expression in the body of a class that reads a name which is bound there, and not in the module."""
    own = {name for child in made.body for name in _bound(child)}
    return any(isinstance(part, ast.Name) and part.id in own for part in ast.walk(node))


def _is_setter(child: ast.stmt, name: str) -> bool:
    """True for the function that `@name.setter` stands above."""
    found = child.decorator_list if isinstance(child, ast.FunctionDef) else []
    return any(isinstance(one, ast.Attribute) and ast.unparse(one) == f"{name}.setter" for one in found)


def _is_member(child: ast.stmt) -> bool:
    return isinstance(child, ast.FunctionDef | ast.Assign)


def _bound(child: ast.stmt) -> list[str]:
    """The names that a statement in the body of a class binds."""
    match child:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return [part.id for part in ast.walk(child) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
