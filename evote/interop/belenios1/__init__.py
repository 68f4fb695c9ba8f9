"""Archives of Belenios, protocol 1: ``.bel`` files of versions 2.0 to 3.3.

After the specification of Belenios at the tag of each version (``doc/specification.tex``). What is checked
and what cannot be stands in ``specs/foreign-records.md``.

==================  ==================================================================================
``archive``         the container, to the byte
``events``          the chain, and which data stand before which event
``texts``           JSON in its one form
``groups``          the three groups (``field``, ``ed25519``, ``edwards``)
``values``          elements, scalars, ciphertexts and proofs out of JSON
``hashes``          what each challenge hashes
``statements``      what is proved, for the proof engine
``election``        the election and its questions
``trustees``        keys, certificates, polynomials
``credentials``     the public credentials
``ballots``         ballots and their signatures (``answers``, ``lists``)
``tally``           the encrypted tally
``shuffles``        shuffles of non-homomorphic answers
``decryption``      partial decryptions and their combination
``result``          the result
``summary``         the counts, for people
``checks``          all checks by name
``run``             one verification
==================  ==================================================================================

>>> from evote.interop.belenios1 import recognise
>>> from pathlib import Path
>>> recognise(Path("."))
False
"""

from __future__ import annotations

from evote.interop.belenios1.archive import is_archive as recognise
from evote.interop.belenios1.checks import CHECKS
from evote.interop.belenios1.run import FORMAT_NAME, verify

__all__ = ["CHECKS", "FORMAT_NAME", "recognise", "verify"]
