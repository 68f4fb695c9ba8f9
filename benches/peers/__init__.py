"""Other systems, driven through their own public functions, as subjects of evote's harness.

Each peer is a module that loads it (or raises :class:`PeerAbsent` with the reason), and a module
of subjects. Nothing of a peer is copied, and nothing in the package ``evote`` imports this.
"""

from __future__ import annotations


class PeerAbsent(Exception):
    """A peer cannot run here; the text says why, and what to install."""
