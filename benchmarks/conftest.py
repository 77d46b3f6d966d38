import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--strict-ratios", action="store_true", help="fail where a generated derivative is too slow")
