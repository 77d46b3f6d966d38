"""What rules may be made of."""

from __future__ import annotations

import pytest

from s2sad.ir import Attribute, Binary, Call, Conditional, Expr, Global, Name, Unary
from s2sad.rules import helpers, registry
from s2sad.rules.registry import Rule, RuleError, bind, key_of, linear, rule
from s2sad.syntax import parse
from s2sad.traversal import children, names_in, walk

RULES = [rule for key in registry.keys() for rule in registry.rules_for(key)]
LINEAR = [entry for key in registry.keys() for entry in registry.linear_rules(key)]


def functions(node: Expr) -> set[str]:
    """What an expression calls, by key."""
    parts = [part for part in walk(node) if isinstance(part, Call | Attribute | Binary | Unary)]
    return {key for key in map(key_of, parts) if key is not None}


@pytest.mark.parametrize("one", RULES + LINEAR, ids=lambda one: one.text)
def test_what_a_text_calls_has_rules(one):
    texts = [one.differential] if isinstance(one, Rule) else list(one.transposes.values())
    for key in set().union(*map(functions, texts)):
        assert registry.known(key) or helpers.known(key), f"{key} has no rule"


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.text)
def test_a_differential_is_linear_in_what_can_be_transposed(one):
    differentials = {f"d{name}" for name in one.signature.names}
    check_linear(one.differential, differentials)


def check_linear(node: Expr, differentials: set[str]) -> None:
    if isinstance(node, Name) or not differentials & set(names_in(node)):
        return
    linear_in = [child for child in children(node) if differentials & set(names_in(child))]
    match node:
        case Binary(op="+" | "-") | Unary(op="-"):
            pass
        case Binary(op="*" | "/" | "@" as op):
            assert len(linear_in) == 1, f"{node} is not linear"
            assert op != "/" or linear_in[0] is node.left
        case Conditional(test=test):
            assert test not in linear_in
        case Call() | Attribute():
            key = key_of(node)
            assert key is not None
            entries = registry.linear_rules(key)
            assert entries, f"{key} has no transpose"
            bounds = [(entry, bind(entry.signature, node)) for entry in entries]
            assert any(
                not isinstance(bound, str)
                and {n for n, a in bound.items() if any(a is x for x in linear_in)} <= set(entry.transposes)
                for entry, bound in bounds
            ), f"{key} has no transpose for these arguments"
    for child in linear_in:
        check_linear(child, differentials)


def test_names_in_texts_are_parameters():
    for one in RULES:
        params = set(one.signature.names)
        allowed = params | {f"d{name}" for name in params} | {one.signature.result}
        assert set(names_in(one.differential)) <= allowed, one.text
    for one in LINEAR:
        sig = one.signature
        allowed = {*sig.params, sig.variadic, sig.result, f"{sig.result}_bar"}
        for text in one.transposes.values():
            assert set(names_in(text)) <= allowed, one.text


@pytest.mark.parametrize("text", ["x + 1", "y = f(x + 1)", "y = x", "y: int = f(x)"])
def test_malformed_signatures(text):
    with pytest.raises(RuleError):
        rule(text, "dy = dx")


def test_malformed_equations():
    with pytest.raises(RuleError):
        rule("y = np.no_such_function(x)", "dx = dy")
    with pytest.raises(RuleError):
        linear("y = np.no_such_function(x)", "z_bar = y_bar")


def call(text: str) -> Call:
    node = parse(text)
    assert isinstance(node, Call)
    return node


@pytest.mark.parametrize(
    "text",
    [
        "np.sum(x, 0, float)",
        "np.sum(x, dtype=float)",
        "np.sum(x, out=t)",
        "np.sum(x, where=m)",
        "np.sum(x, initial=1)",
        "np.sum(*x)",
        "np.sum()",
    ],
)
def test_what_a_rule_does_not_cover(text):
    assert isinstance(bind(registry.linear_rules("numpy.sum")[0].signature, call(text)), str)


def test_arguments_by_position_and_name():
    (entry,) = registry.linear_rules("numpy.sum")
    bound = bind(entry.signature, call("np.sum(x, 0, None, None, True)"))
    assert bound == {"x": Name("x"), "axis": parse("0"), "keepdims": parse("True")}


def test_defaults_are_left_out():
    assert registry.without_defaults(call("np.sum(x, axis=None, keepdims=False)")) == call("np.sum(x)")
    assert registry.without_defaults(call("np.sum(x, axis=0, keepdims=False)")) == call("np.sum(x, axis=0)")


def test_one_function_by_several_names():
    assert registry.rules_for("numpy.amax") == registry.rules_for("numpy.max") != ()
    assert registry.known("operator.mul")
    assert isinstance(parse("np.f"), Global)
