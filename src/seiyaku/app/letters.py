"""Tell people what becomes of their requests: by mail, or as pages to print.

What a request owes is derived from where it stands and from what its history says was told; so a
letter that could not be given on is owed still, and one that was is not written again. The
address is kept in the request from the day it arrived: an erasure may take it from the company's
own tables before its notice goes out. With the last letter it is destroyed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from seiyaku.app.addresses import address_on_file, corrects_address
from seiyaku.app.intake import wished_later
from seiyaku.app.letter_facts import facts_of, last_run, package_of
from seiyaku.app.mailing import post_of
from seiyaku.app.outbox import writing
from seiyaku.app.wiring import Parts
from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.errors import InvalidInput, SystemUnavailable
from seiyaku.kernel.ids import PersonId
from seiyaku.letters import FINAL, Letter, Message, Post, Stage, render
from seiyaku.requests.answers import Answer
from seiyaku.requests.model import Request
from seiyaku.requests.stages import stages_due
from seiyaku.store.requests import RequestStep
from seiyaku.store.witness import Made

TO: Final = "answer_to"
ALSO: Final = "answer_also"
_CARRIED: Final = (TO, ALSO, "answer")
_UNDER_WAY: Final = frozenset({"planned", "approved", "running"})
"""Nothing is mailed that can wait: the mail itself would be a row that the plan did not count."""


@dataclass(frozen=True)
class Told:
    """What sending came to: letters given on, refused by the address, and still owed."""

    sent: int = 0
    refused: int = 0
    owed: int = 0


class Letters:
    """The letters of one installation."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._r = parts.repositories

    @property
    def folder(self) -> Path | None:
        """Templates of the company; None where it has none."""
        folder = self._parts.home / "letters"
        return folder if folder.is_dir() else None

    def keep_address(self, request: Request, people: Sequence[PersonId]) -> None:
        """Keep the address on file in the request before anything is changed.

        A correction of the address is told to the old one and to the new one.
        """
        if request.channel == "post" or len(people) != 1 or self.post() is None:
            return
        known = self._r.requests.detail(request.id, TO)
        old = known or address_on_file(self._parts, people[0])
        if old is not None:
            self._r.requests.put_detail(request.id, TO, str(old), people[0])
        new = self._r.requests.detail(request.id, "value")
        if (
            request.kind == "correction"
            and corrects_address(self._parts, request)
            and isinstance(new, str)
        ):
            self._r.requests.put_detail(request.id, ALSO, new, people[0])

    def keep_answer(self, request: Request, answer: Answer) -> None:
        """Keep what is answered in words until its letter is written."""
        if request.channel != "post" and self._r.requests.detail(request.id, TO) is None:
            return
        people = self._r.requests.people(request.id)
        lines = [[line.text.ja, line.text.en, line.cite] for line in answer.lines]
        person = people[0] if len(people) == 1 else None
        self._r.requests.put_detail(request.id, "answer", lines, person)  # type: ignore[arg-type]

    def due(self, request: Request) -> tuple[Stage, ...]:
        """Stages the person is still to be told of; none once the answer was handed over."""
        history = self._r.requests.history(request.id)
        if any(step.what == "handed_over" for step in history):
            return ()
        run = last_run(self._parts, request)
        stages = stages_due(
            request,
            _told(history),
            run.outcomes if run else (),
            package=package_of(self._parts, request) is not None,
            extended=any(step.what == "extended" for step in history),
        )
        early = wished_later(self._parts, request)
        return tuple(s for s in stages if not (early and s in FINAL))

    def write(self, request: Request, stage: Stage) -> Letter:
        """The letter of a stage, as it stands now; nothing is sent.

        Raises:
            InvalidInput: SY117 a template of the company cannot be filled.
        """
        return render(stage, facts_of(self._parts, request, stage), self.folder)

    def print(self, request: Request) -> tuple[Path, ...]:
        """Write every letter that is due into the outbox, as pages to print and to post."""
        made = []
        for stage in self.due(request):
            letter = self.write(request, stage)
            name = f"{request.id}.{stage}.html"
            made.append(self._put(request, name, letter))
            self._note(request, letter, "printed")
        return tuple(made)

    def send(self) -> Told:
        """Give on every letter that is due where an address is kept.

        One that the post does not take now is owed still, and holds up no other.

        Raises:
            InvalidInput: SY117 as `write`; SY116 nobody carries letters.
        """
        carrier = self.post()
        if carrier is None:
            raise InvalidInput(
                "no system of the data map carries letters",
                code="SY116",
                hint="declare a system of kind `mail`, or print the letters",
            )
        results = [self._send(carrier, *owed) for owed in list(self._owed())]
        return Told(results.count("sent"), results.count("refused"), results.count("owed"))

    def post(self) -> Post | None:
        """Who carries letters; None where nobody does."""
        return post_of(self._parts)

    # -- inside ----------------------------------------------------------------------

    def _owed(self) -> Iterator[tuple[Request, str, Stage]]:
        for request, address in self._r.requests.carrying(TO):
            if isinstance(address, str) and request.channel != "post":
                stages = self.due(request)
                if request.state in _UNDER_WAY:
                    stages = tuple(s for s in stages if s == "extended")
                yield from ((request, address, stage) for stage in stages)

    def _send(self, post: Post, request: Request, address: str, stage: Stage) -> str:
        letter = self.write(request, stage)
        erased = request.kind in ("deletion", "closure") and request.state in ("open", "answered")
        also = self._r.requests.detail(request.id, ALSO) if stage in FINAL else None
        taken = False
        try:
            for number, to in enumerate(dict.fromkeys(a for a in (address, also) if a)):
                message = Message(str(to), letter, f"{request.id}.{stage}.{number}", erased)
                taken = post.send(message) or taken
        except SystemUnavailable:
            return "owed"
        done = "sent" if taken else "refused"
        self._note(request, letter, done)
        return done

    def _note(self, request: Request, letter: Letter, done: str) -> None:
        """Write down that a stage was told, and in which words, by a keyed digest.

        With the last one the address is destroyed.
        """
        stage, key = cast("Stage", letter.stage), self._r.store.secret("digests")
        said = hmac.new(key, letter.text.encode(), hashlib.sha256).hexdigest()
        facts = {"stage": stage, "how": done, "letter": said}
        step = RequestStep(self._parts.clock.now(), "", "letter", facts)
        with self._r.store.together():
            self._r.requests.note(request.id, step)
            if stage in FINAL and request.ended:
                self._r.requests.drop_details(request.id, _CARRIED)

    def _put(self, request: Request, name: str, letter: Letter) -> Path:
        target = self._parts.paths.outbox / name
        data = letter.html.encode()
        with writing():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = target.with_name(f"{name}.part")
            partial.touch(mode=0o600)
            partial.write_bytes(data)
            partial.replace(target)
        people = self._r.requests.people(request.id)
        made = Made(request.id, name, sha256_hex(data), self._parts.clock.now())
        self._r.packages.record(made, people[0] if len(people) == 1 else None)
        return target


def _told(history: Sequence[RequestStep]) -> frozenset[Stage]:
    """Stages told since the person was last asked for something more."""
    told = set[Stage]()
    for step in history:
        if step.what in _ASKING:
            told -= _ASKING[step.what]
        elif step.what == "letter":
            told.add(cast("Stage", step.facts["stage"]))
    return frozenset(told)


_ASKING: Final[dict[str, frozenset[Stage]]] = {
    "proof_asked": frozenset({"identity_wanted"}),
    "incomplete": frozenset({"details_wanted"}),
}
"""Steps after which a letter that was told before is due again."""
