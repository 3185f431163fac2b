"""A public ledger: nothing can be removed from it. What is said of a person can be listed.

A plan cuts the links that lead to it and says that the rest is impossible; a disclosure shows
the transactions of the person's addresses, where a node to ask is named in the settings.
"""

from seiyaku.systems.chain.ledger import TRANSACTIONS, TRANSFERS, Ledger
from seiyaku.systems.chain.system import ChainSystem

__all__ = ["TRANSACTIONS", "TRANSFERS", "ChainSystem", "Ledger"]
