"""Where a decision point answers, and the document in which it says so.

Source: OpenID Authorization API 1.0, sections 9 (metadata) and 10.1 (default paths).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from seiyaku.doors.authzen.reply import dumps
from seiyaku.kernel.errors import InvalidInput

Endpoint = Literal["evaluation", "evaluations", "subject", "resource", "action", "metadata"]
PATHS: Mapping[Endpoint, str] = {
    "evaluation": "/access/v1/evaluation",
    "evaluations": "/access/v1/evaluations",
    "subject": "/access/v1/search/subject",
    "resource": "/access/v1/search/resource",
    "action": "/access/v1/search/action",
}
_WELL_KNOWN = "/.well-known/authzen-configuration"
_PARAMETERS: Mapping[Endpoint, str] = {
    "evaluation": "access_evaluation_endpoint",
    "evaluations": "access_evaluations_endpoint",
    "subject": "search_subject_endpoint",
    "resource": "search_resource_endpoint",
    "action": "search_action_endpoint",
}


class Site:
    """The address under which callers know the decision point.

    Args:
        url: ``https``, without query or fragment; a path in it scopes a tenant.

    Raises:
        InvalidInput: it is no such URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
            raise InvalidInput(
                f"`{url}` is no https URL without query and fragment",
                hint="name the address callers use, such as https://pdp.example.com",
            )
        self.url = url.rstrip("/")
        base = parts.path.rstrip("/")
        self.routes: Mapping[str, Endpoint] = {
            **{base + path: endpoint for endpoint, path in PATHS.items()},
            _WELL_KNOWN + base: "metadata",
        }

    def metadata(self) -> bytes:
        """The document: only what is there is named."""
        named = {name: self.url + PATHS[endpoint] for endpoint, name in _PARAMETERS.items()}
        return dumps({"policy_decision_point": self.url, **named})
