"""What departments delivered that columns of the household form show, each value with where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Told:
    """A value with its source in words; `on` is the day that it speaks of."""

    value: str
    source: str
    on: date


@dataclass(frozen=True)
class Delivered:
    """By person (the key in the lake) and by village what departments said, by the name of the value."""

    persons: Mapping[int, Mapping[str, Told]] = field(default_factory=dict)
    villages: Mapping[str, Mapping[str, Told]] = field(default_factory=dict)

    def of_person(self, key: int, name: str) -> Told | None:
        return self.persons.get(key, {}).get(name)

    def of_village(self, code: str, name: str) -> Told | None:
        return self.villages.get(code, {}).get(name)
