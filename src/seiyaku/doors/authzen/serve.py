"""Serving the door: uvicorn alone on a loop, without log lines about requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seiyaku.kernel.errors import InvalidInput

if TYPE_CHECKING:
    import uvicorn

Application = Callable[..., Any]


def server(
    application: Application,
    host: str,
    port: int,
    certificate: Path | None = None,
    key: Path | None = None,
) -> uvicorn.Server:
    """A server that is not yet running.

    Args:
        port: 0 takes a free one.
        certificate, key: PEM files; without them a proxy in front speaks TLS.

    Raises:
        InvalidInput: the extra ``authzen`` is not installed.
    """
    try:
        import httptools  # noqa: F401  (the parser uvicorn is told to take)
        import uvicorn
    except ImportError as error:
        raise InvalidInput(
            "serving takes packages that are not installed",
            hint='pip install "seiyaku[authzen]"',
        ) from error
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host,
            port,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
    )
