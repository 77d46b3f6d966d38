"""The mutation check: rules and passes are broken on purpose, one at a time, and something has to notice.

`python -m tests.mutation` breaks a copy of the package in each of the ways of `MUTATIONS` and runs the fuzzer on it, then the
tests of constructs and rules where the fuzzer found nothing; it prints what caught each and exits with 1 if one was not caught.
That takes some minutes. That the places still exist is a test (`tests/test_mutation.py`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["MUTATIONS", "Mutation"]

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Mutation:
    """An error: in a file of the package, `old` becomes `new`."""

    name: str
    file: str
    old: str
    new: str

    def broken(self, text: str) -> str:
        return text.replace(self.old, self.new)


MUTATIONS = (
    Mutation(
        "the sign in the rule of cos",
        "rules/elementwise.py",
        'rule("y = np.cos(x)", "dy = -dx * np.sin(x)")',
        'rule("y = np.cos(x)", "dy = dx * np.sin(x)")',
    ),
    Mutation(
        "a sign in the rule of a quotient",
        "rules/operators.py",
        'rule("y = a / b", "dy = (da - y * db) / b")',
        'rule("y = a / b", "dy = (da + y * db) / b")',
    ),
    Mutation(
        "the transpose of a negation",
        "transform/transpose.py",
        '_pull(operand, _tidy(Unary("-", ct), walk), masks, walk)',
        "_pull(operand, ct, masks, walk)",
    ),
    Mutation(
        "a matrix that is not transposed in the adjoint of a product",
        "rules/products.py",
        'return template("a @ t", t=t, a=transposed(a))',
        'return template("t @ a", t=t, a=a)',
    ),
    Mutation(
        "`=` for `+=` in the adjoint of an element that was read",
        "transform/adjoints.py",
        "return [_update(Index(target, last), value)]",
        "return [Assign(Index(target, last), value)]",
    ),
    Mutation(
        "`+=` for np.add.at where an index repeats",
        "transform/adjoints.py",
        "if self.context.may_repeat(last):",
        "if self.context.may_repeat(last) and False:",
    ),
    Mutation(
        "a loop that does not run backwards in the adjoint",
        "transform/loops.py",
        'return template("range(b, a, -1)", a=before, b=last)',
        'return template("range(a + 1, b + 1)", a=before, b=last)',
    ),
    Mutation(
        "an overwritten value that is not kept",
        "transform/residuals.py",
        "return Kept(self.plan.names.unique(version.name))",
        "return Held()",
    ),
    Mutation(
        "a branch that restores nothing",
        "transform/backward.py",
        "sides.append(([Restore(region), *lines] if lines else [], inner))",
        "sides.append((lines, inner))",
    ),
    Mutation(
        "a value computed again from what has changed since",
        "transform/residuals.py",
        "        if version.region.loops():\n            return False\n        return token in self.plan.decisions",
        "        return token in self.plan.decisions",
    ),
    Mutation(
        "activity that does not flow through the other branch",
        "analysis/activity.py",
        "                    self.block(then)\n                    self.block(orelse)",
        "                    self.block(then)",
    ),
    Mutation(
        "an adjoint that outlives the assignment of its variable",
        "transform/adjoints.py",
        "self.state = {own: bar for own, bar in self.state.items() if root_name(own) != name}",
        "pass",
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many random programs are tried")
    parser.add_argument("--only", default="", help="the mutations whose names have this in them")
    options = parser.parse_args()
    chosen = [one for one in MUTATIONS if options.only in one.name]
    missed = 0
    for mutation in chosen:
        begin = time.time()
        caught = caught_by(mutation, options.count)
        missed += not caught
        print(f"{caught or 'NOT CAUGHT':<28} {time.time() - begin:4.0f} s  {mutation.name}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


def caught_by(mutation: Mutation, count: int) -> str:
    """What fails on a broken copy of the package."""
    checks = {
        "the fuzzer": ["-m", "tests.fuzz", "--count", str(count), "--first", "--no-shrink"],
        "tests/transform": ["-m", "pytest", "-q", "-x", "tests/transform/test_constructs.py"],
        "tests/rules": ["-m", "pytest", "-q", "-x", "tests/rules/test_every_rule.py"],
    }
    with TemporaryDirectory() as folder:
        copy = broken_copy(mutation, Path(folder))
        for name, command in checks.items():
            environment = os.environ | {"PYTHONPATH": str(copy), "S2SAD_CACHE_DIR": str(copy / "cache")}
            found = subprocess.run(
                [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True
            )
            if found.returncode == 1:
                return name
            if found.returncode:
                raise RuntimeError(f"{name} does not run:\n{found.stdout}\n{found.stderr}")
    return ""


def broken_copy(mutation: Mutation, folder: Path) -> Path:
    for part in ("s2sad", "tests"):
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", folder)
    file = folder / "s2sad" / mutation.file
    file.write_text(mutation.broken(file.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


if __name__ == "__main__":
    sys.exit(main())
