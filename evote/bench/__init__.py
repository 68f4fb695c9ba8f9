"""Measuring evote, alone or side by side with other systems, in one run.

=============  ==============================================================================
module         holds
=============  ==============================================================================
``shape``      what the ballots look like: the benchmark record, the series, the named sizes
``subject``    the :class:`Subject` protocol and the :class:`Registry` that collects subjects
``harness``    interleaved rounds, correctness checks outside the clock, medians
``machine``    facts about the machine, which every result carries
``memory``     peak memory of a child process
``output``     the JSON document, plain lines, and the table for a terminal
=============  ==============================================================================

A subject is one implementation of one step (encrypt, verify, tally). Whoever starts a run fills a
registry, so that this package depends on nobody it measures: the command line registers evote's
own subjects, ``benches/run.py`` adds the peers. Only this package and those who use it read a
clock; what is measured does not know that it is.
"""
