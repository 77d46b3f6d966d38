"""The vector form of every rule: many directions at once are the same as one after the other, in both modes."""

from __future__ import annotations

import pytest

from s2sad.rules import batching, helpers, registry
from s2sad.transform.vector import NoVectorForm
from tests.directions import check_directions
from tests.rules.harness import function_of
from tests.rules.samples import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

#: Where not even the number of axes is known before the function runs: it goes one direction at a time as a whole.
UNKNOWN = (
    "AXIS",
    "AXES",
    "np.bincount(",
    "np.cross",
    "reshape(",
    "np.broadcast_to(",
    "np.repeat(x, [",
    "math.acosh",
    "tuple(x)",
    "x**P",
    "keepdims=KEEP",
)


@pytest.fixture(autouse=True)
def unformatted(monkeypatch):
    monkeypatch.setattr("black.format_str", lambda text, mode: text)


@pytest.mark.parametrize("mode", ["tangent", "adjoint"])
@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_rule(sample, mode):
    try:
        check_directions(function_of(sample.text, tuple(sample.args)), sample.args, sample.wrt, mode)
    except NoVectorForm:
        assert any(part in sample.text for part in UNKNOWN)


def test_vector_forms_are_of_functions_that_exist():
    unknown = [key for key in batching.keys() if not registry.known(key) and not helpers.known(key)]
    assert unknown == []
