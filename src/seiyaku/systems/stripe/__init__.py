"""Stripe as a company system, through its official client (extra ``saas``).

Subscriptions are cancelled before their customer is deleted. An invoice that is open or a
dispute that runs is a person's to settle, and holds the customer until then. Payments cannot
be deleted; they can be redacted once they are 90 days old, and wait for that day.
"""

from seiyaku.systems.stripe.vendor import CALLS_A_SECOND, StripeVendor, stripe_system

__all__ = ["CALLS_A_SECOND", "StripeVendor", "stripe_system"]
