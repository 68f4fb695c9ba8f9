"""Zero-knowledge proofs as data: linear relations and disjunctions, one prover, one verifier.

Specification sections 3.2.2, 3.3.4 to 3.3.8, 3.3.10, 3.6.5. A statement is a value
(:class:`LinearRelation`, :class:`Disjunction`); the caller gives the challenge function, which
carries the protocol's context. Nothing here knows ballots, guardians or foreign systems.

=============  ==============================================================================
``relation``   statements, proofs and the recomputation of commitments
``verify``     the one verifier; membership of claimed values is part of it
``batch``      many proofs with their commitments in one decision, and membership with it
``weights``    its random weights: fresh, or derived from what is decided
``prove``      the one prover (verifiers never import it)
``ranges``     0..R as a disjunction: option limits and contest limits (``range_prover`` proves it)
=============  ==============================================================================
"""
