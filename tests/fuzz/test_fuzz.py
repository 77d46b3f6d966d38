"""Random programs: each is differentiated right or refused. `python -m tests.fuzz` runs on."""

import pytest
from hypothesis import Phase, given, seed, settings

from tests.fuzz.outcome import outcome
from tests.fuzz.runs import QUIET, apart
from tests.fuzz.strategy import programs

SEEDS, COUNT = range(15), 36


@pytest.mark.parametrize("number", SEEDS)
def test_right_or_refused(number):
    kinds, failing = [], [""]

    @seed(number)
    @settings(QUIET, max_examples=COUNT, phases=[Phase.generate, Phase.shrink])
    @given(programs())
    def judge(program):
        result = outcome(program, failing[0])
        kinds.append(result.kind)
        # What shrinks a program tries nothing but what failed.
        failing[0] = result.stage if result.fails else failing[0]
        assert not result.fails, f"{result.kind}, {result.stage}\n{program.with_check}\n{result.message}"

    with apart():
        judge()
    assert kinds.count("refused") < 0.3 * len(kinds)
