"""Fixtures for all tests."""

from tests.fake_derive import calls

__all__ = ["calls"]
