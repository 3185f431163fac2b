"""Letters carried by the mail system of the data map.

```yaml
systems:
  mail:
    path: mail.sqlite                         # the book of mails
    url: smtp://seiyaku@mail.example.jp:587
    secret: env:MAIL_PASSWORD
    options: {sender: privacy@example.jp}
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seiyaku.app.wiring import Parts
from seiyaku.kernel.errors import InvalidInput
from seiyaku.kernel.ids import SystemId
from seiyaku.letters import Message, Post

if TYPE_CHECKING:
    from seiyaku.systems.mail import MailSystem, PostOffice


def post_of(parts: Parts) -> Post | None:
    """Who carries letters: the mail system that lies somewhere and has a server; or nobody."""
    for name, entry in parts.datamap.systems.items():
        if entry.kind == "mail" and name in parts.settings.systems:
            return _post(parts, SystemId(name))
    return None


def _post(parts: Parts, name: SystemId) -> Post | None:
    from seiyaku.systems.mail import MailSystem, PostOffice, Server

    place, system = parts.paths.system(name), parts.system(name)
    if place.url is None or not isinstance(system, MailSystem):
        return None
    sender = place.options.get("sender")
    if sender is None:
        raise InvalidInput(
            f"`{name}`: nobody is named as sender",
            code="SY116",
            hint="set `options: {sender: ...}` of the system",
        )
    server = Server(place.url, sender, place.secret, place.timeout_s)
    return _Mailing(PostOffice(name, server, system.book, clock=parts.clock), system)


class _Mailing:
    """`seiyaku.letters.Post` over a post office."""

    def __init__(self, office: PostOffice, system: MailSystem) -> None:
        self._office, self._book = office, system.book

    def send(self, message: Message) -> bool:
        """Carry one letter: an answer that is owed goes even where the list says no."""
        from seiyaku.systems.mail import Letter

        letter = message.letter
        state = self._office.send(
            Letter(
                message.to,
                letter.subject,
                letter.text,
                letter.stage,
                message.key,
                letter.html,
                letter.language,
                essential=message.owed,
            )
        )
        if message.erased:
            self._book.forget_address(self._office.message_id(message.key))
        return state == "accepted"
