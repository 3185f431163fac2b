"""One bucket as it is: everything stored under a name is listed, read by pieces, and removed.

Source: Amazon S3 API Reference (ListObjectVersions, DeleteObjects, object lock); Cloudflare R2,
S3 API compatibility and error codes (no versions there; 10069 `ObjectLockedByBucketPolicy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from seiyaku.datamap.system import Left
from seiyaku.kernel.errors import SeiyakuError, SystemUnavailable
from seiyaku.systems._shared.patience import key_refused, no_answer, not_understood, throttled

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE_BYTES = 1 << 20
BATCH = 1000
"""Versions removed by one call: the most the interface takes."""
State = Literal["version", "marker", "upload"]
_LOCKED = frozenset({"AccessDenied", "ObjectLockedByBucketPolicy"})
_KEY = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Unauthorized"})
_SLOW = frozenset({"SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "503"})


@dataclass(frozen=True, slots=True)
class Stored:
    """One thing stored under a name.

    Args:
        version: its id; None in a bucket that knows no versions; the id of an upload.
        state: ``version``, ``marker`` (says "deleted" over older versions), or ``upload``
            (begun, never ended, invisible to every listing of objects).
        size: bytes; 0 where nothing is said.
    """

    name: str
    version: str | None
    state: State
    size: int
    modified_at: datetime


class Bucket:
    """A bucket through boto3's client.

    Args:
        system: named in errors. name: of the bucket. client: boto3's, with its own retries.
    """

    def __init__(self, system: str, name: str, client: S3Client) -> None:
        self._system, self._name, self._client = system, name, client
        self._versioned: bool | None = None

    @property
    def versioned(self) -> bool:
        """Whether the store answers to questions about versions; R2 does not."""
        if self._versioned is None:
            next(iter(self.stored("", pages=1)), None)
        return self._versioned is not False

    def check(self) -> None:
        """See that the bucket is there and may be listed."""
        with self._translated():
            self._client.list_objects_v2(Bucket=self._name, MaxKeys=1)

    def folders(self) -> tuple[str, ...]:
        """First parts of the names."""
        with self._translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Delimiter="/"
            )
            return tuple(p["Prefix"] for page in pages for p in page.get("CommonPrefixes", ()))

    def stored(self, prefix: str, *, pages: int | None = None) -> Iterator[Stored]:
        """Versions and markers whose names start with `prefix`, in the order of their names.

        Raises:
            Unfinished: `pages` pages were not enough.
        """
        with self._translated():
            for number, page in enumerate(self._pages(prefix)):
                if number == pages:
                    raise Unfinished
                found = [*_versions(page), *_markers(page), *_objects(page)]
                yield from sorted(found, key=lambda s: s.name)

    def of_name(self, name: str) -> Iterator[Stored]:
        """Versions and markers of exactly one name: the first ones with it as a prefix."""
        for one in self.stored(name):
            if one.name != name:
                return
            yield one

    def uploads(self, prefix: str) -> Iterator[Stored]:
        """Uploads that were begun and never ended."""
        with self._translated():
            paginator = self._client.get_paginator("list_multipart_uploads")
            for page in paginator.paginate(Bucket=self._name, Prefix=prefix):
                for up in page.get("Uploads", ()):
                    if "Key" in up and "UploadId" in up:
                        yield Stored(up["Key"], up["UploadId"], "upload", 0, up["Initiated"])

    def pieces(self, one: Stored) -> Iterator[bytes]:
        """The content of a version, piece by piece."""
        with self._translated():
            body = self._client.get_object(**self._which(one))["Body"]
            try:
                yield from iter(lambda: body.read(PIECE_BYTES), b"")
            finally:
                body.close()

    def remove(self, some: Sequence[Stored]) -> list[Stored]:
        """Remove at most `BATCH` versions and markers for good.

        Returns:
            What was refused; where the store names no version, all of that name (see `lock`).
        """
        if not some:
            return []
        objects: list[Any] = [
            {"Key": s.name} if s.version is None else {"Key": s.name, "VersionId": s.version}
            for s in some
        ]
        with self._translated():
            answer = self._client.delete_objects(
                Bucket=self._name, Delete={"Objects": objects, "Quiet": True}
            )
        refused = set()
        for error in answer.get("Errors", ()):
            code = error.get("Code", "")
            if code in _LOCKED:
                refused.add((error.get("Key"), error.get("VersionId")))
            elif code not in ("NoSuchVersion", "NoSuchKey"):
                raise _meaning(self._system, code, 500)
        return [s for s in some if {(s.name, s.version), (s.name, None)} & refused]

    def abort(self, one: Stored) -> None:
        """End an upload for good; its parts go."""
        with self._translated(), self._but("NoSuchUpload"):
            self._client.abort_multipart_upload(
                Bucket=self._name, Key=one.name, UploadId=one.version or ""
            )

    def remove_one(self, one: Stored) -> None:
        """Remove one version by a call of its own."""
        with self._translated():
            self._client.delete_object(**self._which(one))

    def lock(self, one: Stored) -> Left | None:
        """What a version that could not be removed waits for; None where it is gone.

        Raises:
            SystemUnavailable: SY302 no lock holds it: our key may not remove it.
        """
        if one.version is None:  # a lock on the bucket; its rules are not in this interface
            return Left("pending", 1, "object_lock")
        head: Any = None
        with self._translated(), self._but("404", "NoSuchKey", "NoSuchVersion"):
            head = self._client.head_object(**self._which(one))
        if head is None:
            return None
        if head.get("ObjectLockLegalHoldStatus") == "ON":
            return Left("by_hand", 1, "legal_hold")
        until = head.get("ObjectLockRetainUntilDate")
        if until is None:
            raise SystemUnavailable(
                f"`{self._system}`: versions may not be removed",
                code="SY302",
                hint="give the key the right `s3:DeleteObjectVersion`",
            )
        return Left("pending", 1, "object_lock", _first_day(until))

    def get(self, name: str) -> tuple[bytes, datetime] | None:
        """A small object and when it was written; None where there is none."""
        with self._translated(), self._but("NoSuchKey", "404"):
            answer = self._client.get_object(Bucket=self._name, Key=name)
            return answer["Body"].read(), answer["LastModified"]
        return None

    def put(self, name: str, data: bytes, *, only_new: bool = False) -> bool:
        """Write a small object; False where `only_new` and there is one already."""
        new: Any = {"IfNoneMatch": "*"} if only_new else {}
        conflict = ("PreconditionFailed", "ConditionalRequestConflict", "412")
        with self._translated(), self._but(*conflict):
            self._client.put_object(
                Bucket=self._name, Key=name, Body=data, ChecksumAlgorithm="SHA256", **new
            )
            return True
        return False

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    # -- inside --------------------------------------------------------------------------------

    def _pages(self, prefix: str) -> Iterator[Any]:
        if self._versioned is not False:
            pages = iter(
                self._client.get_paginator("list_object_versions").paginate(
                    Bucket=self._name, Prefix=prefix
                )
            )
            with self._but("NotImplemented"):
                first = next(pages, None)
                self._versioned = True
                if first is not None:
                    yield first
                yield from pages
                return
            self._versioned = False
        yield from self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._name, Prefix=prefix
        )

    def _which(self, one: Stored) -> Any:
        which = {"Bucket": self._name, "Key": one.name}
        return which if one.version is None else {**which, "VersionId": one.version}

    @contextmanager
    def _but(self, *codes: str) -> Iterator[None]:
        """An answer with one of `codes` is none to worry about."""
        from botocore.exceptions import ClientError

        try:
            yield
        except ClientError as error:
            if error.response["Error"].get("Code") not in codes:
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What boto3 raises, without any name of an object.

        Raises:
            SystemUnavailable: SY304 no such bucket, SY322-SY325 as for every vendor.
        """
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from botocore.parsers import ResponseParserError

        try:
            yield
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise _meaning(self._system, error.response["Error"].get("Code", ""), status) from None
        except ResponseParserError:
            raise not_understood(self._system) from None
        except (BotoCoreError, HTTPClientError, OSError):
            raise no_answer(self._system) from None


class Unfinished(Exception):
    """A listing is longer than what was asked for."""


def batches(some: Iterable[Stored]) -> Iterator[list[Stored]]:
    """As many as one call takes, at a time."""
    rest = iter(some)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _versions(page: Any) -> Iterator[Stored]:
    for one in page.get("Versions", ()):
        yield Stored(
            one["Key"], one["VersionId"], "version", one.get("Size", 0), one["LastModified"]
        )


def _markers(page: Any) -> Iterator[Stored]:
    for one in page.get("DeleteMarkers", ()):
        yield Stored(one["Key"], one["VersionId"], "marker", 0, one["LastModified"])


def _objects(page: Any) -> Iterator[Stored]:
    for one in page.get("Contents", ()):
        yield Stored(one["Key"], None, "version", one.get("Size", 0), one["LastModified"])


def _first_day(until: datetime) -> date:
    """The first whole day after a lock has ended."""
    return until.astimezone(UTC).date() + timedelta(days=1)


def _meaning(system: str, code: str, status: int) -> SeiyakuError:
    if code in _SLOW or status in (429, 503):
        return throttled(system)
    if code == "NoSuchBucket":
        return SystemUnavailable(
            f"`{system}`: its bucket is not there",
            code="SY304",
            hint="check `bucket` in `seiyaku.yaml`; nothing was created",
        )
    if code in _KEY or status in (401, 403):
        return key_refused(system)
    return no_answer(system) if status >= 500 else not_understood(system)
