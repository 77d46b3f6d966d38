"""The libraries whose functions are differentiated by rules, not by their source: builtins, stdlib, NumPy, SciPy."""

from __future__ import annotations

import builtins
import os
import sys
from functools import lru_cache
from importlib import import_module
from types import BuiltinMethodType, FunctionType, ModuleType
from typing import TypeGuard

from s2sad.frontend.unit import Binding, Library, Module, Unresolved

__all__ = [
    "is_always_library",
    "is_derivative",
    "is_library",
    "is_library_module",
    "is_operator",
    "library_import",
    "library_member",
    "library_module",
    "library_name",
    "public_names",
]

_ALWAYS = ("numpy", "scipy", "s2sad")
#: Importing one of these does something.
_NEVER_IMPORTED = ("antigravity", "this")
_NUMPY = ("numpy", "numpy.linalg", "numpy.fft", "numpy.random")
_STDLIB = os.path.dirname(os.path.abspath(os.__file__))
#: The names of modules that differ between platforms.
_ALIASES = {"posixpath": "os.path", "ntpath": "os.path"}


def is_always_library(top: str) -> bool:
    """True if no file of the user's can stand for the library `top`."""
    return top in _ALWAYS


def is_library(dotted: str) -> bool:
    """True if `dotted` is the import name of a library's module, by the name alone."""
    top = _top(dotted)
    return top in _ALWAYS or top in sys.stdlib_module_names


def is_library_module(module: ModuleType) -> bool:
    """True if `module` is a library's; a user's own module that is called as one of the stdlib is not."""
    top = _top(module.__name__)
    if top in _ALWAYS:
        return True
    file = getattr(module, "__file__", None)
    in_stdlib = file is None or (os.path.abspath(file).startswith(_STDLIB) and "-packages" not in file)
    return top in sys.stdlib_module_names and in_stdlib


def library_name(thing: object) -> str | None:
    """The dotted name under which a library offers `thing` to everybody; None for what is no library's.

    >>> from math import sin as f
    >>> library_name(f)
    'math.sin'
    >>> library_name(len)
    'len'
    """
    name = getattr(thing, "__name__", None)
    if not callable(thing) or _is_foreign(thing):
        return None
    if isinstance(name, str):
        if vars(builtins).get(name) is thing:
            return name
        for home in _homes(thing):
            module = sys.modules.get(home)
            if module is not None and vars(module).get(name) is thing and is_library_module(module):
                return f"{_ALIASES.get(home, home)}.{name}"
    return _published().get(id(thing), (None, thing))[0]


def is_operator(thing: object) -> TypeGuard[FunctionType]:
    """True for `grad`, `jvp` and the other operators of s2sad itself."""
    return isinstance(thing, FunctionType) and thing.__module__ == "s2sad.api"


def is_derivative(thing: object) -> bool:
    """True for what an operator of s2sad made."""
    return type(thing).__module__ == "s2sad.derivatives" and type(thing).__name__ == "Derivative"


def library_module(module: ModuleType) -> Module:
    """The binding of a library's module, by its public name."""
    return Module(_ALIASES.get(module.__name__, module.__name__))


def library_import(dotted: str) -> Module:
    """What `import dotted as name` binds, for the import name of a library's module."""
    module = _imported(dotted)
    return Module(dotted) if module is None else library_module(module)


def library_member(dotted: str, attr: str) -> Binding:
    """What `attr` of the library module `dotted` is: a submodule, or something by its own public name."""
    path = f"{dotted}.{attr}"
    module = _imported(dotted)
    if module is None:
        # SciPy itself has nothing but subpackages.
        return Module(path) if dotted == "scipy" else Library(path)
    try:
        value = getattr(module, attr)
    except AttributeError:
        return Module(path) if _imported(path) else Unresolved(f"module `{dotted}` has no attribute `{attr}`")
    if is_operator(value):
        return Library(f"s2sad.{attr}")
    if isinstance(value, ModuleType):
        return library_module(value) if is_library_module(value) else Module(path)
    return Library(library_name(value) or path)


def public_names(dotted: str) -> frozenset[str] | None:
    """What `from dotted import *` brings; None where the library is not installed."""
    module = _imported(dotted)
    if module is None:
        return None
    names = getattr(module, "__all__", None)
    return frozenset(names if names is not None else (name for name in vars(module) if not name.startswith("_")))


# ------------------------------------------------------------------ names


def _top(dotted: str) -> str:
    return dotted.partition(".")[0]


def _is_foreign(thing: object) -> bool:
    """True for a Python function that somebody hung into a library or the builtins."""
    return isinstance(thing, FunctionType) and not is_library(thing.__module__ or "")


def _imported(dotted: str) -> ModuleType | None:
    if dotted in sys.modules:
        return sys.modules[dotted]
    if not is_library(dotted) or _top(dotted) in _NEVER_IMPORTED:
        return None
    try:
        return import_module(dotted)
    except ImportError:
        return None


def _homes(thing: object) -> list[str]:
    """The modules that may offer `thing`, the best name first: public packages around the module where it is made."""
    made_in = getattr(thing, "__module__", None)
    if not isinstance(made_in, str) and isinstance(thing, BuiltinMethodType):
        made_in = type(thing.__self__).__module__
    if not isinstance(made_in, str) or not is_library(made_in.lstrip("_")):
        return []
    parts = made_in.split(".")
    around = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    # `operator.mul` says that it comes from `_operator`.
    return [home.lstrip("_") for home in around if "._" not in home] + [made_in]


def _published() -> dict[int, tuple[str, object]]:
    scipy = sorted(name for name in sys.modules if _top(name) == "scipy" and "._" not in name)
    modules = [sys.modules[name] for name in (*_NUMPY, *scipy, "random") if name in sys.modules]
    return _names_by_identity(tuple(module for module in modules if is_library_module(module)))


@lru_cache(maxsize=4)
def _names_by_identity(modules: tuple[ModuleType, ...]) -> dict[int, tuple[str, object]]:
    """The public names of all that can be called in `modules`: ufuncs do not know the module they are in."""
    ranked: list[tuple[bool, int, int, str, object]] = []
    for order, module in enumerate(modules):
        for name, thing in vars(module).items():
            if callable(thing) and not name.startswith("_") and not _is_foreign(thing):
                dotted = f"{module.__name__}.{name}"
                # `np.abs` and `np.absolute` are one object, which calls itself absolute.
                other_name = getattr(thing, "__name__", None) != name
                ranked.append((other_name, dotted.count("."), order, dotted, thing))
    ranked.sort(key=lambda item: item[:4], reverse=True)
    return {id(thing): (dotted, thing) for *_, dotted, thing in ranked}
