"""Bulk door: the gate asked about everybody at once.

Everybody's standing is a table of bits, one column for each trait (agreed to the newsletter ·
suspended advertising · frozen). A question is decided once for each combination of traits that
somebody has, by the same gate as everywhere; what comes out is a short run of bit operations
over the columns, and the people it chooses are a bitmap. An audience is of one moment: ask
again before the next letter.
"""

from seiyaku.kernel.errors import InvalidInput

try:
    import numpy as _numpy  # noqa: F401
    import pyarrow as _pyarrow  # type: ignore[import-untyped]  # noqa: F401
    import pyroaring as _pyroaring  # noqa: F401
except ImportError as error:
    raise InvalidInput(
        f"audiences need `{error.name}`", hint='install it: pip install "seiyaku[bulk]"'
    ) from error

from seiyaku.doors.audience.audience import Audience
from seiyaku.doors.audience.door import Audiences
from seiyaku.doors.audience.in_duckdb import InDuckDB
from seiyaku.doors.audience.left_out import LeftOut, Line
from seiyaku.doors.audience.verdicts import Verdicts

__all__ = ["Audience", "Audiences", "InDuckDB", "LeftOut", "Line", "Verdicts"]
