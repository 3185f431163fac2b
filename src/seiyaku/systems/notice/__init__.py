"""Those who hold data of ours and have no API: sellers, group companies, contractors.

An order goes out by mail, a confirmation comes in, and until it has, the outcome is open. When
a contract ends, everything is ordered back and a certificate ends the order.
"""

from seiyaku.systems.notice.system import Holders, NoticeSystem, Send, Told

__all__ = ["Holders", "NoticeSystem", "Send", "Told"]
