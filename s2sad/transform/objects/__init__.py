"""A program with objects becomes one without: see `program`."""

from s2sad.transform.objects.program import without_objects

__all__ = ["without_objects"]
