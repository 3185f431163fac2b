"""Articles 2.14 and 3.3 at the door of the database: one's own rows, and never a face."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import pytest

from seiyaku.kernel import NotPermitted
from seiyaku.testing.promises import promise

from ..homes import Installed, adult, used

SIDED = """
eyeBlink eyeLookDown eyeLookIn eyeLookOut eyeLookUp eyeSquint eyeWide mouthSmile mouthFrown
mouthDimple mouthStretch mouthPress mouthLowerDown mouthUpperUp browDown browOuterUp
cheekSquint noseSneer
"""
ALONE = """
jawForward jawLeft jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight
mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper browInnerUp cheekPuff tongueOut
"""
EXPRESSION = dict.fromkeys([f"{s}{end}" for s in SIDED.split() for end in ("Left", "Right")], 0.25)
EXPRESSION |= dict.fromkeys(ALONE.split(), 0.5)


def _picture(bits: int) -> bytes:
    """A grey PNG of two by two points with so many bits each."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 2, 2, bits, 0, 0, 0, 0)
    points = zlib.compress(bytes(2 * (1 + 2 * bits // 8)))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", points) + chunk(b"IEND", b"")


@promise("CAST-2.14")
def test_customers_see_their_own_rows_and_nobody_elses(mine: Installed) -> None:
    """Given two active adults; their data, viewing and orders may be shown to themselves, citing
    2.14. Through the door a customer sees the own rows, whatever the query asks for: asking for
    the other's row by its key, or for everything, brings nothing of the other.
    """
    aki, ben = (adult(mine.home, mine.world.person(p).id) for p in ("aki", "ben"))
    items = ("name", "postal_address", "birth_date", "phone", "email", "view_history", "order")
    assert "CAST-2.14" in used(mine.home, aki, "self_view", items)
    for table, owner in (("customers", "id"), ("view_history", "customer_id")):
        query = f"SELECT * FROM {table}"
        own = mine.sql(f"{query} WHERE {owner} = ?", aki)
        assert own
        assert mine.query(query, "self_view", person=aki) == own
    theirs = mine.sql("SELECT id FROM customers WHERE id = ?", ben)
    query = "SELECT id FROM customers WHERE id = :id"
    assert mine.query(query, "self_view", person=aki, id=ben) == []
    assert mine.query(query, "self_view", person=ben, id=ben) == theirs
    joined = "SELECT o.id FROM customers c JOIN orders o ON o.customer_id = c.id OR 1 = 1"
    mine_only = mine.sql("SELECT id FROM orders WHERE customer_id = ?", aki)
    assert sorted(mine.query(joined, "self_view", person=aki)) == sorted(mine_only)
    mine.query("UPDATE customers SET phone = '0'", "self_view", person=aki)
    assert mine.sql("SELECT COUNT(*) FROM customers WHERE phone = '0'") == [(1,)]


@promise("CAST-3.3")
def test_a_face_is_neither_written_nor_overlooked(mine: Installed) -> None:
    """Given the 52 coefficients of an expression among what was viewed, and a map of depths among
    the pictures; writing either through the door is refused by 3.3, and written behind its back
    the check names the place of both. Sliders of an avatar, and a plain picture, are neither.
    """
    assert len(EXPRESSION) == 52
    statement = "UPDATE view_history SET extra_json = :extra WHERE id = 1"
    spelled = (EXPRESSION, [EXPRESSION], {k.upper(): v for k, v in EXPRESSION.items()})
    for series in (*spelled, {"depth_map": [[0.1, 0.2]]}):
        with pytest.raises(NotPermitted) as refused:
            mine.query(statement, "service", extra=json.dumps(series))
        assert refused.value.code == "SY295"
        assert "CAST-3.3" in str(refused.value)
        assert "0.25" not in str(refused.value)
    with pytest.raises(NotPermitted):
        mine.query(statement, "service", extra=_picture(16))
    mine.query(statement, "service", extra='{"jawOpen": 0.3, "browInnerUp": 0.1}')
    assert not _forbidden(mine)
    mine.sql("UPDATE view_history SET extra_json = ? WHERE id = 1", json.dumps(EXPRESSION))
    folder = mine.home.parts.paths.system("objects").path
    assert isinstance(folder, Path)
    (folder / "plain.png").write_bytes(_picture(8))
    (folder / "depth.png").write_bytes(_picture(16))
    column, picture = sorted(_forbidden(mine))
    assert column.startswith("`app.view_history.extra_json`, row `1`: holds a `face_expression`")
    assert picture.startswith("`objects`, picture number ")
    assert all("CAST-3.3" in message for message in (column, picture))


def _forbidden(mine: Installed) -> list[str]:
    return [f.message for f in mine.home.check_db() if f.rule == "forbidden-item"]
