"""The table of constructs in docs/constructs.md is what s2sad does today."""

from pathlib import Path

import pytest

from tests.constructs import HEADING, section, sections

PAGE = Path(__file__).parents[1] / "docs" / "constructs.md"


@pytest.fixture(scope="module")
def update(request):
    """Collects the sections, and writes the page with `--update-golden`."""
    made = {}
    yield made
    if request.config.getoption("--update-golden"):
        PAGE.write_text("\n".join([HEADING, *made.values()]), encoding="utf-8")


@pytest.mark.parametrize("title", sections())
def test_table(title, update, request):
    update[title] = section(title, sections()[title])
    if not request.config.getoption("--update-golden"):
        assert update[title] in PAGE.read_text(encoding="utf-8")


def test_nothing_else_is_claimed(request):
    if request.config.getoption("--update-golden"):
        pytest.skip("the page is being written")
    titles = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert titles == [f"## {title}" for title in sections()]
