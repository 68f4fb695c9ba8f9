"""Whole elections held in one place, for people who want to see one.

``france`` has the real figures of an election, ``hold`` holds one from the manifest to the published
record, ``board`` one with a bulletin board: codes, ballot boxes, receipts, witnesses. It is a demonstration:
one process that plays every guardian can open every ballot.

It plays the office too, with the office's own calls, and so stands on a floor of its own above it. The
other way, moving what both need below, would take the duties of an office apart for the sake of a play.
"""
