"""Loaded by every Python that finds this folder first on PYTHONPATH. See docs/architecture.md, "In the program"."""
