"""ElectionGuard 1.x: records in the JSON that electionguard-python 1.4.0 exports.

After the 1.x specification (1.0 to 1.53) and that program where they differ
(``specs/foreign-records.md``), on the 4096-bit group of 1.x. Commitments are published, so that equations
are decided in batches. Leaves out: records of 0.95 (decimal numbers) and of the 1.91 hybrid.

==================  ==================================================================================
``group``           the group of 1.x
``layout``          names of files, the text of a number
``values``          what files say (read by ``read_setup``, ``read_manifest``, ``read_ballots``,
                    ``read_results``, from ``parts``)
``hashes``          every hash
``statements``      what is proved, for the proof engine
``settle``          equations decided together or one by one
``keys``            what everything is checked with, as computed
``setup``           parameters, hashes, guardians, joint key
``ballots``         one encrypted ballot
``decryption``      one decrypted option; ``spoiled``: a spoiled ballot
``stretch``         some ballots, as a task for a worker
``chains``          codes, chains and ciphertexts of all ballots
``tally``           sums, tally, result
``checks``          all checks by name
``verify``          one verification
==================  ==================================================================================
"""

from __future__ import annotations

from evote.interop.electionguard1.checks import CHECKS
from evote.interop.electionguard1.layout import recognise
from evote.interop.electionguard1.verify import FORMAT_NAME, verify

__all__ = ["CHECKS", "FORMAT_NAME", "recognise", "verify"]
