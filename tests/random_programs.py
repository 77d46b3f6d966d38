"""Random programs of the language that s2sad differentiates; the only outcomes accepted are right and refused.

`python -m tests.random_programs --count 2000 --seed 7` runs on from a seed and prints what fails, shrunk.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import extract_tb
from unittest.mock import patch

import numpy as np

import s2sad
from s2sad.errors import S2sadError
from tests.checking import Case, Wrong, call, check_case, difference_quotient, generated, leaves, like
from tests.program_writer import program
from tests.programs import Program, smaller
from tests.second_order import check_second_order

__all__ = ["apart", "outcome", "program", "shrunk"]


#: What a program may raise by itself: it has no derivative there.
ERRORS = (ArithmeticError, ValueError, NameError, TypeError, IndexError, RecursionError)


def outcome(program: Program) -> tuple[str, str]:
    """`right`, `refused`, `rough` (no derivative to compare with), `wrong` or `crash`, and what there is to say."""
    case = program.case()
    try:
        if not smooth(case):
            return "rough", ""
    except S2sadError as error:
        return "refused", f"as it stands: {error.code} {error.reason}"
    except ERRORS as error:
        return ("crash" if of_a_derivative(error) else "rough"), repr(error)
    refusals = []
    for known in (True, False):
        label = "" if known else "unknown kinds: "
        for check in (partial(check_case, rtol=1e-5), second_order, *([jacobians] if known else [])):
            try:
                check(replace(case, known=known))
            except S2sadError as error:
                refusals.append(f"{label}{error.code} {error.reason}")
            except Wrong as error:
                return "wrong", label + str(error)
            except Exception as error:
                return "crash", f"{label}{type(error).__name__}: {error}"
    return ("refused", refusals[0]) if refusals else ("right", "")


def of_a_derivative(error: BaseException) -> bool:
    """True if s2sad stands between the program and the error."""
    package = Path(s2sad.__file__).parent
    return any(package in Path(frame.filename).parents for frame in extract_tb(error.__traceback__))


def second_order(case: Case) -> None:
    """All modes at second order, also those after one that is refused."""
    try:
        check_second_order(case, 1e-4)
    except S2sadError as error:
        check_second_order(replace(case, or_refused=error.code), 1e-4)
        raise


def jacobians(case: Case) -> None:
    """Fails unless the Jacobians in both modes, times a direction, are the derivative in this direction."""
    direction = tuple(like(case.values[name], np.random.default_rng(0).standard_normal) for name in case.wrt)
    slope = difference_quotient(case, direction)
    value, _ = call(case.function, deepcopy(case.values))
    for mode in ("jacfwd", "jacrev"):
        text, function = generated(case, mode)
        found, _ = call(function, deepcopy(case.values))
        blocks = iter([np.asarray(block) for block in leaves(found)])
        for part, expected in zip(leaves(value), slope, strict=True):
            product = np.zeros(np.shape(part))
            for v in map(np.asarray, leaves(direction)):
                block = next(blocks)
                if block.shape != np.shape(part) + v.shape:
                    raise Wrong(f"{mode}: a block has the shape {block.shape}\n\n{text}")
                product = product + np.tensordot(block, v, v.ndim)
            if not np.allclose(product, expected, 1e-5, 1e-5):
                raise Wrong(f"{mode} times a direction is {product!r}, not {expected!r}\n\n{text}")


def smooth(case: Case) -> bool:
    """True if the result is moderate and differences with two steps agree: no branch changes sides nearby."""
    value, _ = call(case.function, deepcopy(case.values))
    if not all(np.all(np.abs(leaf) < 1e4) for leaf in leaves(value)):
        return False
    for seed in (0, 1):
        draw = np.random.default_rng(seed).standard_normal
        direction = tuple(like(case.values[name], draw) for name in case.wrt)
        slopes = (difference_quotient(case, direction, step) for step in (1e-3, 2e-4))
        for coarse, fine in zip(*slopes, strict=True):
            if not (np.allclose(coarse, fine, 1e-7, 1e-7) and np.all(np.abs(coarse) < 1e4)):
                return False
    return True


def shrunk(program: Program) -> Program:
    """A smaller program with the same outcome and the same complaint, but for numbers and names."""
    wanted = complaint(program)
    while True:
        for candidate in smaller(program):
            try:
                found = complaint(candidate)
            except (SyntaxError, NameError, KeyError):
                continue
            if found == wanted:
                program = candidate
                break
        else:
            return program


def complaint(program: Program) -> list[str]:
    found, message = outcome(program)
    return [found, *re.findall(r"[A-Za-z]{4,}", message.partition("\n")[0])[:4]]


@contextmanager
def apart() -> Iterator[None]:
    """A cache of its own for what programs derive while they run, without formatting, which takes most of the time."""
    with TemporaryDirectory() as directory, patch.dict(os.environ, S2SAD_CACHE_DIR=directory):
        with patch("black.format_str", lambda text, mode: text):
            yield


# ------------------------------------------------------------------ command line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with apart():
        return run(options.count, options.seed)


def run(count: int, first: int) -> int:
    begin, counts, refusals = time.time(), Counter[str](), Counter[str]()
    for seed in range(first, first + count):
        found, message = outcome(program(seed))
        counts[found] += 1
        if found == "refused":
            refusals[message] += 1
        if found in ("wrong", "crash"):
            small = shrunk(program(seed))
            print(
                f"# seed {seed}: {found}, by {small.wrt} at {dict(small.values)}\n{small.text}\n{outcome(small)[1]}\n"
            )
    print(dict(counts), *refusals.most_common(20), f"{time.time() - begin:.0f} s", sep="\n")
    return 1 if counts["wrong"] + counts["crash"] else 0


if __name__ == "__main__":
    sys.exit(main())
