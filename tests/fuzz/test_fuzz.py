"""Random programs: each is differentiated right or refused. `python -m tests.fuzz` runs on."""

import pytest

from tests.fuzz.runs import run

SEEDS, COUNT = range(8), 36


@pytest.mark.parametrize("seed", SEEDS)
def test_right_or_refused(seed):
    found = run(seed, COUNT)
    assert not found.failures, "\n\n".join(failure.text for failure in found.failures)
    assert found.counts["refused"] < 0.3 * COUNT
