"""Tools for tests and vector generators only: toy groups, seeded randomness, record builders.

Nothing in the package outside this folder imports it. A record made with a toy group fails
checks 1.B to 1.D in every verifier but the one of this folder.
"""
