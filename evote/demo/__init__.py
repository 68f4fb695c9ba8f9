"""Whole elections held in one place, for people who want to see one.

``france`` has the real figures of an election, ``hold`` holds one from the manifest to the verified
record. It is a demonstration: one process that plays every guardian can open every ballot.
"""
