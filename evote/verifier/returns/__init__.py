"""Checks on the unit returns of a record: E.34 to E.42 (``specs/unit-returns.md``).

:mod:`evote.verifier.returns.reading` merges the files of the record again,
:mod:`evote.verifier.returns.compare` holds what counts against ballots, logs and decryption.
"""
