"""Rules on tags: which service a dataset belongs to, and which class of items a column is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seiyaku.kernel.faults import Fault

if TYPE_CHECKING:
    from seiyaku.datamap.checked import Check


def service_tags(check: Check) -> Iterator[Fault]:
    """Where one policy covers several services, every dataset of people says which it is of."""
    clause = check.policy.covers_services
    known = check.datamap.services
    for loc, system, name, dataset in check.datasets():
        entry = check.datamap.systems[system]
        tag = dataset.service or entry.service
        yield from check.unknown((*loc, "service"), tag, known, "service")
        if clause is not None and tag is None and not dataset.shared:
            yield check.fault(
                loc,
                "service-tag-missing",
                f"`{name}` names no service, and the policy covers several "
                f"({check.policy.cite(clause)})",
                "write `service` at the dataset or its system",
                clause,
            )


def class_tags(check: Check) -> Iterator[Fault]:
    """A column tagged with a class of items holds one of them."""
    classes = check.policy.classes
    for loc, system, name, dataset in check.datasets():
        for column, field in dataset.fields.items():
            at = (*loc, "fields", column)
            yield from check.unknown(at, field.item_class, classes, "class")
            found = classes.get(field.item_class or "")
            if found is not None and field.item not in found.items:
                yield check.fault(
                    at,
                    "class-mismatch",
                    f"`{system}.{name}.{column}` holds `{field.item}`, which is not one of "
                    f"`{field.item_class}` ({check.policy.cite(found.clause)})",
                    "drop the tag, or say which of them it holds",
                    found.clause,
                )


def cookie_words(check: Check) -> Iterator[Fault]:
    """Cookies serve purposes of the policy."""
    for name, cookie in check.datamap.cookies.items():
        at = ("cookies", name, "purpose")
        yield from check.unknown(at, cookie.purpose, check.policy.purposes, "purpose")
