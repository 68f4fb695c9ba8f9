"""One module per subject; each has ``FILE`` and ``make()``."""
