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
    found = ((node.name, _record(node)) for node in tree.body if isinstance(node, ast.ClassDef))
    return {name: record for name, record in found if record is not None}


def _record(node: ast.ClassDef) -> RecordClass | None:
    """What a class says of its values; None for a class that computes them, or that has bases that are not looked at."""
    bases = [_last_name(base) for base in node.bases]
    if len(bases) == 1 and bases[0] in _FORMS and not node.decorator_list:
        return RecordClass(_FORMS[bases[0]], dict(_fields(node)))
    is_dataclass = [_last_name(decorator) for decorator in node.decorator_list] == ["dataclass"]
    own = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
    computes = own & {"__init__", "__post_init__", "__getattribute__", "__setattr__"}
    if "__init__" in own and not node.decorator_list and not bases and not own & _HOOKS:
        return RecordClass("object", _assigned_in_init(node))
    if not is_dataclass or bases or computes or any(map(_is_special, node.body)):
        return None
    return RecordClass("dataclass", dict(_fields(node)))


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
