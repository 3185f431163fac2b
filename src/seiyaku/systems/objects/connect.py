"""Open a bucket with boto3 (extra ``objects``)."""

from __future__ import annotations

from collections.abc import Mapping

from seiyaku.kernel.errors import InvalidInput
from seiyaku.systems.objects.bucket import Bucket

TRIES = 4


def connect(
    system: str,
    options: Mapping[str, str],
    *,
    url: str | None,
    secret: str | None,
    timeout_s: float,
) -> Bucket:
    """The bucket that settings name; nothing is read yet.

    Args:
        options: ``bucket``; ``region``; ``access_key``, whose secret is `secret` (without one
            boto3 looks where it always does: environment, profile, role); ``tries`` of one call,
            with growing waits left partly to chance.
        url: endpoint of a store that is not Amazon's.
        timeout_s: seconds to wait for a connection or an answer.

    Raises:
        InvalidInput: SY173 no bucket is named.
    """
    import boto3
    from botocore.config import Config

    if "bucket" not in options:
        raise InvalidInput(
            f"`{system}`: no bucket is named",
            code="SY173",
            hint="set `options: {bucket: ...}` of the system in `seiyaku.yaml`",
        )
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=options.get("region", "auto" if url else None),
        aws_access_key_id=options.get("access_key"),
        aws_secret_access_key=secret if "access_key" in options else None,
        config=Config(
            connect_timeout=timeout_s,
            read_timeout=timeout_s,
            retries={"mode": "standard", "total_max_attempts": int(options.get("tries", TRIES))},
            # R2 knows fewer checksums than boto3 sends unasked
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if url else {},
        ),
    )
    return Bucket(system, options["bucket"], client)
