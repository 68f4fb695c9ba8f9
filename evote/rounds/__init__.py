"""What the rounds of every protocol among guardians have in common (sections 3.2.2 and 3.6.5).

Key generation and decryption both go in rounds: everybody sends one message, and reads one from each
of the others. Nothing here knows what a message says, nor which error a protocol raises.

=========  ===================================================================================
``inbox``  one message from each, and who is to blame otherwise
``state``  a guardian's state between two rounds, which answers once (verifiers never import it)
=========  ===================================================================================
"""
