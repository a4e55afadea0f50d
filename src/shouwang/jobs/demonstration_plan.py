"""What a demonstration home is, or is being, made of: noted before anything else, so that it is never taken for real."""

import json
from dataclasses import dataclass

from shouwang.kernel.home import Home, replace_file


@dataclass(frozen=True)
class Plan:
    """What a demonstration home was, or is being, made of."""

    persons: int
    seed: int
    finished: bool = False


def plan_of(home: Home) -> Plan | None:
    """The plan of a demonstration home; None where there is none yet."""
    path = home.demonstration_plan
    return Plan(**json.loads(path.read_text())) if path.exists() else None


def note_plan(home: Home, plan: Plan) -> None:
    replace_file(home.demonstration_plan, json.dumps(plan.__dict__).encode())
