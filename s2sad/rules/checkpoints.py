"""Where the snapshots of a loop with checkpoints are taken."""

from s2sad.rules.helpers import helper
from s2sad.rules.registry import constant

__all__: list[str] = []

helper(
    "_ahead",
    '''
def _ahead(rounds, snapshots):
    """How many of `rounds` rounds to go before the next snapshot is taken, with room for `snapshots` of them: then the
    fewest are run again (Griewank and Walther 2000, Algorithm 799).
    """
    snapshots += 1  # The state at the beginning is one.
    repeats, before, reach = 1, 1, snapshots + 1
    while reach < rounds:
        repeats += 1
        before, reach = reach, reach * (snapshots + repeats) // repeats
    return min(before, rounds - before * snapshots // (snapshots + repeats - 1))
''',
    lambda args, kind_of: None,
)
constant("_ahead", why="a number of rounds")
