"""An order of one step: who acts, by which requirements, on which day, and what was on the screen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from django.db import transaction

from shouwang.accounts.models import User
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.steps import Stepping

P = ParamSpec("P")
Matter, Steps, Taken = TypeVar("Matter"), TypeVar("Steps", bound=Stepping), TypeVar("Taken")
Asked = TypeVar("Asked", bound=Clocks)


@dataclass(frozen=True)
class Order(Generic[Asked]):
    """`acting_user` None is the program itself; `seen` is the version on the screen, `key` that of the form."""

    acting_user: User | None
    requirements: Asked
    on: date
    seen: int | None = None
    key: str = ""


def one_step_of(
    locked: Callable[[str], Matter], stepping: type[Steps]
) -> Callable[
    [Any], Callable[[Callable[Concatenate[Matter, Steps, P], Taken]], Callable[Concatenate[str, Order[Any], P], Taken]]
]:
    """Decorators for one kind of matter: what they decorate is carried out with the matter of a number under its lock, once
    for each form, refused where the table says no or somebody was first, with its audit entry at the end of the transaction."""

    def one_step(
        action: Any,
    ) -> Callable[[Callable[Concatenate[Matter, Steps, P], Taken]], Callable[Concatenate[str, Order[Any], P], Taken]]:
        def of(
            do: Callable[Concatenate[Matter, Steps, P], Taken],
        ) -> Callable[Concatenate[str, Order[Any], P], Taken]:
            @wraps(do)
            def carried_out(number: str, order: Order[Any], /, *args: P.args, **named: P.kwargs) -> Taken:
                with transaction.atomic():
                    matter, taking = (
                        locked(number),
                        stepping(order.acting_user, order.requirements, order.on, order.key),
                    )
                    before: Taken | None = taking.already(matter)
                    if before is not None:
                        return before
                    taking.check(matter, action, order.seen)
                    step = do(matter, taking, *args, **named)
                    taking.finish()
                    return step

            return carried_out

        return of

    return one_step
