"""Mail as a company system: what was sent to whom, what came back, and who must not be written to.

The book of mails is a SQLite file of its own. Its rows are people's and go with them; the list
of addresses that must not be written to again holds keyed hashes only and outlives an erasure,
or the next import of a mailing list would bring the person back.
"""

from seiyaku.systems.mail.book import Book, Bounce, Why
from seiyaku.systems.mail.bounces import read_report
from seiyaku.systems.mail.post import Letter, PostOffice, Server, State
from seiyaku.systems.mail.system import MailSystem

__all__ = [
    "Book",
    "Bounce",
    "Letter",
    "MailSystem",
    "PostOffice",
    "Server",
    "State",
    "Why",
    "read_report",
]
