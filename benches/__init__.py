"""Benchmarks: evote side by side with other systems, in one run (see README.md in this folder)."""
