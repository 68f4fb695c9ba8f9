"""Bulk work over any ``concurrent.futures.Executor``: encryption, tally, and clusters to do them on.

===========  ==================================================================================
``cluster``  a Dask cluster as an executor
``setting``  an election in a form that travels to workers
``encrypt``  (secret side) plaintext ballots become cast ones
``tally``    the ballots of a record verified and added up
``verdicts`` the ballots of a box verified, and the verdicts logged
===========  ==================================================================================

The modules are imported by their own names: a program that verifies loads ``cluster`` and never what
encrypts. Rules (A68): nothing secret is in a task or an answer; the coordinator looks at every answer;
a worker that is lost ends the run with :class:`~evote.errors.WorkerError` or is made good by the
executor, and never loses or doubles a ballot.
"""
