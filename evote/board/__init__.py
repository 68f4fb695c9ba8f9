"""The bulletin board: what voters submit, what the log says of it, and what a receipt proves.

Values and rules only; nothing here does input or output or reads a clock.

===============  =============================================================================
``submission``   a ballot with the voter's decision on its way to the box, and what is signed
``entries``      the entries of a unit's log and of the election's log, and their leaf hashes
``admission``    the signed receipt that a voter gets at once
``lines``        base 64 and numbers, one form each
``note``         signed notes and verifier keys
``checkpoint``   the head of a log
``cosignature``  what a witness signs
``policy``       whose cosignatures make a head believable
``proof``        that a leaf is in a log, as text and compact
``log``          a log as its keeper sees it
``tiles``        a log as static files
``witness``      what a witness cosigns and what it refuses
``splitview``    evidence against a log that shows two views
``wenton``       evidence against a log that went on after its end
``credential``   keys, pseudonyms, and who checks their signatures
``codes``        codes that people type, and the keys that they give
``holder``       the holder of a credential, or an attended device, signs
``roll``         who may vote: slots and keys, sealed before voting
``reissue``      a credential is replaced; who votes for a slot now
``rules``        what is checked before a submission is admitted
``counting``     which ballots of a closed log count
``receipt``      a voter's receipt; ``receipt_text`` and ``receipt_compact`` are its forms
``evidence``     what a check of a receipt finds, for anybody to find again
===============  =============================================================================

``receipt_setting`` says whom a receipt is checked against, ``receipt_log`` what a shown log is worth,
``receipt_check`` what a receipt proves, and ``receipt_client`` what a voter's device accepts.
"""
