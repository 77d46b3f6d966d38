"""Derivatives by hand of the functions in a module's text, as the frontend knows them of live functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from s2sad.errors import DifferentiationError
from s2sad.frontend.definition import as_function
from s2sad.frontend.library import library_member
from s2sad.frontend.source import place_of
from s2sad.frontend.text import TextModule, find_module
from s2sad.frontend.textrules import Declaration, Said, declarations, given_for
from s2sad.frontend.toplevel import Definition, Value
from s2sad.frontend.unit import (
    Binding,
    ByHand,
    Data,
    Imported,
    Library,
    Makers,
    Module,
    Ruled,
    Rules,
    Scope,
    TextRule,
    Unit,
    User,
)

__all__ = ["TextHand", "alias_of"]


class _Texts(Protocol):
    """What is used of `frontend.static`."""

    def module(self, path: Path) -> TextModule: ...
    def unit(self, module: TextModule, name: str, node: ast.FunctionDef, slot: tuple[str, ...] | None) -> Unit: ...


def alias_of(expression: ast.expr, scope: Scope) -> Binding | None:
    """What an expression that is only a dotted name stands for, unless it is data."""
    match expression:
        case ast.Name(id=name):
            found = scope.lookup(name)
        case ast.Attribute(value=value, attr=attr):
            module = alias_of(value, scope)
            if not isinstance(module, Module):
                return None
            found = scope.member(module, attr)
        case _:
            return None
    return None if isinstance(found, Data) else found


class TextHand:
    """What is said of functions in the modules read; `scope_of` gives the scope of a module's top level."""

    def __init__(self, texts: _Texts, scope_of: Callable[[TextModule], Scope]) -> None:
        self._texts = texts
        self._scope_of = scope_of
        self._declared: list[Declaration] = []
        self._read: set[Path] = set()

    def read(self, module: TextModule) -> None:
        """Remember the rules declared in a module, after those of the user's modules that it imports."""
        if module.path in self._read:
            return
        self._read.add(module.path)
        for bounds in module.top.names.values():
            for bound in bounds:
                path = find_module(module, bound.by) if isinstance(bound.by, Imported) else None
                if isinstance(path, Path) and path.is_file():
                    self._read_imported(path)
        self._declared += declarations(module)

    def _read_imported(self, path: Path) -> None:
        try:
            module = self._texts.module(path)
        except DifferentiationError:
            # It is refused where something in it is needed.
            return
        self.read(module)

    def given(self, module: TextModule, name: str, said: Said | None, node: object) -> ByHand | None:
        """What is given by hand for the function `node`, which `name` means in the module."""
        given = given_for(module, name) if said is not None else {}
        units = {key: self._function(module, f"{name}_{key}", value) for key, value in given.items()}
        declared = self._rules(lambda one: self._located(one.module, one.target) is node)
        if said is None and not declared:
            return None
        said = said or Said()
        jvp, forward, backward = (units.get(key) for key in ("jvp", "forward", "backward"))
        return ByHand(said.nondiff, jvp, forward, backward, said.recompute, declared)

    def named(self, module: TextModule, name: str, inner: ast.expr, said: Said) -> Binding:
        """The function of `name = custom_jvp(inner)`."""
        base = self._function(module, name, inner)
        old, new = base.by_hand, self.given(module, name, said, None)
        by_hand = replace(old, recompute=old.recompute or said.recompute) if old is not None else new
        return User(replace(base, key=f"{module.dotted}:{name}", by_hand=by_hand))

    def ruled(self, found: Binding) -> Binding:
        """A library's function, or an object that can be called, with the rules that are declared for it."""
        match found:
            case Library(dotted=dotted) if self._declared:
                rules = self._rules(lambda one: self._located(one.module, one.target) == dotted)
            case Data(expression=ast.expr() as expression):
                rules = self._rules(lambda one: self._located(one.module, one.target) is expression)
            case _:
                return found
        return Ruled(found, rules) if rules else found

    # -------------------------------------------------------------- what is meant

    def _function(self, module: TextModule, name: str, expression: ast.expr) -> Unit:
        """The function that an expression in a module means."""
        if isinstance(expression, ast.Lambda):
            return self._texts.unit(module, name, as_function(expression, name), None)
        match alias_of(expression, self._scope_of(module)):
            case User(unit=unit):
                return unit
        reason = f"`{ast.unparse(expression)}` is no function that can be found in the text"
        place = place_of(expression, module.file, module.lines)
        raise DifferentiationError("S103", reason, place, "define it at the top level of the module")

    def _rules(self, is_for: Callable[[Declaration], bool]) -> Rules:
        """The last rule of each kind."""
        by_kind = {one.kind: one for one in self._declared if is_for(one)}
        return tuple(map(self._rule, by_kind.values()))

    def _rule(self, one: Declaration) -> TextRule | Makers:
        if one.kind == "rule":
            signature, text = one.texts
            return TextRule(signature, text, self._scope_of(one.module))
        names = [f"{ast.unparse(one.target).replace('.', '_')}_{one.kind}_{k}" for k in one.argnums]
        makers = tuple(
            None if isinstance(maker, ast.Constant) else self._function(one.module, name, maker)
            for name, maker in zip(names, one.makers, strict=True)
        )
        return Makers(one.kind, makers, one.argnums)

    def _located(self, module: TextModule, expression: ast.expr) -> object:
        """The definition or expression of something of the user's, a module of his, or the name of a library's."""
        match expression:
            case ast.Attribute(value=value, attr=attr):
                outer = self._located(module, value)
                if isinstance(outer, TextModule):
                    return self._located(outer, ast.Name(attr, ast.Load()))
                return _dotted(library_member(outer, attr)) if isinstance(outer, str) else None
            case ast.Name(id=name):
                bounds = module.top.names.get(name, [])
                match bounds[-1].by if bounds else None:
                    case Definition(node):
                        return node
                    case Value(expression):
                        return expression
                    case Imported() as imported:
                        return self._import(module, imported)
        return None

    def _import(self, module: TextModule, imported: Imported) -> object:
        found, attr = find_module(module, imported), imported.attr
        if isinstance(found, Path):
            inner = self._texts.module(found)
            return inner if attr is None else self._located(inner, ast.Name(attr, ast.Load()))
        return _dotted(library_member(found, attr)) if found and attr else found


def _dotted(found: Binding) -> str | None:
    return found.dotted if isinstance(found, Library | Module) else None
