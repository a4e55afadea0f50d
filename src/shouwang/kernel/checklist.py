"""What somebody looks at in a home during a sweep, as the policy pack has it; nothing of it stands in the code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """`risk` is what a trouble there means; `sources` are department files that tell of it, `register` (health, school,
    labour or nothing) what the register knows of it: where one of them says something, nobody has to be asked."""

    id: str
    title: str
    ask: str
    risk: str
    sources: tuple[str, ...]
    register: str
