"""What a derivative depends on: all that can change it, the same in every process."""

import os
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from s2sad.fingerprint import fingerprint

MODULE = """
import math
import numpy as np
from functools import lru_cache

G = np.ones(3)
RATES = [0.1, 0.2]
LIMITS = {"a", "b", "c"}


def inner(x):
    return np.sin(x) * G


def helper(x, n=2):
    return inner(x) ** n  # exponent


class Model:
    scale = 2.0

    def __init__(self, w):
        self.w = w

    def predict(self, x):
        return self.scale * inner(x) * self.w


model = Model(np.ones(3))


def loss(x):
    # plain
    return sum(helper(y) for y in x if y not in {"a", "b", "c"}) + RATES[0] + len(x)


def with_object(x):
    return model.predict(x)


@lru_cache
def cached(x):
    return inner(x)


def with_cached(x):
    return cached(x)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def factory(w):
    def f(x):
        return w * helper(x)

    return f


def unfinished():
    def f(x):
        return late(x)

    yield f
    late = inner
    yield f
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load the module above, changed by replacements, as a new file each time."""
    count = iter(range(100))

    def load(**replaced):
        text = MODULE
        for old, new in replaced.items():
            old = {"exponent": "** n", "comment": "# plain", "sine": "np.sin", "scale": "self.scale *"}[old]
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / str(next(count))
        folder.mkdir()
        (folder / "user_module.py").write_text(text)
        code = compile(text, str(folder / "user_module.py"), "exec")
        space = {"__name__": "user_module"}
        exec(code, space)
        return SimpleNamespace(space=space, **{name: space[name] for name in space if not name.startswith("__")})

    return load


def test_the_same_text_is_the_same(load):
    one, two = fingerprint(load().loss), fingerprint(load().loss)
    assert (one.code, one.source, repr(one.data)) == (two.code, two.source, repr(two.data))


@pytest.mark.parametrize("change", [{"exponent": "** 3"}, {"sine": "np.cos"}, {"comment": "# pragma"}])
def test_any_change_of_what_is_reached_counts(load, change):
    one, two = fingerprint(load().loss), fingerprint(load(**change).loss)
    assert one.code != two.code
    assert one.source != two.source


def test_what_is_not_reached_does_not_count(load):
    assert fingerprint(load().loss).code == fingerprint(load(scale="3 *").loss).code


@pytest.mark.parametrize(
    ("name", "change"),
    [("with_object", {"scale": "3 *"}), ("with_object", {"sine": "np.cos"}), ("with_cached", {"sine": "np.cos"})],
)
def test_objects_and_wrappers_are_followed(load, name, change):
    one, two = load().space[name], load(**change).space[name]
    assert fingerprint(one).code != fingerprint(two).code


def test_modules_are_followed(load):
    module = load()
    one = exec_function("def f(x): return m.helper(x)", m=as_module(module))
    two = exec_function("def f(x): return m.helper(x)", m=as_module(load(exponent="** 3")))
    assert fingerprint(one).code != fingerprint(two).code
    module.space["helper"] = lambda x: x


def exec_function(text, **space):
    exec(text, {"__name__": "prompt", **space}, found := {})
    return found["f"]


def as_module(loaded):
    from types import ModuleType

    module = ModuleType("user_module")
    vars(module).update(loaded.space)
    return module


def test_data_of_everything_reached(load):
    module = load()
    data = fingerprint(module.loss).data
    assert any(value is module.G for value in data)
    assert any(value is module.RATES for value in data)
    assert 2 in data, "the default of helper"


def test_cycles_end(load):
    assert fingerprint(load().even).code != fingerprint(load().odd).code


def test_library_code_is_not_walked():
    f = exec_function("def f(x): return np.linalg.norm(x) + math.sin(x) + functools.reduce(max, x)",
                      np=np, math=__import__("math"), functools=__import__("functools"))  # fmt: skip
    assert len(fingerprint(f).watch.functions) == 0


def test_code_run_from_bare_globals():
    exec("def g(x): return x\ndef f(x): return g(x)", space := {})
    exec("def g(x): return x * x\ndef f(x): return g(x)", other := {})
    assert fingerprint(space["f"]).code != fingerprint(other["f"]).code


SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
import user_module, s2sad
from s2sad.fingerprint import fingerprint
found = fingerprint(user_module.loss)
print(found.code, found.source, [type(value).__name__ for value in found.data])
for name in ("with_object", "with_cached", "even"):
    print(fingerprint(vars(user_module)[name]).code)
"""


def test_every_process_finds_the_same(tmp_path):
    (tmp_path / "user_module.py").write_text(MODULE)
    script = SCRIPT.format(folder=str(tmp_path))
    found = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.getcwd()}
        command = [sys.executable, "-c", script]
        found.add(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)
    assert len(found) == 1


def test_running_a_function_does_not_change_it(load):
    """The interpreter rewrites the code of a function that runs often."""
    module = load()
    before = fingerprint(module.helper).code
    for _ in range(1000):
        module.helper(1.0)
    import s2sad.fingerprint

    s2sad.fingerprint._MEMO.clear()
    assert fingerprint(module.helper).code == before


# --------------------------------------------------------------------- watch


def changes(module):
    """Everything that may happen between two calls, by name."""
    space = module.space

    def edit_code():
        space["inner"].__code__ = (lambda x: x).__code__

    return {
        "data rebound": lambda: space.update(G=np.ones(3)),
        "function redefined": lambda: space.update(inner=lambda x: x),
        "callee's default": lambda: setattr(space["helper"], "__defaults__", (3,)),
        "code replaced in place": edit_code,
        "builtin hidden": lambda: space.update(len=lambda x: 0),
        "name removed": lambda: space.pop("RATES"),
        "library replaced": lambda: space.update(np=SimpleNamespace(sin=np.cos)),
        "list longer": lambda: space["RATES"].append(0.3),
    }


@pytest.mark.parametrize("what", changes(SimpleNamespace(space={})))
def test_watch_sees(load, what):
    module = load()
    watch = fingerprint(module.loss).watch
    assert watch.holds(module.loss)
    changes(module)[what]()
    assert not watch.holds(module.loss)


def test_watch_sees_attributes_of_objects_and_classes(load):
    module = load()
    watch = fingerprint(module.with_object).watch
    module.model.w = np.zeros(3)
    assert not watch.holds(module.with_object)
    watch = fingerprint(module.with_object).watch
    module.Model.scale = 3.0
    assert not watch.holds(module.with_object)


def test_watch_sees_the_function_itself(load):
    module = load()
    watch = fingerprint(module.loss).watch
    module.loss.__code__ = module.inner.__code__
    assert not watch.holds(module.loss)


def test_watch_does_not_mind_what_is_not_read(load):
    module = load()
    watch = fingerprint(module.loss).watch
    module.space.update(unrelated=1, model=None)
    module.G[0] = 7.0
    assert watch.holds(module.loss)


def test_watch_sees_closures(load):
    w = np.ones(2)

    def f(x):
        return w * x

    watch = fingerprint(f).watch
    assert watch.holds(f)
    w = np.ones(2)
    assert not watch.holds(f)


def test_an_empty_cell_never_holds(load):
    functions = load().unfinished()
    f = next(functions)
    assert not fingerprint(f).watch.holds(f)
    next(functions)
    assert fingerprint(f).watch.holds(f)


def test_a_long_chain_of_objects():
    class Node:
        def __init__(self, following):
            self.following = following

    first = None
    for _ in range(5000):
        first = Node(first)
    assert fingerprint(lambda x: first.following).data


def test_other_callables():
    assert fingerprint(partial(np.sum, axis=0)).code != fingerprint(partial(np.prod, axis=0)).code
    assert fingerprint(np.sum).code != fingerprint(np.prod).code
    assert fingerprint(max).code != fingerprint(min).code
