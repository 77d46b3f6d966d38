"""What is known of context managers: which of them a derivative needs around its own statements, which swallow exceptions."""

from __future__ import annotations

from s2sad.ir import Call, Expr, Global

__all__ = ["catches_nothing", "gives_object", "holds_for_derivatives", "is_transparent", "swallows"]

#: Contexts that say how numbers are computed: they hold for the derivative of what is computed in them.
_NUMERIC = frozenset({"numpy.errstate"})

_SWALLOWING = frozenset({"contextlib.suppress"})

_TRANSPARENT = frozenset(
    "open numpy.errstate numpy.printoptions numpy.nditer warnings.catch_warnings contextlib.nullcontext "
    "contextlib.redirect_stdout contextlib.redirect_stderr contextlib.closing contextlib.chdir threading.Lock "
    "threading.RLock threading.Condition threading.Semaphore threading.BoundedSemaphore multiprocessing.Lock "
    "tempfile.TemporaryDirectory tempfile.TemporaryFile tempfile.NamedTemporaryFile decimal.localcontext io.open "
    "io.StringIO io.BytesIO gzip.open bz2.open lzma.open zipfile.ZipFile tarfile.open numpy.load "
    "concurrent.futures.ThreadPoolExecutor os.scandir".split()
)


#: The types of such contexts that are made elsewhere.
_TYPES = _TRANSPARENT | {"_thread.lock", "_thread.RLock", "multiprocessing.synchronize.Lock"}

#: What gives something that is no number and has no numbers in it.
_OBJECTS = frozenset(
    "open warnings.catch_warnings threading.Lock threading.RLock threading.Condition threading.Semaphore "
    "threading.BoundedSemaphore tempfile.TemporaryDirectory tempfile.TemporaryFile tempfile.NamedTemporaryFile io.open "
    "io.StringIO io.BytesIO gzip.open bz2.open lzma.open os.scandir contextlib.redirect_stdout csv.writer "
    "csv.DictWriter".split()
)


def holds_for_derivatives(context: Expr) -> bool:
    """True for a context that has to be around the derivative of its body as well."""
    return _name(context) in _NUMERIC


def swallows(context: Expr) -> bool:
    """True for a context that is known to end exceptions."""
    return _name(context) in _SWALLOWING


def catches_nothing(context: Expr) -> bool:
    """True for a context that is known to let every exception pass."""
    return _name(context) in _TRANSPARENT


def _name(context: Expr) -> str:
    match context:
        case Call(func=Global(dotted=dotted)):
            return dotted
    return ""


def gives_object(context: Expr) -> bool:
    """True for a call that gives a file or another thing that no derivative goes through."""
    return _name(context) in _OBJECTS


def is_transparent(context: object) -> bool:
    """True for an object that is known to let every exception pass when it is used as a context."""
    made_by = type(context)
    return f"{made_by.__module__}.{made_by.__qualname__}" in _TYPES
