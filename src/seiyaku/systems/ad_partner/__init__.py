"""Advertising partners, asked to delete by advertising id (IAB Data Deletion Request Framework).

What a partner signs says that it received the request, not that anything was deleted: the
outcome is *acknowledged*, and stays open until the partner's word that it was done.
"""

from seiyaku.systems.ad_partner.partner import AdPartner, ad_partner_system
from seiyaku.systems.ad_partner.tokens import Signer

__all__ = ["AdPartner", "Signer", "ad_partner_system"]
