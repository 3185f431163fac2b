"""Articles 1.4 and 2.23: what collected information is, and nothing is got by pretence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from seiyaku.datamap import parse_datamap
from seiyaku.kernel import InvalidDocument, InvalidInput
from seiyaku.policy import parse_policy
from seiyaku.services import path as packaged
from seiyaku.testing.promises import promise

from ..homes import Copies
from .conftest import SERVICE, mapped

_EMAIL = "          email: {item: email, source: person, blank: "


@promise("CAST-1.4")
def test_a_column_tagged_as_collected_information_holds_one_of_the_five_kinds(
    tmp_path: Path,
) -> None:
    """Given the e-mail column of customers tagged as collected information; validating the data
    map ends with a fault at that column, by 1.4: it is not one of 1.4a to 1.4e. A column of
    devices with that tag is in order, and a class nobody declared is a fault. The class is
    exactly the items of these clauses.
    """
    policy = parse_policy(packaged(SERVICE) / "policy.yaml").policy
    declared = {w for w, i in policy.items.items() if i.clause.startswith("1.4")}
    assert set(policy.classes["collected_information"].items) == declared
    text = (packaged(SERVICE) / "datamap.yaml").read_text("utf-8")
    file = tmp_path / "datamap.yaml"

    def faults(tag: str, column: str, old: str) -> list[tuple[str, str]]:
        file.write_text(text.replace(old, column.format(tag), 1), "utf-8")
        try:
            parse_datamap(file, policy)
        except InvalidDocument as faulty:
            return [(f.rule, f.clause) for f in faulty.faults]
        return []

    email = _EMAIL.replace("{item: email", "{{class: {}, item: email")
    assert faults("collected_information", email, _EMAIL) == [("class-mismatch", "1.4")]
    assert [rule for rule, _ in faults("gossip", email, _EMAIL)] == ["unknown-class"]
    device = "          device_id: {item: device_id"
    assert text.count(device) == 1
    tagged = device.replace("{item", "{{class: {}, item")
    assert faults("collected_information", tagged, device) == []


@promise("CAST-2.23")
def test_what_was_collected_by_showing_one_purpose_and_used_for_another_is_found(
    opened: Copies,
) -> None:
    """Given a form that shows delivery as its purpose, with the digest of the text beside it, and
    asks for the address; while the address is used for delivery the audit finds nothing. Used
    for targeting, it finds the mismatch, by 2.23, and makes it somebody's duty. A form that
    shows another text than the one with that digest is flagged.
    """
    text = "ご住所は商品の発送のために使います。".encode()
    shown = {"purposes": ["shipping"], "sha256": hashlib.sha256(text).hexdigest()}
    form = {"path": "/order", "form": {"address": "postal_address"}, "source": "person"}
    entrance = json.dumps({"order_form": {**form, "shown": shown}})
    mine = opened(mapped(("\nsystems:\n", f"\nintake: {entrance}\nsystems:\n")))
    ben = mine.world.person("ben").id

    def found() -> list[tuple[str, str]]:
        day = mine.home.days.check()
        return [(f.subject, f.cite) for f in day.found if f.code == "purpose-mismatch"]

    assert mine.ask(ben, "use", "postal_address", purpose="shipping").permitted
    assert found() == []
    policy = mine.home.history.versions[-1]
    others = [w for w, p in policy.purposes.items() if "postal_address" in p.items]
    other = next(w for w in others if w != "shipping")
    assert mine.ask(ben, "use", "postal_address", purpose=other).permitted
    assert found() == [(f"postal_address:{other}", "CAST-2.23")]
    assert "purpose-mismatch" in {d.code for d in mine.home.days.duties()}
    mine.home.doors.require_same_text("order_form", text)
    with pytest.raises(InvalidInput) as changed:
        mine.home.doors.require_same_text("order_form", text + b" ")
    assert changed.value.code == "SY154"
