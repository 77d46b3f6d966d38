"""The places that the mutation check breaks are there. `python -m tests.mutation` breaks them."""

import pytest

from tests.mutation import MUTATIONS, PROJECT


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_place(mutation):
    text = (PROJECT / "s2sad" / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    compile(mutation.broken(text), mutation.file, "exec")
