"""Every kind of matter that lies on desks with a clock, found by itself: each app's `steps` says what its steps move.

Whatever is done to all of them (what is overdue rises, people are reminded) goes over this list, so that a new kind is
looked after from its first day. A kind of matter that no Stepping names is found by `unattended`, and a test fails.
"""

from functools import cache

from django.apps import apps
from django.db.models import JSONField, QuerySet
from django.utils.module_loading import autodiscover_modules, module_has_submodule

from shouwang.proceedings.models import Matter
from shouwang.proceedings.steps import Stepping

RISE, TAKE_OVER = "rise", "take_over"


@cache
def _read_steps() -> None:
    """Once: what a module declares is known from then on."""
    autodiscover_modules("steps")


def lifecycles() -> list[type[Stepping]]:
    """The kinds of steps that name the matter they move, in the order of their matters' names."""
    _read_steps()
    found, waiting = set[type[Stepping]](), list(Stepping.__subclasses__())
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        if "matter" in vars(each):
            found.add(each)
    return sorted(found, key=lambda each: each.matter._meta.label)


def unattended() -> list[str]:
    """Kinds of matters that lie on desks and that no kind of steps names, so that nothing overdue of them would rise."""
    attended = {each.matter for each in lifecycles()}
    return sorted(
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, Matter)
        and model not in attended
        and module_has_submodule(apps.get_app_config(model._meta.app_label).module, "steps")
    )


def in_hand(kind: type[Stepping]) -> QuerySet[Matter]:
    """The matters of a kind that lie on desks; without their large fields."""
    return without_large(kind).filter(stage__in=list(kind.lifecycle.level_of))


def without_large(kind: type[Stepping]) -> QuerySet[Matter]:
    """All matters of a kind, without their large fields."""
    large = [field.name for field in kind.matter._meta.concrete_fields if isinstance(field, JSONField)]
    return kind.matter._base_manager.defer(*large)


def rise_of(kind: type[Stepping]) -> str:
    """The action by which the clock tells an overdue matter a level higher. Raises ValueError where the table has none."""
    return action_of(kind, RISE)


def action_of(kind: type[Stepping], name: str) -> str:
    """One of the actions that the program takes with every kind of matter. Raises ValueError where the table has none."""
    for action in kind.lifecycle.audit:
        if action == name:
            return action
    raise ValueError(f"{kind.matter._meta.label} has no {name}")
