"""Which entries of a group are new, and what each caller whose entries are in it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seiyaku.evidence.acts import ActIndex, act_key
from seiyaku.evidence.entry import Entry
from seiyaku.kernel.errors import Conflict, InvalidInput


@dataclass(frozen=True)
class Appended:
    """Where an act stands in the log.

    Args:
        index: of the entry.
        entry: as it stands in the log; its commitment may be older than the caller's.
        new: False where the act was there before.
    """

    index: int
    entry: Entry
    new: bool


class Fresh:
    """What is to be appended in one go: entries the log has not.

    Args:
        stored: reads an entry of the log. size: of the log.
        acts: of entries that are no longer in the journal. recent: of those that are.
    """

    def __init__(
        self,
        stored: Callable[[int], Entry],
        acts: ActIndex,
        recent: Mapping[bytes, int],
        size: int,
    ) -> None:
        self.entries: list[bytes] = []
        self.keys: dict[bytes, int] = {}
        self._told: list[Entry] = []
        self._stored, self._acts, self._recent, self._size = stored, acts, recent, size

    def place(self, entries: Sequence[Entry]) -> tuple[Appended, ...]:
        """Where each entry stands, or will.

        Raises:
            Conflict: SY511 an act id is taken; none of these entries is kept.
        """
        keys = [act_key(entry.act_id) for entry in entries]
        known = self._acts.find([key for key in keys if key not in self._recent])
        before, told = dict(self.keys), len(self._told)
        try:
            pairs = zip(entries, keys, strict=True)
            return tuple(self._one(self._recent.get(k, known.get(k)), e, k) for e, k in pairs)
        except BaseException:
            self.keys = before
            del self._told[told:], self.entries[told:]
            raise

    def _one(self, index: int | None, entry: Entry, key: bytes) -> Appended:
        data = entry.to_bytes()
        if index is not None:
            return _repeated(self._stored(index), entry, index)
        index = self.keys.get(key)
        if index is not None:
            return _repeated(self._told[index - self._size], entry, index)
        index = self.keys[key] = self._size + len(self.entries)
        self.entries.append(data)
        self._told.append(entry)
        return Appended(index, entry, new=True)


class Group:
    """The entries of one caller, and what became of them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._appended: tuple[Appended, ...] = ()
        self._error: BaseException | None = None
        self.done = False

    def place(self, fresh: Fresh) -> None:
        """Join what is to be written, unless an act or an entry is wrong: that is its own."""
        try:
            self._appended = fresh.place(self._entries)
        except (Conflict, InvalidInput) as error:
            self._error = error

    def failed(self, error: BaseException) -> None:
        """Nothing of it is acknowledged."""
        self._error = self._error or error

    def answer(self) -> tuple[Appended, ...]:
        """Where its entries stand; raises what went wrong."""
        if self._error is not None:
            raise self._error
        return self._appended


def _repeated(stored: Entry, entry: Entry, index: int) -> Appended:
    if not stored.same_act(entry):
        raise Conflict(
            f"act `{entry.act_id}` is entry {index} already and tells something else",
            code="SY511",
            hint="an act id names one act for ever: take another one",
        )
    return Appended(index, stored, new=False)
