"""Fixtures and options for all tests."""

import pytest

from tests.fake_derive import calls

__all__ = ["calls"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the texts of tests/golden anew")
