"""Results and election descriptions in the forms that election offices exchange.

=============  ===============================================================================
``sheet``      what is known of the results: statuses and counts, from whatever source
``levels``     the same counts at every level of the tree of units
``from_record``  the sheet of a decrypted record
``from_returns``  the sheet of merged unit returns, and of the record's decrypted cells
``nist_err``   NIST SP 1500-100 version 2, JSON
``results_csv``  one table for spreadsheets
``eml510``     OASIS EML 5.0, message 510
``nist_bd``    a draft from a ballot definition of NIST SP 1500-20
``bd_reading``, ``bd_contests``, ``bd_places``, ``bd_texts``  parts of the latter
=============  ===============================================================================

What each form carries, and what it cannot, is in ``specs/official-formats.md``.
"""
