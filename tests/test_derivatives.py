"""The object that is called: it dispatches, notices changes, and behaves like a function."""

import copy
import gc
import inspect
import linecache
import os
import pickle
import subprocess
import sys
import threading
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad import CacheWarning

pytestmark = pytest.mark.usefixtures("calls")

G = 2.0
TABLE = np.ones(3)


def helper(x):
    return x * G


def loss(w, b, x, n=2):
    """How far off."""
    return np.sum((w * helper(x) + b) ** n)


def cube(x):
    return x * x * x


def with_table(x):
    return np.sum(TABLE * x)


def factory(w):
    def scaled(x):
        return np.sum(w * x)

    return scaled


@s2sad.grad(wrt="x")
def decorated(x, y):
    return x * y


class Model:
    w = 3.0

    @s2sad.grad(wrt="x")
    def predict(self, x):
        return x * x * x


ONES = np.ones(3)

# ------------------------------------------------------------------- dispatch


def test_one_specialisation_for_one_pattern(calls):
    df = s2sad.grad(loss)
    for n in (3, 4, 5):
        np.testing.assert_allclose(df(np.ones(n), 0.0, np.ones(n)), np.full(n, 8.0), rtol=1e-6)
    assert len(calls) == 1
    assert [one.kinds[0][0] for one in df.specialisations] == ["w"]


def test_new_patterns_are_specialised(calls):
    df = s2sad.grad(loss)
    df(ONES, 0.0, ONES)
    df(ONES, 0.0, np.ones((3, 1)))
    df(ONES, 0.0, 1.0)
    df(ONES.astype(np.float32), 0.0, ONES)
    assert len(calls) == len(df.specialisations) == 4


def test_values_of_scalars_do_not_count(calls):
    df = s2sad.grad(cube)
    assert [round(df(x), 4) for x in (1.0, 2.0, 3.0)] == [3.0, 12.0, 27.0]
    assert len(calls) == 1


def test_keywords_and_defaults():
    df = s2sad.grad(loss)
    expected = df(ONES, 1.0, ONES, 2)
    for result in (df(ONES, 1.0, ONES), df(ONES, x=ONES, b=1.0), df(w=ONES, b=1.0, x=ONES, n=2)):
        np.testing.assert_array_equal(result, expected)
    assert not np.allclose(df(ONES, 1.0, ONES, n=3), expected)


def test_another_order_of_keywords():
    def f(x, y):
        return x * y * y

    df = s2sad.grad(f)
    assert df(x=1.0, y=np.float32(2.0)) == pytest.approx(4.0)
    assert df(y=np.float32(3.0), x=1.0) == pytest.approx(9.0)


def test_the_table_of_signatures_is_bounded(monkeypatch):
    monkeypatch.setattr("s2sad.derivatives._TABLE_SIZE", 4)
    df = s2sad.grad(with_table)
    for n in range(1, 12):
        df(np.ones((n, 3)))
    assert len(df._shared.state.table) <= 4


def test_containers():
    def f(p):
        return p[0] * p[1]

    p = [1.0, (ONES, None)]
    assert s2sad.grad(f).prepare({"p": p})["p"] is p


def test_signatures_of_lists_tell_them_apart():
    lists = [[], [1.0], [1], [1.0, 1], [1.0, 1.0], (1.0,), [ONES], [ONES, ONES], [np.ones(4)], [[1.0]], [True], [None]]
    signatures = [s2sad.derivatives._signature(value) for value in lists]
    assert len(set(signatures)) == len(lists)
    assert s2sad.derivatives._signature([2.0, 3.0]) == s2sad.derivatives._signature([1.0, 1.0])


def test_numpy_scalars_and_python_scalars_differ(calls):
    df = s2sad.grad(cube)
    df(2.0), df(np.float64(2.0)), df(np.array(2.0)), df(np.float32(2.0))
    assert len(calls) == 4


# ------------------------------------------------- what changes between calls


@pytest.fixture
def restore(monkeypatch):
    for name in ("G", "TABLE", "helper"):
        monkeypatch.setitem(globals(), name, globals()[name])


@pytest.mark.usefixtures("restore")
def test_a_redefined_function_gives_the_new_gradient():
    df = s2sad.grad(loss)
    np.testing.assert_allclose(df(ONES, 0.0, ONES), 8.0 * ONES, rtol=1e-6)
    globals()["helper"] = another_helper()
    np.testing.assert_allclose(df(ONES, 0.0, ONES), 50.0 * ONES, rtol=1e-6)


def another_helper():
    def helper(x):
        return x * 5

    return helper


@pytest.mark.usefixtures("restore")
def test_a_rebound_number_is_the_new_one(calls):
    df = s2sad.grad(loss)
    df(ONES, 0.0, ONES)
    globals()["G"] = 3.0
    np.testing.assert_allclose(df(ONES, 0.0, ONES), 18.0 * ONES, rtol=1e-6)
    assert len(calls) == 1, "another number is no reason to generate"
    globals()["G"] = np.float32(3.0)
    np.testing.assert_allclose(df(ONES, 0.0, ONES), 18.0 * ONES, rtol=1e-3)
    assert len(calls) == 2, "another kind is"


@pytest.mark.usefixtures("restore")
def test_the_source_shows_the_number_that_is_bound(calls):
    df = s2sad.grad(loss)
    df(ONES, 0.0, ONES)
    before = df.path
    globals()["G"] = 3.0
    df(ONES, 0.0, ONES)
    assert df.path != before
    assert len(calls) == 2


@pytest.mark.usefixtures("restore")
def test_a_rebound_array_is_the_new_one():
    df = s2sad.grad(with_table)
    np.testing.assert_allclose(df(ONES), [1, 1, 1], rtol=1e-6)
    globals()["TABLE"] = np.arange(3.0)
    np.testing.assert_allclose(df(ONES), [0, 1, 2], rtol=1e-6, atol=1e-9)


def test_an_array_changed_in_place_is_seen():
    w = np.ones(3)
    df = s2sad.grad(factory(w))
    df(ONES)
    w[1] = 5.0
    np.testing.assert_allclose(df(ONES), [1, 5, 1], rtol=1e-6)


@pytest.mark.usefixtures("restore")
def test_a_pullback_keeps_the_values_it_was_made_with():
    _, pullback = s2sad.vjp(with_table)(ONES)
    before = pullback(1.0)
    globals()["TABLE"] = np.arange(3.0)
    s2sad.vjp(with_table)(ONES)
    np.testing.assert_array_equal(pullback(1.0), before)


def test_two_closures_share_the_file_not_the_data(calls):
    one, two = s2sad.grad(factory(np.ones(3))), s2sad.grad(factory(np.full(3, 7.0)))
    results = [one(ONES), two(ONES), one(ONES)]
    np.testing.assert_allclose([r[0] for r in results], [1, 7, 1], rtol=1e-6)
    assert one.path == two.path
    assert len(calls) == 1


def test_a_name_defined_after_a_failure():
    text = "def f(x):\n    return later(x)\n"
    linecache.cache["<later>"] = (len(text), None, text.splitlines(keepends=True), "<later>")
    exec(compile(text, "<later>", "exec"), space := {"__name__": "later"})
    df = s2sad.grad(space["f"])
    with pytest.raises(s2sad.DifferentiationError, match="`later` is not defined"):
        df(2.0)

    def later(x):
        return x * x * x

    space["later"] = later
    assert df(2.0) == pytest.approx(12.0)

    def later(x):
        return x * 5

    space["later"] = later
    assert df(2.0) == pytest.approx(5.0)


def test_grad_in_a_loop_is_one_state():
    assert s2sad.grad(cube)._shared is s2sad.grad(cube)._shared
    assert s2sad.grad(cube)._shared is not s2sad.vjp(cube)._shared


def test_closures_made_in_a_loop_can_go():
    f = factory(np.ones(3))
    reference = weakref.ref(f)
    s2sad.grad(f)(ONES)
    del f
    gc.collect()
    assert reference() is None


# ----------------------------------------------------------------------- cache


def test_the_file_is_found_by_its_name():
    df = s2sad.grad(cube)
    df(2.0)
    path = Path(df.path)
    assert path.name.startswith("cube_grad_")
    assert path.parent.name == __name__
    assert path.read_text() == df.source == s2sad.source(df)


def test_the_header_says_where_it_comes_from(calls):
    df = s2sad.grad(loss, wrt=("x", "b"))
    df(ONES, 0.0, ONES)
    first, second, third, fourth = df.source.splitlines()[:4]
    assert first.startswith(f"# made by s2sad {s2sad.__version__} from ")
    assert first.endswith("test_derivatives.py:loss")
    assert second.startswith("# source: ")
    assert third == "# options: mode=grad, wrt=x,b"
    assert fourth == '# made again by: s2sad.grad(loss, wrt=("x", "b"))'


def forget(df, monkeypatch):
    """As another process finds it: nothing but the files."""
    monkeypatch.setattr("s2sad.specialise._ENTRIES", {})
    df._shared.state = None


@pytest.mark.parametrize("damage", ["edited", "truncated"])
def test_a_damaged_file_is_generated_again(calls, monkeypatch, damage):
    df = s2sad.grad(cube)
    df(2.0)
    path = Path(df.path)
    text = path.read_text()
    path.write_text(text.replace("1e-4", "9e-4") if damage == "edited" else text[:100])
    forget(df, monkeypatch)
    assert df(2.0) == pytest.approx(12.0)
    assert len(calls) == 2
    assert path.read_text() == text


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_a_file_that_others_may_write_is_generated_again(calls, monkeypatch):
    df = s2sad.grad(cube)
    df(2.0)
    Path(df.path).chmod(0o666)
    forget(df, monkeypatch)
    with pytest.warns(CacheWarning, match="S601"):
        assert df(2.0) == pytest.approx(12.0)
    assert len(calls) == 2


def test_tracebacks_show_generated_lines():
    with pytest.raises(ValueError, match="broadcast") as caught:
        s2sad.grad(loss)(np.ones(3), 0.0, np.ones(4))
    lines = [frame.line for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "return np.sum((w * helper(x) + b) ** n)" in lines


# --------------------------------------------------------------- source, repr


def test_source_before_the_first_call():
    df = s2sad.grad(cube)
    assert "def cube_grad(x):" in df.source
    assert Path(df.path).exists()


def test_source_that_cannot_be_had_says_how(monkeypatch):
    def refuse(*args, **keywords):
        raise s2sad.DifferentiationError("S201", "no")

    def fresh(x):
        return x

    monkeypatch.setattr("s2sad.pipeline.derive", refuse)
    with pytest.raises(s2sad.DifferentiationError) as caught:
        _ = s2sad.grad(fresh).source
    assert "call the derivative of `fresh` once" in caught.value.__notes__[0]


def test_repr():
    def f(w, x, n=2):
        return np.sum(np.dot(w, x)) * n

    df = s2sad.grad(f, wrt="x")
    assert repr(df) == f'<s2sad.grad(f, wrt="x") of {__name__}: not called yet>'
    df(np.ones((4, 3)), np.ones(3))
    df(np.ones((4, 1)), 2.0)
    lines = repr(df).splitlines()
    assert lines[0] == f'<s2sad.grad(f, wrt="x") of {__name__}: 2 specialisations>'
    assert lines[1] == "  w: float64[m, n], x: float64[n], n: int"
    assert lines[2].strip().endswith(".py")
    assert lines[3] == "  w: float64[m, 1], x: float, n: int"


def test_html():
    def f(x):
        return x * x

    df = s2sad.grad(f)
    assert df._repr_html_().startswith("<pre>&lt;s2sad.grad(f)")
    df(1.0)
    assert "f_grad" in df._repr_html_()


# ------------------------------------------------------- behaves as a function


def test_metadata():
    df = s2sad.grad(loss)
    assert (df.__name__, df.__qualname__, df.__doc__, df.__module__) == ("loss", "loss", "How far off.", __name__)
    assert df.__wrapped__ is loss
    assert inspect.signature(df) == inspect.signature(loss)
    assert callable(df)
    assert weakref.ref(df)() is df


def test_signature_of_a_jvp():
    assert str(inspect.signature(s2sad.jvp(loss, wrt=("w", "x")))) == "(w, b, x, n, w_dot, x_dot)"


def test_signature_of_the_class_is_its_own():
    assert list(inspect.signature(s2sad.derivatives.Derivative).parameters) == ["function", "options"]


def test_no_attribute():
    with pytest.raises(AttributeError, match="nothing"):
        _ = s2sad.grad(loss).nothing


def test_method():
    model = Model()
    assert model.predict(2.0) == pytest.approx(12.0)
    assert Model.predict(model, 2.0) == pytest.approx(12.0)
    assert "def Model_predict_grad(self, x):" in model.predict.source


def test_copies():
    df = s2sad.grad(loss)
    for other in (copy.copy(df), copy.deepcopy(df), pickle.loads(pickle.dumps(df))):
        assert (other.__wrapped__, other.options) == (loss, df.options)
    for other in (copy.copy(decorated), copy.deepcopy(decorated), pickle.loads(pickle.dumps(decorated))):
        assert other is decorated


def test_second_derivatives():
    assert s2sad.grad(s2sad.grad(cube))(2.0) == pytest.approx(12.0, rel=1e-3)
    assert s2sad.grad(s2sad.grad(cube))(2) == pytest.approx(12.0, rel=1e-3)
    assert s2sad.grad(s2sad.grad(cube)).expression == "s2sad.grad(s2sad.grad(cube))"


def test_second_derivatives_say_where_they_come_from():
    df = s2sad.grad(s2sad.grad(cube))
    df(2.0)
    header = "\n".join(df.source.splitlines()[:4])
    assert "test_derivatives.py:cube" in header
    assert "# made again by: s2sad.grad(s2sad.grad(cube))" in header
    assert Path(df.path).parent == Path(s2sad.grad(cube).path).parent


@pytest.mark.usefixtures("restore")
def test_second_derivatives_see_changes():
    def f(x):
        return G * x * x

    df = s2sad.grad(s2sad.grad(f))
    assert df(1.0) == pytest.approx(4.0, rel=1e-3)
    globals()["G"] = 3.0
    assert df(1.0) == pytest.approx(6.0, rel=1e-3)
    assert df.path != s2sad.grad(f).path


# ---------------------------------------------------------- threads, processes


def test_threads(calls):
    df = s2sad.grad(loss)
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        return [df(np.full(3, float(number)), 0.0, ONES)[0] for _ in range(50)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    for number, values in enumerate(results):
        np.testing.assert_allclose(values, 8.0 * number, rtol=1e-6, atol=1e-6)
    assert len(calls) == 1


USER = """
import numpy as np
import s2sad

G = 2.0

def loss(w, x):
    return np.sum(w * x) * G

@s2sad.grad
def decorated(w, x):
    return np.sum(w * x) * G
"""


def run(folder, script, **environment):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([os.getcwd(), str(folder)]),
        "S2SAD_CACHE_DIR": str(folder / "cache"),
        **environment,
    }
    (folder / "user.py").write_text(USER)
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


PREPARED = "from tests.fake_derive import install; install()\nimport s2sad, user, numpy as np\n"
CALL = "print(s2sad.grad(user.loss)(np.ones(2), np.ones(2)), user.decorated(np.ones(2), np.ones(2)))\n"


def test_pickled_through_a_process(tmp_path):
    send = "import pickle, sys\nsys.stdout.write(pickle.dumps((s2sad.grad(user.loss), user.decorated)).hex())"
    sent = run(tmp_path, PREPARED + send)
    receive = f"import pickle\nfor df in pickle.loads(bytes.fromhex({sent!r})): print(df(np.ones(2), np.ones(2))[0])"
    assert [round(float(line), 6) for line in run(tmp_path, PREPARED + receive).split()] == [2.0, 2.0]


def test_the_second_process_generates_nothing_and_imports_nothing_heavy(tmp_path):
    first = run(tmp_path, PREPARED + CALL)
    files = sorted(path.name for path in (tmp_path / "cache").rglob("*"))
    script = "import s2sad, user, sys, numpy as np\n" + CALL
    script += "print([name for name in sys.modules if name.split('.')[0] in ('black', 'astor', 'rich', 'typer')"
    script += " or name in ('s2sad.ir', 's2sad.pipeline', 's2sad.frontend.live', 'platformdirs')])"
    *second, heavy = run(tmp_path, script, PYTHONHASHSEED="7").splitlines()
    assert second == first.splitlines()
    assert heavy == "[]"
    assert sorted(path.name for path in (tmp_path / "cache").rglob("*")) == files


def test_import_is_light(tmp_path):
    """Beyond what NumPy imports itself."""
    script = "import sys, numpy\nbefore = set(sys.modules)\nimport s2sad\nprint(*sorted(set(sys.modules) - before))"
    new = {name for name in run(tmp_path, script).split() if not name.startswith("s2sad")}
    assert new <= {"__future__", "_sha2", "_sha256", "copy", "dataclasses", "org", "threading", "_threading_local"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_fork_while_another_thread_generates(tmp_path):
    script = """
import os, threading
from s2sad.specialise import exclusive
inside, leave = threading.Event(), threading.Event()
def generate():
    with exclusive:
        inside.set()
        leave.wait()
thread = threading.Thread(target=generate)
thread.start()
inside.wait()
pid = os.fork()
if not pid:
    s2sad.grad(user.loss)(np.ones(2), np.ones(2))
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
leave.set()
"""
    assert run(tmp_path, PREPARED + "import warnings; warnings.simplefilter('ignore')\n" + script) == "7\n"
