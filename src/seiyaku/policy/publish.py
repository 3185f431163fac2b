"""Published versions: immutable files, each known by its SHA-256.

A folder holds ``<version>.yaml`` for every version and ``versions.json``, the index. What was
published never changes and was never published before it was: both are checked whenever the
folder is read, so that a person can rely on the version they accepted.

Law: APPI 17, 21 (a purpose is published before it is used).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from seiyaku.kernel.canonical import sha256_hex
from seiyaku.kernel.document import Document
from seiyaku.kernel.errors import InvalidInput
from seiyaku.policy.announce import Announcement, require_announced
from seiyaku.policy.history import History, effective_at
from seiyaku.policy.parse import ParsedPolicy, parse_policy, parse_policy_bytes

INDEX: Final = "versions.json"
FORMAT: Final = 1


@dataclass(frozen=True)
class PublishedVersion:
    """One line of the index.

    Args:
        id: the version's id. file: its name in the folder.
        sha256: of the file's bytes, hex.
        published_at: moment of publication, ISO 8601, UTC.
        page_url, page_sha256, page_seen_at: the page that announced it; None without one.
    """

    id: str
    file: str
    sha256: str
    published_at: str
    page_url: str | None = None
    page_sha256: str | None = None
    page_seen_at: str | None = None


def publish(
    policy_path: Path, versions_dir: Path, at: datetime, shown: Announcement | None = None
) -> PublishedVersion:
    """Publish the policy at `policy_path` as a new version; doing it twice changes nothing.

    The file is copied byte for byte, with `version.published_at` added where it is a draft.

    Args:
        at: the present moment, aware.
        shown: the page that announces it; the first version needs none.

    Raises:
        InvalidDocument: the policy has faults.
        InvalidInput: SY121 a published file is missing or was changed, SY122 the version is
            dated back, SY123 its id was published with other words, SY124 the index is broken,
            SY138, SY139 nothing proves that it was announced where the policy promises that.
    """
    index = _read_index(versions_dir)
    _verify(versions_dir, index)
    draft = parse_policy(policy_path)
    known = next((v for v in index if v.id == draft.policy.version.id), None)
    if known:
        return _again(versions_dir, known, draft)
    if index:
        require_announced(draft.policy, shown, at)
    source = _left_over(versions_dir, draft) or _with_moment(draft, at)
    moment = _moment(parse_policy_bytes(source, str(policy_path)))
    if source == _with_moment(draft, at):
        _refuse_dated_back(draft.policy.version.id, moment, at, index)
    line = PublishedVersion(
        draft.policy.version.id,
        f"{draft.policy.version.id}.yaml",
        sha256_hex(source),
        moment.isoformat(),
        shown.url if shown else None,
        shown.sha256 if shown else None,
        shown.seen_at.astimezone(UTC).isoformat() if shown else None,
    )
    versions_dir.mkdir(parents=True, exist_ok=True)
    _write(versions_dir / line.file, source)  # INVARIANT: the file is there before the index
    _write(versions_dir / INDEX, _index_bytes(draft.policy.service, (*index, line)))
    return line


def load_history(where: Path | Sequence[Path]) -> History:
    """Every version in a folder of published versions, or in the files given.

    Raises:
        InvalidDocument: a version has faults.
        InvalidInput: as `publish`; SY125 there is no version, SY126 two versions share an id
            or belong to different services.
    """
    if isinstance(where, Path) and where.is_dir():
        index = _read_index(where)
        if not index and any(where.glob("*.yaml")):
            raise _broken(where / INDEX, "there is none beside the files")
        _verify(where, index)
        files = [where / line.file for line in index]
    else:
        files = [where] if isinstance(where, Path) else list(where)
    if not files:
        raise InvalidInput("there is no published version", code="SY125", hint="publish one first")
    return history_of([parse_policy(path) for path in files])


def history_of(parsed: Sequence[ParsedPolicy]) -> History:
    """The versions in order: oldest in force first, drafts last. Raises SY126."""
    policies = [entry.policy for entry in parsed]
    ids = [policy.version.id for policy in policies]
    if len(set(ids)) != len(ids) or len({policy.service for policy in policies}) > 1:
        raise InvalidInput(
            "the versions do not belong together: ids must differ and the service be one",
            code="SY126",
            hint="give each version its own id, and each service its own folder",
        )
    latest = datetime.max.replace(tzinfo=UTC)
    return History(tuple(sorted(policies, key=lambda p: effective_at(p) or latest)))


def _again(folder: Path, known: PublishedVersion, draft: ParsedPolicy) -> PublishedVersion:
    """The line of a version published before, when it has the same words."""
    source = _with_moment(draft, datetime.fromisoformat(known.published_at))
    if sha256_hex(source) != known.sha256:
        raise _other_words(folder / known.file, known.id)
    return known


def _with_moment(draft: ParsedPolicy, at: datetime) -> bytes:
    """The draft's bytes with the moment of publication; unchanged where it names one."""
    if draft.policy.version.published_at is not None:
        return draft.document.source
    moment = at.astimezone(UTC).isoformat()
    offset, gap = _before_id(draft.document)
    source = draft.document.source
    return source[:offset] + f"published_at: {moment}{gap}".encode() + source[offset:]


def _before_id(document: Document) -> tuple[int, str]:
    """Byte offset of the key `version.id`, and what separates a key put before it."""
    place = document.key_place(("version", "id"))
    lines = document.source.decode("utf-8").splitlines(keepends=True)
    before = lines[place.line - 1][: place.column - 1]
    offset = len("".join(lines[: place.line - 1]).encode()) + len(before.encode())
    opens = document.place(("version",))
    flow = lines[opens.line - 1][opens.column - 1] == "{"
    return offset, ", " if flow else "\n" + " " * (place.column - 1)


def _moment(published: ParsedPolicy) -> datetime:
    moment = published.policy.version.published_at
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            "`version.published_at` names no time zone",
            code="SY122",
            hint="write it with `Z` or `+09:00`, or leave it out",
        )
    return moment.astimezone(UTC)


def _left_over(folder: Path, draft: ParsedPolicy) -> bytes | None:
    """A file that an interrupted publication wrote without listing it: it is taken as it is."""
    path = folder / f"{draft.policy.version.id}.yaml"
    if not path.is_file():
        return None
    found = parse_policy(path)
    if found.document.source != _with_moment(draft, _moment(found)):
        raise _other_words(path, draft.policy.version.id)
    return found.document.source


def _other_words(path: Path, version: str) -> InvalidInput:
    return InvalidInput(
        f"version `{version}` was published with other words",
        code="SY123",
        hint=f"give the new text a new `version.id`; `{path}` stays",
    )


def _refuse_dated_back(
    version: str, moment: datetime, at: datetime, index: Sequence[PublishedVersion]
) -> None:
    """A version is published now: not in the past, and not before the one it follows."""
    latest = max((datetime.fromisoformat(v.published_at) for v in index), default=None)
    if moment < at.astimezone(UTC) or (latest is not None and moment < latest):
        raise InvalidInput(
            f"version `{version}` is dated back to {moment.isoformat()}",
            code="SY122",
            hint="leave `published_at` out: it is filled in on publication",
        )


def _verify(folder: Path, index: Sequence[PublishedVersion]) -> None:
    """Every published file is there and has the bytes it was published with."""
    for line in index:
        path = folder / line.file
        if not path.is_file() or sha256_hex(path.read_bytes()) != line.sha256:
            raise InvalidInput(
                f"published version `{line.id}` is missing or was changed",
                code="SY121",
                hint=f"restore `{path}` with SHA-256 {line.sha256}",
            )


def _read_index(folder: Path) -> tuple[PublishedVersion, ...]:
    path = folder / INDEX
    if not path.exists():
        return ()
    try:
        data = json.loads(path.read_text("utf-8"))
        lines = tuple(PublishedVersion(**entry) for entry in data["versions"])
        if data["seiyaku_versions"] != FORMAT or not all(_sound(line) for line in lines):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise _broken(path, "it cannot be read") from None
    return lines


def _sound(line: PublishedVersion) -> bool:
    """Whether a line names a file of its own folder and an aware moment."""
    moment = datetime.fromisoformat(line.published_at)
    return Path(line.file).name == line.file and moment.tzinfo is not None


def _broken(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"the index `{path}` is broken: {why}",
        code="SY124",
        hint="restore it, or name the files of the versions instead of the folder",
    )


def _index_bytes(service: str, lines: Sequence[PublishedVersion]) -> bytes:
    data: dict[str, Any] = {
        "seiyaku_versions": FORMAT,
        "service": service,
        "versions": [{k: v for k, v in asdict(line).items() if v is not None} for line in lines],
    }
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all, on disk before it counts."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
