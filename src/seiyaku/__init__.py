"""Seiyaku (誓約 pledge, 制約 constraint): the published privacy policy, kept.

A policy is written once, as a file. From it the notice is published, every
handling of personal data is gated, a person's request is carried out in the
real systems, and each act leaves evidence that an outsider can verify.
"""

from __future__ import annotations

__version__ = "0.1.0"
