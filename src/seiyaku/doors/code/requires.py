"""Functions that say what they need: they run only where it is permitted."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from seiyaku.doors.handling import handling
from seiyaku.kernel.errors import InvalidInput

P = ParamSpec("P")
R = TypeVar("R")


def requiring(
    insist: Callable[[str], None], parameter: str, occasion: dict[str, Any]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator for functions, also coroutine functions.

    The call asks first and then runs within `handling`, so that the doors it passes know for
    whom and why.

    Args:
        insist: raises unless everything needed is permitted for a person.
        parameter: name of the parameter that holds the person.
        occasion: the other words of the handling.

    Raises:
        InvalidInput: SY100 the function has no such parameter.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        whose = _finder(function, parameter)

        @wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = whose(*args, **kwargs)
            insist(person)
            with handling(person=person, **occasion):
                return function(*args, **kwargs)

        @wraps(function)
        async def guarded_later(*args: P.args, **kwargs: P.kwargs) -> Any:
            person = whose(*args, **kwargs)
            insist(person)
            async with handling(person=person, **occasion):
                return await function(*args, **kwargs)  # type: ignore[misc]

        return guarded_later if inspect.iscoroutinefunction(function) else guarded  # type: ignore[return-value]

    return decorate


def _finder(function: Callable[..., object], parameter: str) -> Callable[..., str]:
    signature = inspect.signature(function)
    if parameter not in signature.parameters:
        raise InvalidInput(
            f"`{function.__qualname__}` has no parameter `{parameter}`",
            hint='name the parameter that holds the person: `requires(..., person="customer")`',
        )

    def find(*args: object, **kwargs: object) -> str:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return str(bound.arguments[parameter])

    return find
