"""Random programs: each is differentiated right or refused. `python -m tests.random_programs` runs on."""

import pytest

from tests.random_programs import apart, outcome, program, shrunk

COUNT, CHUNK = 120, 10


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_right_or_refused(first):
    outcomes = []
    with apart():
        for seed in range(first, first + CHUNK):
            outcomes.append(outcome(program(seed))[0])
            if outcomes[-1] in ("wrong", "crash"):
                small = shrunk(program(seed))
                pytest.fail(f"seed {seed}, by {small.wrt} at {dict(small.values)}\n{small.text}\n{outcome(small)[1]}")
    assert outcomes.count("right") > 0.3 * CHUNK
