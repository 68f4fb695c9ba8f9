"""Those who run an election: what they do, step by step, with files on disks.

Each module is one duty; the command line calls them and prints what they return.

=============  ===============================================================================
``private``    the office's private folder: sealed keys and the store of pending ballots
``setup``      a new election: manifest, record folder, the authority's key
``voterlist``  the list of voters from which a roll is drawn
``authority``  the credential authority's private folder, keys and codes
``sheets``     codes on paper
``roll``       a roll from a list of voters
``reissues``   a new credential for a voter
``keys``       from the guardians' ceremony to the keys in the record
``plain``      ballots as JSON
``booth``      encryption: from plaintext to pending ballots
``box``        the voter's decision, and decided ballots into the record
``logkeys``    keys of logs and attended devices, and what the manifest declares of a board
``unitbox``    the ballot box of a unit, and what it hands over at its end
``voter``      the voter's side: a pending vote, its receipt, the check on a second device
``electionlog``  the election's log: heads of units, its own head, cosignatures
``handover``   what a unit handed over, checked
``boardclose``  from closed boxes to the record
``receipts``   receipts with a record
``inclusion``  proofs that complete receipts
``count``      closing: devices, tally, closing head
``opening``    decryption with the guardians, results, the final publication
=============  ===============================================================================

Guardians are not part of it: they work on machines of their own (:mod:`evote.guardian`).
"""
