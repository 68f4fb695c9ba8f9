"""The bulletin board: what voters submit, what the log says of it, and what a receipt proves.

Values and rules only; nothing here does input or output or reads a clock.

===============  =============================================================================
``submission``   a ballot with the voter's decision on its way to the box, and what is signed
``entries``      the entries of a unit's log and of the election's log, and their leaf hashes
``admission``    the signed receipt that a voter gets at once
===============  =============================================================================
"""
