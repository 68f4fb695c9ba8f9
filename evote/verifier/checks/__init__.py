"""The checks, one module per group; each function takes the :class:`~evote.verifier.state.Verification`.

=====================  ==============================================================================
module                 checks
=====================  ==============================================================================
``v01_parameters``     1.A to 1.F, E.15: parameters, manifest, declared extensions
``v02_guardians``      2.A to 2.C, E.8, E.9, E.18: guardian records
``v03_keys``           3.A, 3.B, 4.A, E.19: joint keys, H_E, the expected fingerprint
``v05_identifiers``    5.A, E.6: nothing occurs twice
``v08_chains``         8.C, 8.E to 8.G, the devices of E.13
``v09_aggregation``    9.A, 9.B: the products over the cast ballots
``v10_decryption``     10.A to 10.C, 11.A to 11.D, E.21
``v12_contest_data``   12.A to 12.C, E.20
``v13_openings``       13.A to 14.F, the openings of E.13
``e10_index``          E.10: the signed index
``e11_closing``        E.11: the closing head
``e12_cells``          E.12: the cells of the tally, and those that are withheld
``e14_results``        E.14: the result files
=====================  ==============================================================================

5.B, 6, 7, 8.A, 8.B, 8.D and E.1 to E.5, E.7 speak of one ballot and are made by
:func:`evote.ballots.examine`; :mod:`evote.verifier.ballots` brings them together.
"""
