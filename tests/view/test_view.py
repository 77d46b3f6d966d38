import re

import pytest
from rich.console import Console

from s2sad.view import coloured, html, page, terminal
from s2sad.view.fragment import STYLES
from s2sad.view.links import link
from s2sad.view.roles import pieces, pieces_by_line

PRIMAL = '''\
def mlp(w, x, y):
    """A comparison: a < b & c."""
    h = np.tanh(np.dot(x, w))
    for i in range(3):
        h = 4 * h * (1 - h)
    if np.sum(h) > 1:
        h = h - 1
    elif True:
        h = h - 2
    r = h - y
    return np.sum(r * r)
'''
DERIVATIVE = '''\
# made by s2sad
import numpy as np


def mlp_grad(w, x, y):
    """A comparison: a < b & c."""
    # primal
    h = np.tanh(np.dot(x, w))
    h_saved = []
    for i in range(3):
        h_saved.append(h)
        h = 4 * h * (1 - h)

    # adjoint
    r_bar = 2 * r  # return np.sum(r * r)
    h_bar = r_bar  # r = h - y
    t_bar = 0.0

    u_bar = 0.0
    for h in reversed(h_saved):
        h_bar = (
            4 * (1 - h) - 4 * h
        ) * h_bar  # h = 4*h*(1 - h)
        k_bar = h_bar
    # h = np.tanh(np.dot(x, w))
    h_bar = h_bar * (1 - h * h)
    w_bar = np.dot(x.T, h_bar)
    x_dot = "text"  # if np.sum(h) > 1:
    x_dot = 0x1F  # elif True:
    return w_bar
'''


def numbered(text: str, links: dict[int, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {text.splitlines()[line - 1].strip(): ids for line, ids in links.items()}


def test_links():
    links = link(PRIMAL, DERIVATIVE)
    assert numbered(DERIVATIVE, links.derivative) == {
        "h = np.tanh(np.dot(x, w))": (3,),
        "for i in range(3):": (4,),
        "h = 4 * h * (1 - h)": (5,),
        "r_bar = 2 * r  # return np.sum(r * r)": (11,),
        "h_bar = r_bar  # r = h - y": (10,),
        "t_bar = 0.0": (10,),
        "h_bar = (": (5,),
        "4 * (1 - h) - 4 * h": (5,),
        ") * h_bar  # h = 4*h*(1 - h)": (5,),
        "k_bar = h_bar": (5,),
        "h_bar = h_bar * (1 - h * h)": (3,),
        "w_bar = np.dot(x.T, h_bar)": (3,),
        'x_dot = "text"  # if np.sum(h) > 1:': (6,),
        "x_dot = 0x1F  # elif True:": (8,),
    }
    assert links.primal == {3: (3,), 4: (4,), 5: (5,), 6: (6,), 8: (8,), 10: (10,), 11: (11,)}


def test_equal_statements_are_all_linked():
    links = link("def f(x):\n    x = x * x\n    x = x * x\n    return x\n", "def g(x):\n    x_bar = 2  # x = x * x\n")
    assert links.derivative == {2: (2, 3)}


@pytest.mark.parametrize(("primal", "derivative"), [("def f(:", "x = 1"), ("x = 1", "def f(:"), ("", "")])
def test_no_links_without_syntax(primal, derivative):
    links = link(primal, derivative)
    assert (links.primal, links.derivative) == ({}, {})


@pytest.mark.parametrize("text", [PRIMAL, DERIVATIVE, "", "\n\nx = 1\n\n", "s = '''a\n\nb'''", "\tx = '\\n'"])
def test_pieces_are_the_text(text):
    assert "".join(value for _, value in pieces(text)) == text
    lines = ["".join(value for _, value in line) for line in pieces_by_line(text)]
    assert "\n".join(lines) == text.rstrip("\n")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("t_bar_5", "adjoint"),
        ("x_saved_2", "saved"),
        ("w_bar_dot", "tangent"),
        ("x_bars", ""),
        ("bar", ""),
        ("dots_bar_", ""),
    ],
)
def test_roles_of_names(name, role):
    assert list(pieces(name)) == [(role, name)]


def test_roles():
    roles = {value: role for role, value in pieces(DERIVATIVE)}
    assert roles["h_bar"] == "adjoint"
    assert roles["x_dot"] == "tangent"
    assert roles["h_saved"] == "saved"
    assert roles["mlp_grad"] == "function"
    assert roles["for"] == "keyword"
    assert roles["range"] == "builtin"
    assert roles["0x1F"] == "number"
    assert roles["w"] == ""


def without_tags(markup: str) -> str:
    text = re.sub(r"<[^>]*>", "", markup)
    return (
        text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
    )


def test_fragment_is_one_pre_with_the_text():
    fragment = html(DERIVATIVE)
    assert re.fullmatch(r"<pre style=[^>]*>.*</pre>", fragment, re.DOTALL)
    assert without_tags(fragment) == DERIVATIVE.rstrip()
    assert "class=" not in fragment


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("role", STYLES)
@pytest.mark.parametrize("background", ["#ffffff", "#111111"])
def test_colours_of_a_fragment_are_readable_on_light_and_dark(role, background):
    pair = luminance(re.search(r"#\w{6}", STYLES[role]).group()), luminance(background)
    assert (max(pair) + 0.05) / (min(pair) + 0.05) >= 4


def test_page():
    text = page(PRIMAL, DERIVATIVE, "a <b>.py:mlp", first_line=10)
    assert "<title>a &lt;b&gt;.py:mlp</title>" in text
    primal, derivative = re.findall(r"<pre><code>(.*?)</code></pre>", text, re.DOTALL)
    lines = primal.split('<span class="line"')[1:]
    assert [without_tags("<" + line) for line in lines] == PRIMAL.splitlines()
    assert re.findall(r'data-n="(\d+)"', primal)[0] == "10"
    assert re.search(r'data-link="5" style="--hue:\d+" tabindex="0">.*h.*</span>', primal)
    assert derivative.count('data-link="5"') == 5
    assert "prefers-color-scheme: dark" in text
    assert "${" not in text


def test_page_loads_nothing():
    assert not re.search(r"https?://|src=|href=|@import|url\(", page(PRIMAL, DERIVATIVE, "t"))


def test_page_is_the_same_every_time():
    assert page(PRIMAL, DERIVATIVE, "t") == page(PRIMAL, DERIVATIVE, "t")


def printed(width: int, **options: object) -> str:
    console = Console(width=200, **options)
    with console.capture() as capture:
        console.print(terminal(PRIMAL, DERIVATIVE, ("model.py:mlp", "mlp_grad"), width), soft_wrap=True)
    return capture.get()


def test_two_columns_where_there_is_room():
    lines = printed(120).splitlines()
    assert lines[0].startswith("model.py:mlp ─")
    assert "mlp_grad ─" in lines[0]
    assert lines[1].startswith("def mlp(w, x, y):")
    assert lines[1].rstrip().endswith("# made by s2sad")


def test_one_below_the_other_where_there_is_none():
    text = printed(60)
    assert PRIMAL in text
    assert DERIVATIVE in text


def test_no_colours_where_none_are_wanted():
    assert "\x1b[3" in printed(60, force_terminal=True)
    assert "\x1b" not in printed(60)


def test_coloured_is_the_text():
    assert coloured(DERIVATIVE).plain == DERIVATIVE.rstrip("\n")
