"""The definition in a text that a code object was compiled from.

The statement around the function is compiled again and its code objects are compared with the one that runs: this
is exact, needs no rules for closures, name mangling or Python versions, and tells a file that was edited since its
import from the one that was imported.
"""

from __future__ import annotations

import ast
import dis
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

__all__ = ["Node", "as_function", "definitions", "name_of_lambda", "parse"]

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FAR = 1 << 20
#: `from __future__ import annotations`, the only future left that changes what is compiled.
_FUTURES = 0x1000000


@lru_cache(maxsize=16)
def parse(text: str) -> ast.Module:
    """The tree of `text`; it is shared, so nobody may change it."""
    return _parse(text)


def definitions(code: CodeType, text: str) -> tuple[Node, ...]:
    """The definitions in `text` that compile to `code`; several only where nothing tells lambdas apart."""
    found = _lambdas(code, text) if code.co_name == "<lambda>" else _functions(code, text)
    line, columns = code.co_firstlineno, _columns(code)
    here = [(compiled, node) for compiled, node in found if _begins_at(node, line)] or found
    exact = [node for compiled, node in here if _columns(compiled) == columns]
    return tuple(exact or [node for _, node in here])


def as_function(node: ast.FunctionDef | ast.Lambda, name: str) -> ast.FunctionDef:
    """The node without decorators; a lambda as a function called `name` with one return."""
    if isinstance(node, ast.FunctionDef):
        return ast.FunctionDef(**{**vars(node), "decorator_list": []})
    body = node.body
    template = vars(parse("def name(): pass").body[0])
    returns = ast.copy_location(ast.Return(value=body), body)
    return ast.copy_location(ast.FunctionDef(**{**template, "name": name, "args": node.args, "body": [returns]}), node)


def name_of_lambda(node: ast.Lambda, tree: ast.Module) -> str:
    """The name that a lambda is assigned to in `tree`, else `lambda_`."""
    for parent in _walk_at(tree, node.lineno):
        match parent:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is node:
                return name
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is node:
                return name
            case ast.NamedExpr(target=ast.Name(id=name), value=value) if value is node:
                return name
    return "lambda_"


# ------------------------------------------------------------------ finding


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        # The user has seen the SyntaxWarnings of the file when it was imported.
        warnings.simplefilter("ignore")
        return ast.parse(text)


Found = list[tuple[CodeType, Node]]


def _functions(code: CodeType, text: str) -> Found:
    tree = parse(text)
    named = [node for node in ast.walk(tree) if isinstance(node, _DEFS) and node.name == code.co_name]
    nodes: dict[int, Node] = {first_line(node): node for node in named}
    return _matches(code, tree, nodes) if nodes else []


def _lambdas(code: CodeType, text: str) -> Found:
    # A code object knows its first line, but not its first column: each lambda of the line is moved far away in turn.
    # With its whole body, since what the compiler makes of a line depends on where the next one begins.
    tree, line = _parse(text), code.co_firstlineno
    pairs = zip(_walk_at(parse(text), line), _walk_at(tree, line), strict=True)
    found: Found = []
    for node, moved in [(n, m) for n, m in pairs if isinstance(n, ast.Lambda) and n.lineno == line]:
        _move(moved, _FAR)
        found += _matches(code, tree, {line + _FAR: node})
        _move(moved, -_FAR)
    return found


def _walk_at(tree: ast.Module, line: int) -> Iterator[ast.AST]:
    """All nodes of the statements of the file that stand on a line: a long file is not walked for one lambda."""
    for statement in tree.body:
        if first_line(statement) <= line <= (statement.end_lineno or statement.lineno):
            yield from ast.walk(statement)


def _move(node: ast.AST, by: int) -> None:
    assert isinstance(node, ast.Lambda)
    ast.increment_lineno(node.body, by)
    node.lineno += by
    node.end_lineno = node.lineno


def _matches(code: CodeType, tree: ast.Module, nodes: dict[int, Node]) -> Found:
    """The code objects compiled from `tree` that do what `code` does, with their nodes, which `nodes` has by line."""
    for statements in _contexts(tree, code.co_firstlineno):
        found = [
            (compiled, node)
            for compiled in _codes(_compile(statements, code))
            if compiled.co_name == code.co_name
            and (node := nodes.get(compiled.co_firstlineno)) is not None
            and (_same_code(compiled, code) or _same_but_asserts(compiled, code, node))
        ]
        if found:
            return found
    return []


def _contexts(tree: ast.Module, line: int) -> Iterator[list[ast.stmt]]:
    """What to compile in search of a function, from likely and cheap to the whole file.

    Python compiles `np.dot(x)` differently where the module itself imports `np`, so the imports belong to the context,
    but not in a notebook, which compiles the statements of a cell one by one.
    """
    around = {s for s in tree.body if first_line(s) <= line <= (s.end_lineno or s.lineno)}
    yield [s for s in tree.body if s in around or _imports(s)]
    yield [s for s in tree.body if s in around]
    # Lines above the function may have come or gone since it was imported.
    yield tree.body


def _imports(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.Expr):
        return False
    return any(isinstance(part, ast.Import | ast.ImportFrom) for part in ast.walk(statement))


def _compile(statements: list[ast.stmt], code: CodeType) -> CodeType | None:
    # A cell of a notebook may await at its top level.
    flags = code.co_flags & _FUTURES | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = ast.Module(body=statements, type_ignores=[])
            compiled = compile(module, code.co_filename, "exec", flags, dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
    return compiled if isinstance(compiled, CodeType) else None


def _codes(code: CodeType | None) -> Iterator[CodeType]:
    """The code objects inside `code`, in the order of the source, but those inside a lambda that was moved."""
    for constant in code.co_consts if code else ():
        if isinstance(constant, CodeType):
            yield constant
            if constant.co_firstlineno < _FAR:
                yield from _codes(constant)


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _begins_at(node: Node, line: int) -> bool:
    return line == (node.lineno if isinstance(node, ast.Lambda) else first_line(node))


def _columns(code: CodeType) -> list[tuple[int | None, int | None]]:
    return [(start, end) for _, _, start, end in code.co_positions()]


# ---------------------------------------------------------------- comparing

_FIELDS = (
    "co_name", "co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_argcount", "co_posonlyargcount",
    "co_kwonlyargcount", "co_flags", "co_exceptiontable",
)  # fmt: skip


def _same_code(a: CodeType, b: CodeType) -> bool:
    """True if both do the same, wherever their lines are."""
    return all(getattr(a, field) == getattr(b, field) for field in _FIELDS) and _same(a.co_consts, b.co_consts)


def _same(a: object, b: object) -> bool:
    match a, b:
        case CodeType(), CodeType():
            return _same_code(a, b)
        case tuple(), tuple():
            return len(a) == len(b) and all(map(_same, a, b))
        case frozenset(), frozenset():
            return _same(tuple(sorted(a, key=repr)), tuple(sorted(b, key=repr)))
    # By `repr`, because 1 == 1.0 == True, 0.0 == -0.0 and nan != nan.
    return type(a) is type(b) and repr(a) == repr(b)


def _same_but_asserts(compiled: CodeType, code: CodeType, node: Node) -> bool:
    """True if both do the same outside of `assert`, which pytest replaces in the modules it tests."""
    if not any(name.startswith("@py") for name in code.co_names + code.co_varnames):
        return False
    lines = {
        line
        for part in ast.walk(node)
        if isinstance(part, ast.Assert)
        for line in range(part.lineno, (part.end_lineno or part.lineno) + 1)
    }
    return _same_instructions(compiled, code, lines)


def _same_instructions(a: CodeType, b: CodeType, without: set[int]) -> bool:
    def same(x: object, y: object) -> bool:
        if isinstance(x, CodeType) and isinstance(y, CodeType):
            return _same_instructions(x, y, without)
        return _same(x, y)

    mine, theirs = _instructions(a, without), _instructions(b, without)
    return len(mine) == len(theirs) and all(
        name == other and same(x, y) for (name, x), (other, y) in zip(mine, theirs, strict=True)
    )


def _instructions(code: CodeType, without: set[int]) -> list[tuple[str, object]]:
    result: list[tuple[str, object]] = []
    for item in dis.get_instructions(code):
        line = item.positions.lineno if item.positions else None
        if line in without or item.opname == "EXTENDED_ARG":
            continue
        pair = re.findall(r"(?:LOAD|STORE)_FAST(?:_BORROW)?", item.opname)
        if len(pair) == 2 and isinstance(item.argval, tuple):
            # Python 3.13 joins two instructions if their variables are among the first 16: pytest's come in between.
            result += zip(pair, item.argval, strict=True)
        else:
            jumps = item.opcode in dis.hasjrel or item.opcode in dis.hasjabs
            result.append((item.opname, None if jumps else item.argval))
    return result
