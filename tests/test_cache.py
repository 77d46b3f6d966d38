"""Files: written whole, believed only when whole, ours, and ours alone."""

import linecache
import marshal
import os
import stat
import subprocess
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import platformdirs
import pytest

from s2sad import CacheWarning, cache

KEY = "0123456789abcdef" * 4
TEXT = "import math\n\nG = None\n\n\ndef f_grad(x):\n    return math.cos(x) * G\n"
WHERE = cache.stem("model", "f", "grad", KEY)
ENTRY = cache.Entry("", KEY, TEXT, "f_grad", (("G", ("global", "G")),), (("saved", ("x",)),))

posix = pytest.mark.skipif(sys.platform == "win32", reason="files have no owner and mode there")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_REFUSED", set())
    return tmp_path / "cache"


def files(place):
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def test_stored_is_loaded(place):
    stored = cache.store(WHERE, ENTRY)
    assert files(place) == ["model/f_grad_0123456789abcdef.bin", "model/f_grad_0123456789abcdef.py"]
    assert cache.load(WHERE, KEY) == stored
    assert (stored.text, stored.data, stored.report) == (ENTRY.text, ENTRY.data, ENTRY.report)
    assert Path(stored.path).read_text() == TEXT


def test_nothing_there():
    assert cache.load(WHERE, KEY) is None


def test_another_key_with_the_same_beginning():
    cache.store(WHERE, ENTRY)
    assert cache.load(WHERE, KEY[:-1] + "0") is None


def test_each_namespace_has_its_own_data():
    stored = cache.store(WHERE, ENTRY)
    one, two = (cache.namespace(stored, "generated", {"G": value}) for value in (1.0, 2.0))
    assert (one["f_grad"](0.0), two["f_grad"](0.0)) == (1.0, 2.0)


def test_equal_entries_are_equal_bytes(place):
    cache.store(WHERE, ENTRY)
    before = {name: (place / name).read_bytes() for name in files(place)}
    cache.clear()
    cache.store(WHERE, ENTRY)
    assert {name: (place / name).read_bytes() for name in files(place)} == before


@pytest.mark.parametrize("ending", [".py", ".bin"])
@pytest.mark.parametrize("damage", ["truncated", "emptied", "edited", "garbled", "removed"])
def test_damage_is_found(place, ending, damage):
    cache.store(WHERE, ENTRY)
    path = place / f"{WHERE}{ending}"
    content = path.read_bytes()
    match damage:
        case "truncated":
            path.write_bytes(content[: len(content) // 2])
        case "emptied":
            path.write_bytes(b"")
        case "edited":
            path.write_bytes(content.replace(b"cos", b"sin") if ending == ".py" else content[:-1] + b"!")
        case "garbled":
            path.write_bytes(os.urandom(len(content)))
        case "removed":
            path.unlink()
    assert cache.load(WHERE, KEY) is None
    stored = cache.store(WHERE, ENTRY)
    assert cache.load(WHERE, KEY) == stored


def test_a_text_in_place_of_another_is_found(place):
    """The record belongs to one text: a whole file beside it is not enough."""
    cache.store(WHERE, ENTRY)
    (place / f"{WHERE}.py").write_text("raise SystemExit('run')\n")
    assert cache.load(WHERE, KEY) is None


def test_a_record_of_another_format_is_not_read(place):
    cache.store(WHERE, ENTRY)
    content = marshal.dumps(("another program", 1))
    (place / f"{WHERE}.bin").write_bytes(cache.sha256(content).digest() + content)
    assert cache.load(WHERE, KEY) is None


def test_bytecode_of_another_interpreter_is_not_run(monkeypatch):
    cache.store(WHERE, ENTRY)
    monkeypatch.setattr(cache, "_INTERPRETER", (0, "another", 0))
    loaded = cache.load(WHERE, KEY)
    assert loaded.bytecode == b""
    assert cache.namespace(loaded, "generated", {"G": 3.0})["f_grad"](0.0) == 3.0


def test_a_moved_directory_shows_its_new_place(place, monkeypatch):
    cache.store(WHERE, ENTRY)
    place.rename(place.with_name("moved"))
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(place.with_name("moved")))
    loaded = cache.load(WHERE, KEY)
    function = cache.namespace(loaded, "generated", {"G": 3.0})["f_grad"]
    assert function.__code__.co_filename == loaded.path
    assert "moved" in loaded.path


def test_tracebacks_show_the_generated_line():
    stored = cache.store(WHERE, ENTRY)
    function = cache.namespace(stored, "generated", {"G": 1.0})["f_grad"]
    with pytest.raises(TypeError) as caught:
        function("x")
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno, last.line) == (stored.path, 7, "return math.cos(x) * G")


# --------------------------------------------------------------- whose it is


@posix
def test_made_for_us_alone(place):
    cache.store(WHERE, ENTRY)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [place, *place.rglob("*")]}
    assert set(modes.values()) == {0o700, 0o600}


@posix
@pytest.mark.parametrize("mode", [0o660, 0o606])
@pytest.mark.parametrize("ending", [".py", ".bin"])
def test_a_file_that_others_may_write_is_refused_and_replaced(place, ending, mode):
    cache.store(WHERE, ENTRY)
    (place / f"{WHERE}{ending}").chmod(mode)
    with pytest.warns(CacheWarning, match="S601 .* can be written by others"):
        assert cache.load(WHERE, KEY) is None
    cache.store(WHERE, ENTRY)
    assert cache.load(WHERE, KEY) is not None


@posix
@pytest.mark.parametrize("which", ["", "model"])
def test_a_directory_that_others_may_write_is_not_used(place, which):
    cache.store(WHERE, ENTRY)
    (place / which).chmod(0o770)
    before = files(place)
    with pytest.warns(CacheWarning, match="kept in a temporary directory"):
        assert cache.load(WHERE, KEY) is None
    stored = cache.store(WHERE, ENTRY)
    assert not stored.path.startswith(str(place))
    assert cache.load(WHERE, KEY) == stored
    assert files(place) == before
    Path(stored.path).unlink()


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("what", ["", "model", f"{WHERE}.py", f"{WHERE}.bin"])
def test_what_belongs_to_another_user_is_refused(place, what):
    cache.store(WHERE, ENTRY)
    os.chown(place / what, 12345, 12345)
    with pytest.warns(CacheWarning, match="belongs to another user"):
        assert cache.load(WHERE, KEY) is None


def test_a_directory_that_cannot_be_made(tmp_path, monkeypatch):
    """As in a home directory that is read-only: no crash, no warning, a temporary directory."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "file" / "cache"))
    stored = cache.store(WHERE, ENTRY)
    assert Path(stored.path).read_text() == TEXT
    Path(stored.path).unlink()


def test_nowhere_to_write(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(cache, "_temporary_directory", lambda: str(tmp_path / "file"))
    stored = cache.store(WHERE, ENTRY)
    assert cache.namespace(stored, "generated", {"G": 1.0})["f_grad"](0.0) == 1.0
    assert linecache.getline(stored.path, 6) == "def f_grad(x):\n"
    assert cache.load(WHERE, KEY) is None


def test_a_disk_that_is_full(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_write", full)
    assert cache.store(WHERE, ENTRY).path.startswith("<s2sad ")


def test_a_failed_write_leaves_nothing(place, monkeypatch):
    def fail(source, target):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", fail)
    cache.store(WHERE, ENTRY)
    assert files(place) == []


def test_the_temporary_directory_goes_with_its_process(tmp_path):
    """And not with a child that was forked from it."""
    script = (
        "import os; from s2sad import cache\n"
        "from tests.test_cache import ENTRY, WHERE\n"
        "path = cache.store(WHERE, ENTRY).path\n"
        "if hasattr(os, 'fork'):\n"
        "    pid = os.fork()\n"
        "    if not pid: raise SystemExit\n"
        "    os.waitpid(pid, 0)\n"
        "assert os.path.exists(path)\n"
        "print(path)\n"
    )
    (tmp_path / "file").write_text("")
    environment = {**os.environ, "S2SAD_CACHE_DIR": str(tmp_path / "file" / "cache"), "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", script]
    out = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert not os.path.exists(out.strip())


# ------------------------------------------------------------ many at a time


def store_and_load(number):
    """What one process of many does; every one of them must see a whole entry at any time."""
    for _ in range(20):
        cache.store(WHERE, ENTRY)
        loaded = cache.load(WHERE, KEY)
        if loaded is None or cache.namespace(loaded, "generated", {"G": 2.0})["f_grad"](0.0) != 2.0:
            return False
    return True


def test_many_processes_store_the_same(place):
    with ProcessPoolExecutor(8, get_context("spawn")) as pool:
        assert all(pool.map(store_and_load, range(8)))
    assert len(files(place)) == 2


# ---------------------------------------------------------------- directory


def test_directory_is_that_of_platformdirs(monkeypatch, tmp_path):
    monkeypatch.delenv("S2SAD_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.directory() == platformdirs.user_cache_dir("s2sad", appauthor=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.directory() == platformdirs.user_cache_dir("s2sad", appauthor=False)


@pytest.mark.parametrize("name", ["../evil", "a/b", "<lambda>", "", "..", "größe", "x" * 500])
def test_names_stay_in_the_directory(place, name):
    path = cache.store(cache.stem(name, name, "grad", KEY), ENTRY).path
    assert Path(path).parent.parent == place


def test_entries_and_clear(place):
    cache.store(WHERE, ENTRY)
    cache.store(cache.stem("other", "g", "vjp", KEY), ENTRY)
    (place / "model" / "notes.py").write_text("mine")
    (place / f"{cache.stem('other', 'h', 'vjp', KEY)}.py").write_text("not whole")
    assert [os.path.basename(entry.path) for entry in cache.entries()] == [
        "f_grad_0123456789abcdef.py",
        "g_vjp_0123456789abcdef.py",
    ]
    assert cache.clear() == 3
    assert files(place) == ["model/notes.py"]
    assert cache.entries() == ()


def test_clear_of_a_directory_that_is_not_there():
    assert (cache.clear(), cache.entries()) == (0, ())
