import ast

import pytest

from s2sad.errors import ArgumentError
from s2sad.frontend.annotations import check_wrt, kinds_of, normal_form
from s2sad.frontend.unit import Binding, Module, Unit, Unresolved
from s2sad.kind import Array, List, Number, Other, Pattern, Record, Sequence, Unknown, constant_dim, symbol


class Nothing:
    def lookup(self, name: str) -> Binding:
        return Unresolved("")

    def member(self, module: Module, attr: str) -> Binding:
        return Unresolved("")


def unit(parameters: str, above: str = "") -> Unit:
    text = f"{above}def f({parameters}):\n    return 0\n"
    node = ast.parse(text).body[-1]
    assert isinstance(node, ast.FunctionDef)
    return Unit("m:f", "f", node, "m.py", tuple(text.splitlines(keepends=True)), Nothing())


M, N, K = symbol(0), symbol(1), symbol(2)

GRAMMAR = {
    "float": Number("float"),
    "int": Number("int"),
    "bool": Number("bool"),
    "complex": Number("complex"),
    "float32": Number("float32"),
    "str": Other("str"),
    "None": Other("NoneType"),
    "array": Unknown(),
    "float[m, n]": Array("float64", (M, N)),
    "float[m]": Array("float64", (M,)),
    "float[m, m]": Array("float64", (M, M)),
    "float[]": Array("float64", ()),
    "float[_, m]": Array("float64", (None, M)),
    "float[3, m]": Array("float64", (constant_dim(3), M)),
    "float[1, 2]": Array("float64", (constant_dim(1), constant_dim(2))),
    "float[m, m + 1]": Array("float64", (M, tuple(size + 1 for size in M or ()))),
    "float[m, 2 * n]": Array("float64", (M, tuple(2 * size for size in N or ()))),
    "float32[m]": Array("float32", (M,)),
    "int[m]": Array("int64", (M,)),
    "bool[m]": Array("bool", (M,)),
    "complex[m]": Array("complex128", (M,)),
    "list[float]": List(Number("float")),
    "list[float[m]]": List(Array("float64", (M,))),
    "(float, float[m])": Sequence("tuple", (Number("float"), Array("float64", (M,)))),
    "tuple[float, int]": Sequence("tuple", (Number("float"), Number("int"))),
    "[float, float[m]]": Sequence("list", (Number("float"), Array("float64", (M,)))),
    "{W: float[m, n], b: float[m]}": Record("dict", "", ("W", "b"), (Array("float64", (M, N)), Array("float64", (M,)))),
    '{"a b": None, 0: (float, int)}': Record(
        "dict", "", ("a b", 0), (Other("NoneType"), Sequence("tuple", (Number("float"), Number("int"))))
    ),
    "{layers: list[{W: float[m, m]}]}": Record(
        "dict", "", ("layers",), (List(Record("dict", "", ("W",), (Array("float64", (M, M)),))),)
    ),
}


@pytest.mark.parametrize("text", GRAMMAR)
def test_override(text):
    assert kinds_of(unit("x"), {"x": text})[0] == {"x": GRAMMAR[text]}


@pytest.mark.parametrize("text", GRAMMAR)
def test_the_same_text_in_quotes_is_an_annotation(text):
    assert kinds_of(unit(f"x: '{text}'"), {})[0] == {"x": GRAMMAR[text]}


ANNOTATIONS = {
    "float": Number("float"),
    "np.float64": Number("float64"),
    "np.ndarray": Unknown(),
    "'np.ndarray'": Unknown(),
    "npt.NDArray[np.float32]": Unknown(),
    "None": Other("NoneType"),
    "Annotated[np.ndarray, 'm, n']": Array("float64", (M, N)),
    "Annotated[np.ndarray, '(m, n)']": Array("float64", (M, N)),
    "typing.Annotated[np.ndarray, 'n']": Array("float64", (M,)),
    "Annotated[npt.NDArray[np.float32], 'm, 3']": Array("float32", (M, constant_dim(3))),
    "Annotated[np.ndarray, 'velocity']": Unknown(),
    "Annotated[np.ndarray, 'in metres, at noon']": Unknown(),
    "Annotated[float, 'a, b']": Number("float"),
    "Float[Array, 'm n']": Array("float64", (M, N)),
    "jaxtyping.Float32[np.ndarray, 'm 3']": Array("float32", (M, constant_dim(3))),
    "Float[Array, 'm m+1']": Array("float64", (M, tuple(size + 1 for size in M or ()))),
    "Float[Array, 'dim=3']": Array("float64", (constant_dim(3),)),
    "Float[Array, '']": Array("float64", ()),
    "list[float]": List(Number("float")),
}


@pytest.mark.parametrize("text", ANNOTATIONS)
def test_annotation(text):
    assert kinds_of(unit(f"x: {text}"), {})[0] == {"x": ANNOTATIONS[text]}


@pytest.mark.parametrize(
    "text",
    [
        "Callable[[float], float]", "float | None", "Optional[float]", "tuple[float, ...]",
        "dict[str, float]", "dict", "Params",
        "'float[m'", "'any text at all'", "Float[Array, '... n']", "Float[Array, '*batch n']", "Float[Array, '#n']",
        "Num[Array, 'n']", "Annotated[Thing, 'm, n']", "3", "f(x)", "list",
    ],
)  # fmt: skip
def test_annotations_that_are_not_understood_mean_unknown(text):
    assert kinds_of(unit(f"x: {text}"), {}) == ({}, {})


CLASSES = """
@dataclass
class Layer:
    W: "float[m, n]"
    b: "float[m]"
    name: ClassVar[str] = "layer"


@dataclasses.dataclass(frozen=True)
class Network:
    first: Layer
    second: "Layer"
    norm: np.ndarray


class Point(typing.NamedTuple):
    x: float
    y: float


class Settings(TypedDict):
    rate: float
    steps: int


@dataclass
class Normed:
    x: float

    def __post_init__(self):
        self.x = 1.0


@dataclass
class Made:
    x: float = field(init=False)


class Plain:
    x: float


@dataclass
class Node:
    value: float
    next: "Node"
"""
LAYER = Record("dataclass", "Layer", ("W", "b"), (Array("float64", (M, N)), Array("float64", (M,))), "m:Layer")
SECOND = Record("dataclass", "Layer", ("W", "b"), (Array("float64", (K, symbol(3))), Array("float64", (K,))), "m:Layer")
RECORDS = {
    "Layer": LAYER,
    "'Layer'": LAYER,
    "(Layer, Layer)": Sequence("tuple", (LAYER, SECOND)),
    "Network": Record("dataclass", "Network", ("first", "second", "norm"), (LAYER, SECOND, Unknown()), "m:Network"),
    "list[Layer]": List(
        Record(
            "dataclass",
            "Layer",
            ("W", "b"),
            (Array("float64", (None, None)), Array("float64", (None,))),
            "m:Layer",
        )
    ),
    "Layer(b=float[1])": Record(
        "dataclass",
        "Layer",
        ("W", "b"),
        (Array("float64", (M, N)), Array("float64", (constant_dim(1),))),
        "m:Layer",
    ),
    "(float[m], Layer(W=float[m, m]))": Sequence(
        "tuple",
        (
            Array("float64", (M,)),
            Record("dataclass", "Layer", ("W", "b"), (Array("float64", (M, M)), Array("float64", (N,))), "m:Layer"),
        ),
    ),
    "list[Point]": List(Record("namedtuple", "Point", ("x", "y"), (Number("float"), Number("float")), "m:Point")),
    "{settings: Settings}": Record(
        "dict", "", ("settings",), (Record("dict", "", ("rate", "steps"), (Number("float"), Number("int"))),)
    ),
    "Node": Record("dataclass", "Node", ("value", "next"), (Number("float"), Unknown()), "m:Node"),
}


@pytest.mark.parametrize("text", RECORDS)
def test_classes_of_the_file(text):
    subject = unit("x", CLASSES)
    assert kinds_of(subject, {"x": text})[0] == {"x": RECORDS[text]}


@pytest.mark.parametrize("name", ["Normed", "Made", "Plain"])
def test_classes_that_compute_their_values_mean_unknown(name):
    assert kinds_of(unit(f"x: {name}", CLASSES), {}) == ({}, {})


def test_no_annotation_is_unknown():
    assert kinds_of(unit("x, *args, y=3, **kwargs"), {}) == ({}, {})


def test_star_arguments_are_left_alone():
    assert kinds_of(unit("*args: float, **kwargs: float"), {}) == ({}, {})


def test_a_letter_is_the_same_size_in_all_arguments():
    kinds, shapes = kinds_of(unit("W: 'float[m, n]', x, b: 'float[m]', c: 'float[k]'"), {"x": "float[n]"})
    assert kinds == {
        "W": Array("float64", (M, N)),
        "x": Array("float64", (N,)),
        "b": Array("float64", (M,)),
        "c": Array("float64", (K,)),
    }
    assert shapes == {"W": "(m, n)", "x": "(n,)", "b": "(m,)", "c": "(k,)"}


def test_letters_are_numbered_in_the_order_of_parameters():
    reordered = kinds_of(unit("a, b"), {"b": "float[q]", "a": "float[p]"})[0]
    assert reordered == {"a": Array("float64", (M,)), "b": Array("float64", (N,))}


def test_the_pattern_given_goes_on_behind_the_letters():
    pattern = Pattern()
    kinds_of(unit("x"), {"x": "float[m, n]"}, pattern)
    assert pattern.fresh() == K


def test_an_override_wins():
    assert kinds_of(unit("x: int"), {"x": "float"})[0] == {"x": Number("float")}


def test_shapes_as_text():
    texts = {"a": "float[]", "b": "float[n]", "c": "float[n+1, 3]", "d": "float"}
    assert kinds_of(unit("a, b, c, d"), texts)[1] == {"a": "()", "b": "(n,)", "c": "(n + 1, 3)"}
    assert kinds_of(unit("x: Float[Array, 'm n']"), {})[1] == {"x": "(m, n)"}
    assert kinds_of(unit("x: Annotated[np.ndarray, 'm,n']"), {})[1] == {"x": "(m, n)"}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("flaot", "did you mean `float`?"),
        ("float[m", "no Python expression"),
        ("", "no Python expression"),
        ("flot[m]", "`flot` is no type of an array"),
        ("float['m']", "`'m'` is no dimension"),
        ("float[m / 2]", "`m / 2` is no dimension"),
        ("float[-1]", "`-1` is no dimension"),
        ("float[1 - m]", "may be negative"),
        ("float[True]", "`True` is no dimension"),
        ("f()", "`f()` is no kind"),
        ("list", "`list` is no type"),
        ("{f(): float}", "`f()` is no key"),
        ("{**other}", "`**` is no key"),
        ("{W: flaot}", "did you mean `float`?"),
    ],
)
def test_bad_grammar_names_the_argument(text, part):
    with pytest.raises(ArgumentError) as error:
        kinds_of(unit("W"), {"W": text})
    assert error.value.code == "S104"
    assert "`W`" in error.value.reason
    assert part in error.value.reason
    assert "float[m, n]" in error.value.rewrite


def test_an_unknown_parameter():
    with pytest.raises(ArgumentError, match=r"(?s)no parameter `weihgt`.*did you mean `weight`"):
        kinds_of(unit("weight"), {"weihgt": "float"})


@pytest.mark.parametrize("annotation", ["int", "bool", "str", "'int[n]'", "list[int]"])
def test_no_derivative_with_respect_to_what_is_no_float(annotation):
    subject = unit(f"x, n: {annotation}")
    kinds, _ = kinds_of(subject, {})
    check_wrt(subject, ("x",), kinds)
    with pytest.raises(ArgumentError) as error:
        check_wrt(subject, ("x", "n"), kinds)
    assert error.value.code == "S401"
    assert error.value.place
    assert (error.value.place.line, error.value.place.column) == (1, 9)


@pytest.mark.parametrize(
    ("text", "path"),
    [("{W: float, n: int}", 'x["n"]'), ("{a: [float, {n: str}]}", 'x["a"][1]["n"]'), ("(float, bool)", "x[1]")],
)
def test_the_path_of_what_is_no_float(text, path):
    subject = unit("x")
    kinds, _ = kinds_of(subject, {"x": text})
    with pytest.raises(ArgumentError) as error:
        check_wrt(subject, ("x",), kinds)
    assert f"`{path}`" in error.value.reason


def test_none_may_stand_for_something_absent():
    subject = unit("x")
    check_wrt(subject, ("x",), kinds_of(subject, {"x": "{W: float, b: None}"})[0])


def test_normal_form():
    assert normal_form(" float[ m,n ]") == "float[m, n]"
    assert normal_form("float[ ]") == "float[]"
    assert normal_form("(float,float[n])") == "(float, float[n])"
