"""Generated modules as files: `<directory>/<module>/<function>_<mode>_<16 hex of the key>.py`.

The `.py` file is the text as it was generated. Beside it stands a `.bin` file, for the machine alone: the full key, the
hash of the text, what a loader must know, and bytecode. Nothing is run before its hash has been compared, and a file
that somebody else owns or may write to is not read: it is generated again. If the directory itself is not ours alone,
or cannot be written, a private temporary directory takes its place, which lives as long as the process.
"""

from __future__ import annotations

import builtins
import linecache
import marshal
import os
import stat
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache as once
from types import CodeType

from s2sad.fingerprint import sha256

__all__ = ["CacheWarning", "Entry", "clear", "directory", "entries", "load", "namespace", "stem", "store"]

_FORMAT = "s2sad cache 1"
_HASH_SIZE = 32
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
#: Bytecode is used only by the interpreter that made it, under the same -O.
_INTERPRETER = (sys.hexversion, sys.implementation.name, sys.flags.optimize)
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class CacheWarning(UserWarning):
    """Something in the cache cannot be trusted and is not used (S601)."""


class _UntrustedError(Exception):
    """A file or directory that somebody else may have written."""


@dataclass(frozen=True)
class Entry:
    """One generated module.

    `path` is its file, `name` the function in it that is the derivative, `data` the globals that a loader gives and
    where it finds them (slots), `report` what a person wants to know, by heading. `bytecode` is marshalled code, or
    empty.
    """

    path: str
    key: str
    text: str
    name: str
    data: tuple[tuple[str, tuple[str, ...]], ...] = ()
    report: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bytecode: bytes = b""


def directory() -> str:
    """The cache's directory: `S2SAD_CACHE_DIR`, or `s2sad` where this system keeps a user's caches."""
    return os.path.abspath(os.environ.get("S2SAD_CACHE_DIR") or _default_directory())


def _default_directory() -> str:
    if os.name == "posix" and sys.platform != "darwin":
        # What platformdirs says, without the time it takes to import: a tenth of `import numpy`.
        base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")
        return os.path.join(base, "s2sad")
    import platformdirs

    return platformdirs.user_cache_dir("s2sad", appauthor=False)


def stem(module: str, function: str, mode: str, key: str) -> str:
    """Where in the directory a derivative is kept, without the ending.

    >>> stem("model", "loss", "grad", "0123456789abcdef0123").replace(os.sep, "/")
    'model/loss_grad_0123456789abcdef'
    """
    return os.path.join(_clean(module), f"{_clean(function)}_{mode}_{key[:16]}")


def _clean(name: str) -> str:
    """A name that any file system takes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "_" for c in name.strip("<>")).strip(".")
    return kept[:80] or "unnamed"


# ------------------------------------------------------------- load and store


def load(where: str, key: str) -> Entry | None:
    """The entry kept at `where` (a `stem`), or None if there is none that is whole, of this key, and ours alone."""
    try:
        path = os.path.join(_place(os.path.dirname(where)), os.path.basename(where) + ".py")
        entry = _read_entry(path)
    except _UntrustedError as error:
        _warn(str(error), "it is generated again")
        return None
    except OSError:
        return None
    return entry if entry is not None and entry.key == key else None


def store(where: str, entry: Entry) -> Entry:
    """Write `entry` at `where` and return it with its path and bytecode.

    Each file is put in place in one step, so that other processes see it whole or not at all. Where nothing can be
    written, the entry lives in memory.
    """
    folder, name = os.path.split(where)
    for place in (_place, _private_place):
        try:
            placed = _compiled(entry, os.path.join(place(folder), f"{name}.py"))
            _write(placed.path, entry.text.encode())
            _write(_binary(placed.path), _record(placed))
        except OSError:
            continue
        return placed
    placed = _compiled(entry, f"<s2sad {name}>")
    linecache.cache[placed.path] = (len(entry.text), None, entry.text.splitlines(keepends=True), placed.path)
    return placed


def namespace(entry: Entry, module: str, data: Mapping[str, object]) -> dict[str, object]:
    """Run the module of `entry` and return its globals: a new instance each time.

    Globals in `data` have these values from the start; the module's own assignments to them are without effect.
    """
    space: dict[str, object] = {"__name__": module, "__file__": entry.path, "__builtins__": builtins, **data}
    exec(_executable(entry), space, _Bound(space, data))
    return space


class _Bound(dict[str, object]):
    """What a module's top level writes to: passes everything on to its globals but what is bound already."""

    def __init__(self, space: dict[str, object], data: Mapping[str, object]) -> None:
        super().__init__()
        self._space, self._data = space, data

    def __setitem__(self, name: str, value: object) -> None:
        if name not in self._data:
            self._space[name] = value


def _compiled(entry: Entry, path: str) -> Entry:
    code = compile(entry.text, path, "exec", dont_inherit=True)
    return Entry(path, entry.key, entry.text, entry.name, entry.data, entry.report, marshal.dumps(code))


def _executable(entry: Entry) -> CodeType:
    if entry.bytecode:
        code = marshal.loads(entry.bytecode)
        # A directory that was moved has code that names the old place: tracebacks would show nothing.
        if isinstance(code, CodeType) and code.co_filename == entry.path:
            return code
    return compile(entry.text, entry.path, "exec", dont_inherit=True)


def _binary(path: str) -> str:
    return path.removesuffix(".py") + ".bin"


def _record(entry: Entry) -> bytes:
    text_hash = sha256(entry.text.encode()).digest()
    facts = _FORMAT, entry.key, text_hash, entry.name, entry.data, entry.report, _INTERPRETER, entry.bytecode
    # Version 2 has no references between objects, so that equal facts give equal bytes.
    content = marshal.dumps(facts, 2)
    return bytes(sha256(content).digest()) + content


def _read_entry(path: str) -> Entry | None:
    """The entry at `path`, None if it is not whole. OSError if it is not there."""
    text, record = _read(path), _read(_binary(path))
    content = record[_HASH_SIZE:]
    if sha256(content).digest() != record[:_HASH_SIZE]:
        return None
    facts = marshal.loads(content)
    if not isinstance(facts, tuple) or facts[:1] != (_FORMAT,):
        return None
    _, key, text_hash, name, data, report, interpreter, bytecode = facts
    if sha256(text).digest() != text_hash:
        return None
    return Entry(path, key, text.decode(), name, data, report, bytecode if interpreter == _INTERPRETER else b"")


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    try:
        status = os.fstat(descriptor)
        _check(path, status)
        return os.read(descriptor, status.st_size + 1)
    finally:
        os.close(descriptor)


def _write(path: str, content: bytes) -> None:
    temporary = f"{path}.{os.urandom(8).hex()}.tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# ----------------------------------------------------------------- whose it is


def _check(path: str, status: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    if status.st_uid != os.getuid():
        raise _UntrustedError(f"{path} belongs to another user")
    if status.st_mode & _OTHERS_WRITE:
        raise _UntrustedError(f"{path} can be written by others (chmod go-w {path})")


def _place(folder: str) -> str:
    """The directory for `folder`, made if need be; a private temporary one where ours cannot be trusted or written."""
    root = directory()
    if root in _REFUSED:
        return _private_place(folder)
    try:
        return _own(os.path.join(_own(root), folder))
    except _UntrustedError as error:
        _REFUSED.add(root)
        _warn(str(error), "derivatives are kept in a temporary directory")
    except OSError:
        _REFUSED.add(root)
    return _private_place(folder)


#: Directories that were found unfit in this process: said once, not at every derivative.
_REFUSED: set[str] = set()


def _own(path: str) -> str:
    """`path`, made if it is not there, and found to be ours alone."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.makedirs(path, mode=0o700, exist_ok=True)
        status = os.stat(path)
    _check(path, status)
    if not os.access(path, os.W_OK):
        raise PermissionError(path)
    return path


def _private_place(folder: str) -> str:
    return _own(os.path.join(_temporary_directory(), folder))


@once
def _temporary_directory() -> str:
    import atexit
    import tempfile

    path, owner = tempfile.mkdtemp(prefix="s2sad-"), os.getpid()
    atexit.register(_remove_tree, path, owner)
    return path


def _remove_tree(path: str, owner: int) -> None:
    """A forked child ends too, and must leave its parent's files alone."""
    if os.getpid() == owner:
        import shutil

        shutil.rmtree(path, ignore_errors=True)


def _warn(reason: str, consequence: str) -> None:
    warnings.warn(f"S601 {reason}: it is not used, and {consequence}", CacheWarning, stacklevel=2)


# -------------------------------------------------------- for the command line


def entries() -> tuple[Entry, ...]:
    """All whole and trusted entries of the directory, by path."""
    return tuple(entry for path in sorted(_modules()) if (entry := _entry_or_none(path)) is not None)


def clear() -> int:
    """Remove every entry, whole or not, and say how many there were. Files that are not the cache's are left alone."""
    count = 0
    for path in sorted(_modules()):
        for file in (path, _binary(path)):
            with suppress(OSError):
                os.unlink(file)
        count += 1
    for folder in _folders():
        with suppress(OSError):  # a folder that is not empty stays
            os.rmdir(folder)
    return count


def _entry_or_none(path: str) -> Entry | None:
    try:
        return _read_entry(path)
    except (OSError, _UntrustedError):
        return None


def _folders() -> list[str]:
    try:
        with os.scandir(directory()) as found:
            return sorted(entry.path for entry in found if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _modules() -> Iterator[str]:
    for folder in _folders():
        for name in os.listdir(folder):
            base, _, key = name.removesuffix(".py").rpartition("_")
            if base and name.endswith(".py") and len(key) == 16 and set(key) <= set("0123456789abcdef"):
                yield os.path.join(folder, name)
