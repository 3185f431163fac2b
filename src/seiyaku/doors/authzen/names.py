"""A file of the names callers use for the things of the policy.

```yaml
seiyaku_authzen: 1
resources:
  record:                  # type of a resource, as callers say it
    record-1: order        # its id, and the item it stands for
```
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from seiyaku.doors.authzen.entities import Names
from seiyaku.kernel.document import check_model, read_document
from seiyaku.policy.model import Part, Word


class NamesFile(Part):
    """What such a file may say."""

    seiyaku_authzen: Literal[1]
    resources: dict[str, dict[str, Word]] = Field(default_factory=dict)


def read_names(path: Path) -> Names:
    """The names in a file.

    Raises:
        InvalidInput: SY102 it cannot be read.
        InvalidDocument: it has faults.
    """
    return Names(check_model(read_document(path), NamesFile).resources)
