"""Notebooks without Jupyter: their code cells run in order, with the outputs that Jupyter would show.

    python -m tests.notebooks examples/cookbook.ipynb

makes the outputs anew. Text, the value of a cell's last line and the figures of pyplot are all that is shown.
"""

import argparse
import ast
import base64
import contextlib
import io
import json
import linecache
import sys
from pathlib import Path
from typing import Any

__all__ = ["read", "texts"]


def read(path: Path) -> dict[str, Any]:
    """A notebook of format 4."""
    return json.loads(path.read_text(encoding="utf-8"))


def write(path: Path, notebook: dict[str, Any]) -> None:
    """Write a notebook as Jupyter does."""
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def texts(notebook: dict[str, Any]) -> list[str]:
    """What each code cell shows: its text, and that there is an image; "measured" for cells that have this tag."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [
        "measured" if "measured" in cell["metadata"].get("tags", ()) else "".join(map(text, cell["outputs"]))
        for cell in cells
    ]


def text(output: dict[str, Any]) -> str:
    shown = output.get("text") or output["data"].get("text/plain", "an image")
    return "".join(shown)


def executed(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The notebook with the outputs of its code cells, which run as a module of that name."""
    space: dict[str, Any] = {"__name__": name}
    cells, count = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            outputs = outputs_of("".join(cell["source"]), count, space)
            cell = cell | {"execution_count": count, "outputs": outputs}
        cells.append(cell)
    return notebook | {"cells": cells}


def outputs_of(code: str, count: int, space: dict[str, Any]) -> list[dict[str, Any]]:
    """What one cell prints, the value of its last line, and its figures."""
    file = f"<cell {count}>"
    # Where `inspect` and s2sad find the source of what is defined here.
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    printed, outputs = io.StringIO(), []
    with contextlib.redirect_stdout(printed):
        value = value_of(code, file, space)
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": lines(printed.getvalue())})
    if value is not None:
        data = {"text/plain": lines(repr(value))}
        outputs.append({"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    for png in drawn():
        outputs.append({"data": {"image/png": png}, "metadata": {}, "output_type": "display_data"})
    return outputs


def value_of(code: str, file: str, space: dict[str, Any]) -> Any:
    """Run a cell; the value of its last line if that is an expression with no semicolon behind it."""
    tree = ast.parse(code, file)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr) or code.rstrip().endswith(";"):
        exec(compile(tree, file, "exec"), space)
        return None
    exec(compile(ast.Module(tree.body[:-1], []), file, "exec"), space)
    return eval(compile(ast.Expression(last.value), file, "eval"), space)


def drawn() -> list[str]:
    """The open figures of pyplot as PNGs in base64; closes them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    images = []
    for number in pyplot.get_fignums() if pyplot else ():
        file = io.BytesIO()
        pyplot.figure(number).savefig(file, format="png", dpi=100)
        images.append(base64.b64encode(file.getvalue()).decode() + "\n")
        pyplot.close(number)
    return images


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", type=Path)
    parser.add_argument("-o", "--output", type=Path, help="where to write it; by default in its place")
    options = parser.parse_args()
    write(options.output or options.notebook, executed(read(options.notebook), options.notebook.stem))


if __name__ == "__main__":
    main()
