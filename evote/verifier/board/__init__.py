"""The bulletin board of a record (E.17, E.22 to E.33): roll, logs, checkpoints, and what they say of ballots.

=============  ==============================================================================
``ids``        which checks these are
``roll``       E.22: the roll is the one that the manifest seals
``facts``      what is known of every ballot of the record, by its hash
``aside``      ballots that are superseded or rejected
``unitlog``    E.26 to E.32: the log of one unit, entry by entry
``signatures``  E.17: who signed a cast ballot
``heads``      E.23 to E.25: closing checkpoints, heads of units, witnesses
``counted``    E.33: the counted set is what the record counts
``reading``    all logs of a record in one pass
=============  ==============================================================================
"""
