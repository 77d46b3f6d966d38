"""The kinds of parameters, from their annotations and from text such as `float[m, n]`.

The grammar is a part of Python's own, so `ast` parses it:

    kind   →  float | int | bool | complex | str | float32 | int64 | …      a scalar
           |  dtype[dim, …]                                                 an array; `float[]` has no dimensions
           |  list[kind]  |  (kind, kind, …)  |  [kind, kind, …]            sequences
           |  {key: kind, …}                                                 a dict with these keys
           |  Class  |  Class(field=kind, …)                                a dataclass, NamedTuple or TypedDict of the file
           |  array                                                         anything NumPy: nothing is known
    dim    →  letter | integer | dim + dim | dim - dim | dim * dim | _      `_` is a size of which nothing is known

A letter means the same size wherever it stands, in all arguments of a function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from s2sad.errors import ArgumentError, Place
from s2sad.frontend.records import RecordClass, record_classes
from s2sad.frontend.unit import Unit
from s2sad.ir import Span
from s2sad.kind import (
    Array,
    Dim,
    Key,
    Kind,
    List,
    Number,
    Other,
    Pattern,
    Record,
    Sequence,
    Unknown,
    constant_dim,
    kind_at,
    leaves_of,
    map_dims,
    may_be_active,
)
from s2sad.paths import path_of

__all__ = ["check_wrt", "kinds_of", "normal_form", "parameters"]

_PYTHON = {"float": "float64", "int": "int64", "bool": "bool", "complex": "complex128"}
_NUMPY = (
    "float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble",
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip
_OTHERS = ("str", "bytes")
_ANYTHING = ("array", "ndarray", "NDArray", "ArrayLike", "Any", "object")

#: The names of jaxtyping for arrays of one type; its others (Num, Shaped, …) say too little.
_JAXTYPING = {
    "Float": "float64", "Float16": "float16", "Float32": "float32", "Float64": "float64",
    "Complex": "complex128", "Complex64": "complex64", "Complex128": "complex128",
    "Int": "int64", "Int8": "int8", "Int16": "int16", "Int32": "int32", "Int64": "int64", "Bool": "bool",
}  # fmt: skip

GRAMMAR = (
    "write for example `float`, `int`, `float[m, n]`, `float32[3, n]`, `list[float]`, `(float, float[n])` "
    "or `{W: float[m, n], b: float[m]}`"
)


class _NotUnderstoodError(Exception):
    """The text or tree is outside the grammar; the message says which part."""


@dataclass
class _Dims:
    """Numbers the letters of dimensions as they are met; `records` are the classes that the file, the module `module`,
    defines. In a list each value of a class `varies` in its sizes.
    """

    pattern: Pattern
    records: Mapping[str, RecordClass]
    varies: bool = False
    sizes: dict[str, Dim] = field(default_factory=dict)
    module: str = ""

    def of_letter(self, letter: str) -> Dim:
        if letter not in self.sizes:
            self.sizes[letter] = self.pattern.fresh()
        return self.sizes[letter]


def kinds_of(
    unit: Unit, overrides: Mapping[str, str], pattern: Pattern | None = None
) -> tuple[dict[str, Kind], dict[str, str]]:
    """The kinds of a function's parameters as far as they are known, and the shapes of the arrays as text, `(m, n)`.

    `overrides` gives kinds by parameter in the grammar above and wins over annotations. An annotation that is not
    understood means that nothing is known; an override that is not understood is an ArgumentError (S104).
    `pattern` numbers the sizes: give it to `derive` as well.
    """
    _check_names(unit, overrides)
    module = unit.key.partition(":")[0]
    dims = _Dims(pattern or Pattern(), record_classes("".join(unit.lines)), module=module)
    kinds: dict[str, Kind] = {}
    shapes: dict[str, str] = {}
    for param in _arguments(unit):
        tree = _tree_of(param, overrides.get(param.arg))
        kind = _kind_of_argument(tree, dims, param.arg, overrides)
        if kind is None:
            continue
        kinds[param.arg] = kind
        array = _array(tree)
        if array:
            shapes[param.arg] = _shape_text(array.shape)
    return kinds, shapes


def check_wrt(unit: Unit, wrt: tuple[str, ...], kinds: Mapping[str, Kind]) -> None:
    """Refuse (S401) a parameter, or a part of one, whose kind cannot carry a derivative."""
    for param in _arguments(unit):
        for text in wrt:
            path = path_of(text)
            if path is not None and path.root == param.arg and param.arg in kinds:
                kind = kind_at(kinds[param.arg], path.keys)
                if kind is not None:
                    _check_floats(unit, param, text, kind)


def _check_floats(unit: Unit, param: ast.arg, text: str, kind: Kind) -> None:
    """None may stand in a container for something absent."""
    for path, leaf in leaves_of(text, kind):
        if not may_be_active(leaf) and (path == text or leaf != Other("NoneType")):
            raise ArgumentError(
                "S401",
                f"cannot differentiate with respect to `{path}`: it is {_describe(leaf)}, not a float",
                _place(unit, param),
                _choice(param.arg, path),
            )


def _choice(name: str, path: str) -> str:
    if path == name:
        return f"annotate it as a float (--arg '{name}: float'), or choose another parameter with --wrt"
    return "annotate it as a float, or select those parts that are floats: --wrt takes paths such as 'params.W'"


def parameters(unit: Unit) -> tuple[str, ...]:
    """The names that `wrt` may mention: every parameter but `*args` and `**kwargs`."""
    return tuple(param.arg for param in _arguments(unit))


def normal_form(text: str) -> str:
    """A kind's text in its one spelling: `float[ m,n ]` is `float[m, n]`. Text outside the grammar stays as it is."""
    try:
        return ast.unparse(_parse(text)).replace("[()]", "[]")
    except _NotUnderstoodError:
        return text.strip()


# ------------------------------------------------------------------- parameters


def _arguments(unit: Unit) -> Iterator[ast.arg]:
    """The parameters in the order of their definition, without `*args` and `**kwargs`, whose annotations are of one
    element, and without that which is bound.
    """
    arguments = unit.node.args
    by_position = [*arguments.posonlyargs, *arguments.args][unit.receiver is not None :]
    yield from (*by_position, *arguments.kwonlyargs)


def _check_names(unit: Unit, overrides: Mapping[str, str]) -> None:
    names = parameters(unit)
    for name in overrides:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"its parameters are {', '.join(map(_quoted, names))}"
            raise ArgumentError("S104", f"`{unit.node.name}` has no parameter `{name}`", rewrite=hint)


def _quoted(name: str) -> str:
    return f"`{name}`"


def _tree_of(param: ast.arg, override: str | None) -> ast.expr | None:
    """What describes a parameter: the tree of its override, else its annotation."""
    if override is None:
        return _unquoted(param.annotation) if param.annotation else None
    try:
        return _parse(override)
    except _NotUnderstoodError as error:
        raise _bad_grammar(param.arg, override, error) from None


def _kind_of_argument(tree: ast.expr | None, dims: _Dims, name: str, overrides: Mapping[str, str]) -> Kind | None:
    if tree is None:
        return None
    try:
        return _kind(tree, dims)
    except _NotUnderstoodError as error:
        if name in overrides:
            raise _bad_grammar(name, overrides[name], error) from None
        return None


def _bad_grammar(name: str, text: str, error: _NotUnderstoodError) -> ArgumentError:
    return ArgumentError("S104", f"cannot read the kind of `{name}`, `{text.strip()}`: {error}", rewrite=GRAMMAR)


def _place(unit: Unit, param: ast.arg) -> Place | None:
    """Where a parameter stands; one for what `*args` catches stands nowhere."""
    if not hasattr(param, "lineno"):
        return None
    return unit.place(Span(param.lineno, param.col_offset, param.end_col_offset or param.col_offset + 1))


def _describe(kind: Kind) -> str:
    match kind:
        case Number(dtype=dtype):
            return f"of type {dtype}"
        case Array(dtype=dtype):
            return f"an array of {dtype}"
        case Other(name=name):
            return f"of type {name}"
    return "a sequence without floats"


# -------------------------------------------------------------------- the grammar


def _parse(text: str) -> ast.expr:
    # `float[]` is natural for an array without dimensions, and the one form that Python's grammar lacks.
    try:
        return ast.parse(re.sub(r"\[\s*\]", "[()]", text.strip()), mode="eval").body
    except (SyntaxError, ValueError):
        raise _NotUnderstoodError("it is no Python expression") from None


def _unquoted(tree: ast.expr) -> ast.expr:
    """An annotation in quotes is read like one without."""
    match tree:
        case ast.Constant(value=str(text)):
            try:
                return _parse(text)
            except _NotUnderstoodError:
                return tree
    return tree


def _kind(tree: ast.expr, dims: _Dims) -> Kind:
    array = _array(tree)
    if array:
        return Array(array.dtype, tuple(_dim(size, dims) for size in array.shape))
    match tree:
        case ast.Constant(value=str()) if (inner := _unquoted(tree)) is not tree:
            return _kind(inner, dims)
        case ast.Name(id=name) if name in dims.records:
            return _record(name, {}, dims)
        case ast.Call(func=ast.Name(id=name), args=[], keywords=keywords) if name in dims.records:
            return _record(name, {str(keyword.arg): keyword.value for keyword in keywords}, dims)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _scalar(name)
        case ast.Constant(value=None):
            return Other("NoneType")
        case ast.Tuple(elts=items):
            return Sequence("tuple", tuple(_kind(item, dims) for item in items))
        case ast.List(elts=items):
            return Sequence("list", tuple(_kind(item, dims) for item in items))
        case ast.Dict(keys=keys, values=values):
            return Record("dict", "", tuple(map(_key, keys)), tuple(_kind(value, dims) for value in values))
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=index):
            return _subscripted(name, index, dims)
    raise _NotUnderstoodError(f"`{ast.unparse(tree)}` is no kind")


def _key(tree: ast.expr | None) -> Key:
    """The key of a dict, which may be written without quotes."""
    match tree:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=str() | int() as value) if type(value) is not bool:
            return value
    raise _NotUnderstoodError(f"`{ast.unparse(tree) if tree else '**'}` is no key")


def _record(name: str, given: Mapping[str, ast.expr], dims: _Dims) -> Kind:
    """The kind of the values of a class, some fields perhaps `given`; one whose annotation is not understood may be anything.
    The letters in its annotations are its own: two values of one class may have different sizes.
    """
    record = dims.records[name]
    for field_name in given:
        if field_name not in record.fields:
            raise _NotUnderstoodError(f"`{name}` has no field `{field_name}`")
    others = {other: found for other, found in dims.records.items() if other != name}
    own = replace(dims, sizes={}, records=others)
    fields = {
        key: _kind(given[key], dims) if key in given else _annotated(annotation, own)
        for key, annotation in record.fields.items()
    }
    is_dict = record.form == "dict"
    made = "" if is_dict else f"{dims.module}:{name}"
    return Record(record.form, "" if is_dict else name, tuple(fields), tuple(fields.values()), made)


def _annotated(annotation: ast.expr, dims: _Dims) -> Kind:
    try:
        kind = _kind(_unquoted(annotation), dims)
    except _NotUnderstoodError:
        return Unknown()
    return map_dims(kind, lambda dim: dim if dim is None or len(set(dim)) == 1 else None) if dims.varies else kind


def _scalar(name: str) -> Kind:
    if name in _PYTHON or name in _NUMPY:
        return Number(name)
    if name in _OTHERS:
        return Other(name)
    if name in _ANYTHING:
        return Unknown()
    near = get_close_matches(name, (*_PYTHON, *_NUMPY), 1)
    raise _NotUnderstoodError(f"`{name}` is no type" + (f", did you mean `{near[0]}`?" if near else ""))


def _subscripted(name: str, index: ast.expr, dims: _Dims) -> Kind:
    match name, index:
        case "list" | "List", _:
            return List(_kind(index, replace(dims, varies=True)))
        case "tuple" | "Tuple", _:
            return Sequence("tuple", tuple(_kind(item, dims) for item in _items(index)))
        case "NDArray" | "ndarray", _:
            return Unknown()
        case "Annotated", ast.Tuple(elts=[base, *_]):
            return _kind(base, dims)
    raise _NotUnderstoodError(f"`{name}` is no type of an array")


# ------------------------------------------------------- the notations for arrays


@dataclass(frozen=True)
class _Array:
    """An array as it was written: its type and the trees of its dimensions."""

    dtype: str
    shape: list[ast.expr]


def _array(tree: ast.expr | None) -> _Array | None:
    """`float[m, n]`, `Annotated[np.ndarray, "m, n"]` or `Float[Array, "m n"]`, else None."""
    match tree:
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=index):
            return _array_of(name, index)
    return None


def _array_of(name: str, index: ast.expr) -> _Array | None:
    match name, index:
        case "Annotated", ast.Tuple(elts=[base, *notes]) if _is_array_type(base):
            shape = next(filter(None, map(_noted_shape, notes)), None)
            return _Array(_noted_dtype(base), shape) if shape else None
        case _, ast.Tuple(elts=[_, ast.Constant(value=str(shape))]) if name in _JAXTYPING:
            return _Array(_JAXTYPING[name], [_parse(word.rpartition("=")[2]) for word in shape.split()])
        case _ if name in _PYTHON or name in _NUMPY:
            return _Array(_PYTHON.get(name, name), _items(index))
    return None


def _is_array_type(base: ast.expr) -> bool:
    match base:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in _ANYTHING
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _ANYTHING
    return False


def _noted_shape(note: ast.expr) -> list[ast.expr] | None:
    """The dimensions in a note. One longer word is more likely a remark ("velocity") than a dimension."""
    match note:
        case ast.Constant(value=str(text)) if "," in text or len(text.strip()) == 1:
            try:
                return _items(_parse(text))
            except _NotUnderstoodError:
                return None
    return None


def _noted_dtype(base: ast.expr) -> str:
    """The type in `NDArray[np.float32]`, float64 where there is none."""
    named = [node.attr for node in ast.walk(base) if isinstance(node, ast.Attribute) and node.attr in _NUMPY]
    return named[0] if named else "float64"


def _items(index: ast.expr) -> list[ast.expr]:
    return index.elts if isinstance(index, ast.Tuple) else [index]


def _dim(tree: ast.expr, dims: _Dims) -> Dim:
    match tree:
        case ast.Name(id="_"):
            return None
        case ast.Name(id=letter):
            return dims.of_letter(letter)
        case ast.Constant(value=int(size)) if type(size) is int:
            return constant_dim(size)
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(_dim(left, dims), op, _dim(right, dims), tree)
    raise _NotUnderstoodError(f"`{ast.unparse(tree)}` is no dimension")


def _computed(left: Dim, op: ast.operator, right: Dim, tree: ast.expr) -> Dim:
    if left is None or right is None:
        return None
    pairs = zip(left, right, strict=True)
    match op:
        case ast.Add():
            sizes = tuple(a + b for a, b in pairs)
        case ast.Sub():
            sizes = tuple(a - b for a, b in pairs)
        case ast.Mult():
            sizes = tuple(a * b for a, b in pairs)
        case _:
            raise _NotUnderstoodError(f"`{ast.unparse(tree)}` is no dimension")
    if min(sizes) < 0:
        raise _NotUnderstoodError(f"`{ast.unparse(tree)}` may be negative")
    return sizes


def _shape_text(shape: list[ast.expr]) -> str:
    """The dimensions as they were written, as a tuple."""
    words = [ast.unparse(size) for size in shape]
    return f"({words[0]},)" if len(words) == 1 else f"({', '.join(words)})"
