"""The files in ``vectors/``: how they are made, and the package held against every case.

=============  ============================================================================
``oracle``     the formulas of the specification with ``int``, ``pow`` and ``hmac`` alone
``form``       how values and files are written, and read back through the package's codec
``make``       one module per subject; what a case expects comes from the oracle
``generate``   all files; ``python -m tests.vectors.generate`` writes them again
``test_…``     form of the files, byte-for-byte regeneration, and one harness per subject
=============  ============================================================================
"""
