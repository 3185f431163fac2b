"""The JSON Schema of a policy file, for editors: generated from the model, never written.

Editors complete keys and mark wrong ones with it; what only makes sense across the file
(declared words, law packs) is left to `seiyaku check`.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, Final, get_args, get_type_hints

from pydantic import BaseModel

from seiyaku.policy.model import ClauseRef, Policy

KEYS: Final[dict[str, str]] = {
    # the same wherever they stand
    "clause": "Clause of this policy it rests on.",
    "also": "Further clauses that say the same.",
    "name": "What it is called in a notice.",
    "people": "Kinds of people it concerns; empty means all.",
    # the whole file
    "Policy.service_name": "What people call the service.",
    "Policy.version": "Which version this file is, and from when it counts.",
    "Policy.source": "Where the published text was taken from.",
    "Policy.controller": "Who makes the promise.",
    "Policy.contacts": "How to reach the controller about personal data.",
    "Policy.regimes": "Law packs that apply, such as `jp-appi`.",
    "Policy.clauses": "Every clause by its id, in the order of the published text.",
    "Policy.people": "Kinds of people in scope, by word.",
    "Policy.sources": "Places items come from, by word.",
    "Policy.contexts": "Circumstances in which something is allowed, by word.",
    "Policy.items": "What is collected, by word.",
    "Policy.purposes": "Why it is used, by word.",
    "Policy.recipients": "Who receives it, by word.",
    "Policy.exceptions": "Cases in which it is passed on without consent, by word.",
    "Policy.opened_by_consent": "What a live consent may open beyond the declared words.",
    "Policy.foreign_consent": "The policy's own consent to sending abroad.",
    "Policy.countries": "What the notice tells about countries abroad, by code.",
    "Policy.transmissions": "What browsers and apps send out, one row per destination.",
    "Policy.acknowledgements": "What must be acknowledged before an irreversible act, by word.",
    "Policy.minors": "Age bands.",
    "Policy.retention": "How long items are kept, by word.",
    "Policy.backups": "Backups, and how erasures survive a restore from one.",
    "Policy.rights": "What a person may ask, by kind of request.",
    "Policy.measures": "Security measures, by word.",
    "Policy.incidents": "What is promised when data leaks.",
    "Policy.revisions": "How the policy changes.",
    "Policy.exports": "Files that leave without anybody being recognised in them, by word.",
    "Policy.contradictions": "Clauses that cannot both hold, by word.",
    # its parts
    "Text.ja": "The words in Japanese.",
    "Text.en": "The words in English.",
    "Version.effective_on": "First day on which it counts, with `effective: on_date`.",
    "Version.history": "What changed and when, oldest first.",
    "Revision.on": "The day.",
    "Revision.summary": "What changed.",
    "Source.url": "Address of the published text; `unknown` until somebody fills it.",
    "Source.retrieved_on": "Day it was taken; `unknown` until somebody fills it.",
    "Source.sha256": "SHA-256 of the text as taken.",
    "Source.language": "Language it was published in.",
    "Controller.name": "Name of the company or person.",
    "Controller.address": "Its address.",
    "Controller.representative": "Its representative.",
    "Controller.responsible": "Who is responsible for personal data.",
    "Contact.email": "E-mail address; a plus tag stays.",
    "Contact.web": "Address of a form.",
    "Contact.post": "Postal address, with its postal code.",
    "Contact.section": "Name of the desk.",
    "SourceWord.recipient": "The recipient the items come from, where it is one.",
    "Purpose.dpv": "Concept of the Data Privacy Vocabulary.",
    "Recipient.operator": "Legal name of who runs it.",
    "Recipient.register": "The recipient is a class whose members stand in this register.",
    "Recipient.safeguards": "Safeguards the policy states, by word.",
    "Recipient.purposes": "For what it receives.",
    "Recipient.items_when": "Further items, each only in the context that is its key.",
    "OpenedByConsent.purposes": "Clause that lets a consent name a further purpose.",
    "OpenedByConsent.recipients": "Clause that lets a consent name a further recipient.",
    "CountryNote.regime": "What is told about its protection of personal data.",
    "ExternalTransmission.recipient": "Who receives what is sent.",
    "ExternalTransmission.information": "What is sent, in words.",
    "ExternalTransmission.items": "What is sent, by item.",
    "ExternalTransmission.purpose": "Our purpose.",
    "ExternalTransmission.purpose_text": "Our purpose in the words of the table.",
    "ExternalTransmission.destination_purpose": "The purpose at the destination.",
    "ExternalTransmission.policy_url": "Address of the destination's policy.",
    "ExternalTransmission.opt_out_url": "Address at which sending or use can be stopped.",
    "Retention.law": "A keeping rule of a law pack, instead of `days`.",
    "RightException.clause": "Clause that limits the right.",
    "Right.fee_clause": "Clause that sets the fee.",
    "Right.identity_clause": "Clause that asks for proof of identity.",
    "ItemClass.clause": "Clause that names the class.",
    "ItemClass.items": "Exactly which items are in it.",
    "FormerController.until": "Day on which the next one took over.",
    "FormerController.name": "Its name, or that the text tells none.",
    "FormerController.clause": "Clause that tells the change.",
    "Right.further_proof": "Clause saying that more may be asked for.",
    "Right.within_clause": "Clause that promises to be prompt.",
    "Right.investigated": "Clause that wants a claim looked into first.",
    "Right.told": "Clause that promises word of the result.",
    "Right.except": "Where the right does not reach.",
    "Incidents.authority": "Clause that promises a report to the authority.",
    "Incidents.persons": "Clause that promises to tell the people.",
    "Incidents.publication": "Clause that promises to publish.",
    "Contradiction.clauses": "The two clauses.",
    "OnlyPurposes.purposes": "The closed list.",
}
"""What keys mean that the model's docstrings leave to their names."""
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_CLAUSE_PATTERN: Final = get_args(ClauseRef)[1].pattern
_ARGUMENT: Final = re.compile(r"^ {0,12}((?:`?\w+`?(?:, )?)+): (.+)$")


def policy_schema() -> dict[str, Any]:
    """The schema of a policy file (JSON Schema 2020-12)."""
    return schema_of(Policy, "A privacy policy as Seiyaku reads it (seiyaku: 1)")


def schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of documents of `model`, each key described by the model's own words."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})
    for part in models_of(model):
        target = schema if part is model else definitions.get(part.__name__)
        if target is not None:
            _describe(target, part)
    _close(schema)
    return {"$schema": DRAFT, **schema, "title": title}


def described(model: type[BaseModel]) -> tuple[str, dict[str, str]]:
    """What a model's docstring says: of itself in a sentence, and of its keys."""
    text = inspect.cleandoc(model.__doc__ or "")
    head, _, arguments = text.partition("\n\nArgs:")
    says = " ".join(head.partition("\n\nExamples:")[0].split())
    own = _arguments(arguments, model)
    keys = [field.alias or name for name, field in model.model_fields.items()]
    common = {key: KEYS.get(f"{model.__name__}.{key}") or KEYS.get(key, "") for key in keys}
    return says, {key: own.get(key) or common[key] for key in keys}


def _arguments(text: str, model: type[BaseModel]) -> dict[str, str]:
    """Key to description; a line that starts with no key goes on with the one before."""
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        match = _ARGUMENT.match(line)
        listed = [n.strip("`") for n in match[1].split(", ")] if match else []
        if match and all(name in aliases for name in listed):
            names = [aliases[name] for name in listed]
            found.update(dict.fromkeys(names, match[2]))
        elif names and line.strip():
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return found


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    says, keys = described(model)
    schema["description"] = says
    for key, text in keys.items():
        if not text:
            continue
        schema["properties"][key].setdefault("description", text.replace("`", ""))


def _close(value: Any) -> None:
    """Refuse keys that fit no pattern, and let `clause: 6.2` stand: a number to an editor."""
    if isinstance(value, dict):
        if value.get("pattern") == _CLAUSE_PATTERN:
            value["type"] = ["string", "number"]
        if "patternProperties" in value:
            value["additionalProperties"] = False
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        _close(inner)


def models_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    """`model` and every model it is built from, each once."""
    found: dict[type[BaseModel], None] = {model: None}
    queue = [model]
    while queue:
        for annotation in get_type_hints(queue.pop()).values():
            for part in _inside(annotation):
                if part not in found:
                    found[part] = None
                    queue.append(part)
    return list(found)


def _inside(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for arg in get_args(annotation) for part in _inside(arg)]
