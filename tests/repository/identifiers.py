"""Every domain identifier of the code with the Chinese that belongs to it, and what the glossary says."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import models

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import LoginTry, Post
from shouwang.amendments.flow import Step
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.assistance.models import (
    ContactKind,
    FundSource,
    MeasureCategory,
    MeasureState,
    NeedAction,
    NeedStage,
    PlanAction,
    PlanStage,
    Situation,
    TaskAction,
    TaskStage,
)
from shouwang.cases import models as cases
from shouwang.clues.models import Action, Channel, Clue, Finding, Level, RiskType, ScreeningRun, Stage
from shouwang.declarations import models as declarations
from shouwang.deliveries.quarantine import REASONS
from shouwang.elimination import models as elimination
from shouwang.elimination.knowledge import State as ConditionState
from shouwang.exchange.models import Upload
from shouwang.facts.catalogue import catalogue
from shouwang.households.models import RegisterChange
from shouwang.notifications.models import Message, Sending
from shouwang.outputs import flow as outputs_flow
from shouwang.outputs import models as outputs
from shouwang.outputs.models import Content
from shouwang.policy.pack import load_pack
from shouwang.registration.models import RequestAction, RequestKind, RequestStage
from shouwang.sources.contract import contracts
from shouwang.sweeps import models as sweeps
from shouwang.web.vocabulary import LINKS

APPS = (
    "areas",
    "accounts",
    "audit",
    "notifications",
    "outputs",
    "households",
    "exchange",
    "amendments",
    "clues",
    "cases",
    "assistance",
    "elimination",
    "defects",
    "declarations",
    "sweeps",
    "registration",
)
CHOICES: tuple[type[models.TextChoices], ...] = (
    Channel,
    declarations.Behalf,
    sweeps.Stage,
    sweeps.Action,
    sweeps.SweepTask.Outcome,
    declarations.Stage,
    declarations.Action,
    Level,
    RiskType,
    Clue.State,
    Stage,
    Action,
    Finding.Conclusion,
    ScreeningRun.State,
    Upload.State,
    RegisterChange.Kind,
    Post.Duty,
    Permission,
    LoginTry.Step,
    Amendment.State,
    Step,
    WhatIf.State,
    cases.EliminationMode,
    cases.MonitorType,
    cases.Stage,
    cases.Action,
    cases.Notice.Kind,
    cases.RefusalTold.Way,
    elimination.Stage,
    elimination.Action,
    elimination.NaturalGround,
    ConditionState,
    MeasureCategory,
    FundSource,
    PlanStage,
    PlanAction,
    MeasureState,
    ContactKind,
    Situation,
    TaskStage,
    TaskAction,
    NeedStage,
    NeedAction,
    Content,
    outputs.State,
    outputs_flow.Step,
    Message.Kind,
    Sending.State,
    RequestKind,
    RequestStage,
    RequestAction,
)
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|(?P<chinese>[^|]+)\|(?P<meaning>[^|]*)\|$", re.MULTILINE)
HAN = re.compile(r"[\u4e00-\u9fff]")


def domain_identifiers() -> dict[str, set[str]]:
    """Identifier to the Chinese terms that the code gives it; a model's may be empty."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for contract in contracts().values():
        found[contract.source].add(contract.title)
        for column in contract.columns:
            found[column.field].add(column.header)
    pack = load_pack()
    for named in (pack.rules, pack.parameters, catalogue()):
        for name, each in _items(named):
            found[name].add(each.title)
    for name, title in pack.risk_types.items():
        found[name].add(title)
    for choices in CHOICES:
        for value, label in choices.choices:
            found[value].add(str(label))
    for code, words in REASONS.items():
        found[code].add(str(words))
    for link, (title, _) in LINKS.items():
        found[link].add(str(title))
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            found[model.__name__].update(set())
    return dict(found)


def _items(named: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(named.items())


def glossary_rows(text: str) -> dict[str, str]:
    """Identifier to its Chinese, from the tables of the glossary."""
    rows: dict[str, str] = {}
    for row in ROW.finditer(text):
        rows[row["name"]] = rows.get(row["name"], "") + row["chinese"]
    return rows


def missing(identifiers: Mapping[str, set[str]], rows: Mapping[str, str]) -> list[str]:
    """What the glossary lacks: a row, its Chinese, or a term that the code uses."""
    faults = []
    for name, terms in sorted(identifiers.items()):
        if name not in rows:
            faults.append(f"{name} ({'、'.join(sorted(terms))}) has no row")
        elif not HAN.search(rows[name]):
            faults.append(f"{name} has no Chinese")
        else:
            faults += [f"{name} lacks {term}" for term in sorted(terms) if term not in rows[name]]
    return faults


def abandoned(identifiers: Mapping[str, set[str]], text: str) -> list[str]:
    """Rows of the tables above the line `## Terms without an identifier of their own` whose identifier is gone."""
    return sorted(set(glossary_rows(text.split("## Terms", 1)[0])) - set(identifiers))
