"""Article 3: what the camera sees moves a character, and is nowhere and nobody else's.

That outranks whatever Articles 2, 5 and 6 say of "all items", and no consent widens it.
"""

from __future__ import annotations

import pytest

from seiyaku.assurance import Assurance
from seiyaku.gate import Case
from seiyaku.kernel import InvalidDocument, PersonId
from seiyaku.standing import Consent, Scope
from seiyaku.testing.promises import promise

from ..homes import AT, SINCE, Copies, Installed, cites, codes
from .conftest import VERSION, agreed, in_order, mapped

FACE = "face_expression"
MOTION = "avatar_motion"
"""What is made of an expression: whatever binds the face binds it too."""
DOCUMENT = "5f" * 32


@promise("CAST-3.2")
@pytest.mark.parametrize("item", [FACE, MOTION])
def test_the_face_serves_nothing_but_moving_the_character_whatever_was_agreed_to(
    asked: Installed, someone: PersonId, item: str
) -> None:
    """Given every purpose of the policy, some that no policy knows, and training; the expression,
    or the movement made of it, may be used to move the character and for nothing else, cited by
    3.2. A consent that names the others changes nothing, however new its purpose is. Sliders of
    an avatar are no expression: they serve the service as other data does.
    """
    policy = asked.home.history.versions[-1]
    others = {*policy.purposes, "analytics", "ads", "emotion_reading", "train_model"}
    others -= {"avatar_sync"}

    def permitted() -> set[str]:
        found = set()
        for purpose in (*others, "avatar_sync"):
            decision = asked.ask(someone, "use", item, purpose=purpose, source="truedepth")
            if decision.permitted:
                found.add(purpose)
            else:
                assert decision.outcome == "refused"
                assert "outside_only" in codes(decision)
                assert cites(decision) == {"CAST-3.2"}
        return found

    assert permitted() == {"avatar_sync"}
    asked.home.record(agreed(someone, item, purposes=tuple(sorted(others))))
    assert permitted() == {"avatar_sync"}
    assert asked.ask(someone, "use", "avatar", purpose="service", source="person").permitted


@promise("CAST-3.4")
@pytest.mark.parametrize("item", [FACE, MOTION])
def test_the_face_goes_to_nobody_and_that_outranks_all_items_to_the_group(
    mine: Installed, item: str
) -> None:
    """Given a group company in its register with its papers, two vendors nobody knows, a
    contractor, and a court with an order; sending an expression, or what is made of it, is
    refused by 3.4 to each of them. Neither a consent that names them nor a decision that 5.3
    counts before 3.4 opens it; the e-mail address goes to the group company all the while.
    """
    in_order(mine)
    person = mine.world.person("ben").id
    everyone = ("group_a", "firebase", "openai", "lab_y", "mailhouse", "studio_x")
    order = Case("legal_demand", "law", frozenset({"legal_basis"}), "sato", DOCUMENT)
    danger = frozenset({"danger", "consent_impractical"})
    rescue = Case("exception", "life_body_property", danger, "sato")

    def all_refused() -> None:
        words = {"purpose": "group_provision", "country": "JP"}
        asked = [mine.ask(person, "send", item, recipient=r, **words) for r in everyone]
        asked += [mine.ask(person, "send", item, recipient="court", case=order)]
        asked += [mine.ask(person, "send", item, recipient="police", case=rescue)]
        asked += [mine.ask(person, "send", item, purpose="avatar_sync", recipient="group_a")]
        for decision in asked:
            assert (decision.outcome, decision.step) == ("refused", 1)
            assert "CAST-3.4" in cites(decision)
            assert "CAST-5.3" not in cites(decision)

    all_refused()
    words = {"purpose": "group_provision", "recipient": "group_a"}
    assert mine.ask(person, "send", "email", **words).permitted
    scope = Scope((item,), ("group_provision", "avatar_sync"), everyone)
    shown = AT.replace(hour=7)
    consent = Consent(person, shown.replace(hour=8), scope, VERSION, shown, countries=("JP",))
    mine.home.record(consent)
    mine.home.assure(Assurance("reading", "face_to_group", SINCE, "minute 2", "5.3", by="sato"))
    all_refused()


@pytest.mark.parametrize("item", [FACE, MOTION])
def test_the_face_is_never_kept_for_any_purpose(
    asked: Installed, someone: PersonId, item: str
) -> None:
    """Keeping an expression, or what is made of it, is refused by 3.3, its own purpose, the law's
    keeping and consent included.
    """
    asked.home.record(agreed(someone, item, purposes=("avatar_sync", "service")))
    for purpose in (None, "avatar_sync", "service", "legal_retention"):
        decision = asked.ask(someone, "keep", item, purpose=purpose)
        assert decision.outcome == "refused"
        assert "CAST-3.3" in cites(decision)
    asked_words = ("device", "person", "external_service")
    for source in asked_words:
        assert not asked.ask(someone, "collect", item, source=source).permitted
    assert asked.ask(someone, "collect", item, source="truedepth").permitted


@pytest.mark.parametrize("item", ["avatar", "upload"])
def test_sliders_and_pictures_of_a_character_are_no_faces(
    asked: Installed, someone: PersonId, item: str
) -> None:
    """What a customer set or uploaded may be kept: only what the camera saw may not."""
    assert asked.ask(someone, "keep", item, source="person").permitted


@promise("CAST-3.1")
@pytest.mark.parametrize("item", [FACE, MOTION])
def test_no_column_can_be_declared_for_a_face(asked: Installed, opened: Copies, item: str) -> None:
    """Given a column that the data map binds to facial expressions, or to what is made of them;
    the map is refused, naming the column and 3.3, for what the camera sees is in memory only. As
    published, no column is bound to it, nothing is reported, and collecting it to move the
    character is permitted.
    """
    sliders = "          parameters_json: {item: avatar, source: person}\n"
    face = f"          parameters_json: {{item: {item}, source: truedepth}}\n"
    bound = opened(mapped((sliders, face)), "bound")
    with pytest.raises(InvalidDocument) as refused:
        bound.home.check_db()
    (fault,) = refused.value.faults
    assert (fault.rule, fault.severity, fault.clause) == ("never-kept", "error", "3.3")
    assert "`app.avatars.parameters_json`" in fault.message
    assert "CAST-3.3" in fault.message
    assert not [f for f in asked.home.check_db() if item in f.message]
    person = asked.world.person("ben").id
    assert asked.ask(person, "collect", item, source="truedepth").permitted
    aki = asked.world.person("aki").id
    assert not [h for h in asked.home.why(aki, item).held if h.columns]
