"""Imports inside s2sad point downward only."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "s2sad"

# Lowest first; modules in one row may import each other.
TIERS = [
    [
        "__version__",
        "applied",
        "custom",
        "errors",
        "options",
        "ir",
        "kind",
        "naming",
        "observed",
        "paths",
        "slots",
        "traversal",
        "trees",
    ],
    ["syntax"],
    ["rules"],
    ["frontend", "program"],
    ["analysis"],
    ["simplify"],
    ["transform"],
    ["emit"],
    ["pipeline"],
    ["fingerprint", "cache"],
    ["view"],
    ["arguments", "parameters", "pullback", "settled", "specialise"],
    ["derivatives"],
    ["api"],
    ["testing"],
    ["cli"],
    ["__main__"],
]
TIER = {name: number for number, row in enumerate(TIERS) for name in row}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> list[tuple[int, str]]:
    """The parts of s2sad that a file imports anywhere in it, with the line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module=module, names=names, level=0) if (module or "").split(".")[0] == "s2sad":
                rest = module.split(".")[1:]
                found += [(node.lineno, name) for name in (rest[:1] or [alias.name for alias in names])]
            case ast.Import(names=names):
                parts = [alias.name.split(".") for alias in names]
                found += [(node.lineno, "".join(rest[:1]) or root) for root, *rest in parts if root == "s2sad"]
            case ast.ImportFrom(level=level) if level:
                found.append((node.lineno, "a relative import"))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_downward(path):
    assert part(path) in TIER, f"give {part(path)} a tier"
    for line, name in imported_parts(path):
        assert TIER.get(name, len(TIERS)) <= TIER[part(path)], f"{path.name}:{line} imports {name} from below it"
