"""Classes whose values are records, read from a file's text: dataclasses, named tuples and typed dicts with their fields."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["RecordClass", "record_classes"]

_FORMS = {"NamedTuple": "namedtuple", "TypedDict": "dict"}


@dataclass(frozen=True)
class RecordClass:
    """The fields of a class with their annotations; `form` is dataclass, namedtuple, dict or object."""

    form: str
    fields: Mapping[str, ast.expr]


@lru_cache(maxsize=64)
def record_classes(text: str) -> Mapping[str, RecordClass]:
    """The records defined at the top level of a file, by name; none where the file cannot be read."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, RecordClass] = {}
    for node in tree.body:
        record = _record(node, found) if isinstance(node, ast.ClassDef) else None
        if isinstance(node, ast.ClassDef) and record is not None:
            found[node.name] = record
    return found


def _record(node: ast.ClassDef, known: Mapping[str, RecordClass]) -> RecordClass | None:
    """What a class says of its values; None for a class that computes them, or that has bases that are not `known`."""
    names = [_last_name(base) for base in node.bases]
    if len(names) == 1 and names[0] in _FORMS and not node.decorator_list:
        return RecordClass(_FORMS[names[0]], dict(_fields(node)))
    names = [name for name in names if name not in _HARMLESS]
    bases = [known[name] for name in reversed(names) if name in known]
    if len(bases) < len(names):
        return None
    inherited = {name: annotation for base in bases for name, annotation in base.fields.items()}
    own = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
    if all(base.form == "object" for base in bases) and not node.decorator_list:
        return _plain(node, own, inherited) if bases or "__init__" in own else None
    is_dataclass = [_last_name(decorator) for decorator in node.decorator_list] == ["dataclass"]
    computes = own & {"__init__", "__post_init__", "__getattribute__", "__setattr__"}
    if not is_dataclass or computes or any(map(_is_special, node.body)) or any(b.form != "dataclass" for b in bases):
        return None
    return RecordClass("dataclass", {**inherited, **dict(_fields(node))})


def _plain(node: ast.ClassDef, own: set[str], inherited: Mapping[str, ast.expr]) -> RecordClass | None:
    """A class whose objects get their attributes in `__init__`, or in that of a base which it calls."""
    if own & _HOOKS:
        return None
    if "__init__" not in own:
        return RecordClass("object", inherited)
    texts = {
        ast.unparse(child) for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__init__"
    }
    before = inherited if any(".__init__(" in text for text in texts) else {}
    return RecordClass("object", {**before, **_assigned_in_init(node)})


_HARMLESS = ("object", "ABC", "Generic", "Protocol")
_HOOKS = {"__getattr__", "__getattribute__", "__setattr__", "__new__"}


def _assigned_in_init(node: ast.ClassDef) -> dict[str, ast.expr]:
    """The attributes that `__init__` sets: as they are annotated there, or like the argument that they are."""
    inits = [child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__init__"]
    found: dict[str, ast.expr] = {}
    for init in inits[-1:]:
        given = {arg.arg: arg.annotation for arg in (*init.args.args, *init.args.kwonlyargs) if arg.annotation}
        for child in ast.walk(init):
            match child:
                case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=attr), annotation=annotation):
                    found[attr] = annotation
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=attr)], value=value):
                    known = given.get(value.id) if isinstance(value, ast.Name) else None
                    found[attr] = known or ast.Constant("?")
    return found


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for child in node.body:
        match child:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if _class_of(annotation) != "ClassVar":
                yield name, annotation


def _is_special(child: ast.stmt) -> bool:
    """True for a field that is no argument of the class, and an argument that is no field."""
    match child:
        case ast.AnnAssign(annotation=annotation) if _class_of(annotation) == "InitVar":
            return True
        case ast.AnnAssign(value=ast.Call(keywords=keywords)):
            return any(keyword.arg == "init" for keyword in keywords)
    return False


def _class_of(annotation: ast.expr) -> str:
    return _last_name(annotation.value if isinstance(annotation, ast.Subscript) else annotation)


def _last_name(node: ast.expr) -> str:
    """`dataclass` for `dataclasses.dataclass(frozen=True)`."""
    match node:
        case ast.Call(func=func):
            return _last_name(func)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
