"""The files here are data: nothing in them is collected."""

collect_ignore_glob = ["*.py"]
