"""Writing entries: inside the transaction of the change, so that one never stands without the other.

    with transaction.atomic():
        clue.save()
        record(user, "clue_dispatched", clue, to="五桥街道")

On PostgreSQL every writer waits for the row of the head until it commits: lock what the change needs before recording.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.audit import chain
from shouwang.audit.anchors import AnchorFiles, logger
from shouwang.audit.asking import address
from shouwang.audit.catalogue import ACTIONS, NAME_OF, SUBJECTS
from shouwang.audit.models import Entry, Head
from shouwang.kernel.citizen_id import is_valid, mask_identity_numbers
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home
from shouwang.questions import Question

# A saved object, ("page", "/households/")-like words, or nothing.
Subject = models.Model | tuple[str, str] | None
CHUNK = 500
_locked_head = Question(lambda: Head.objects.select_for_update().filter(pk=Head.ONLY))
_head = Question(lambda: Head.objects.filter(pk=Head.ONLY, sequence__gt=0))
P = ParamSpec("P")
R = TypeVar("R")
LENGTHS: Mapping[str, int] = {
    field.name: field.max_length for field in Entry._meta.get_fields() if getattr(field, "max_length", None)
}


def in_the_language_of_record(told: Callable[P, R]) -> Callable[P, R]:
    """Whatever the language of the page that something was done on, the record is kept in one."""

    @wraps(told)
    def in_one_language(*args: P.args, **named: P.kwargs) -> R:
        with translation.override(settings.LANGUAGE_CODE):
            return told(*args, **named)

    return in_one_language


def record(
    actor: User | None,
    action: str,
    subject: Subject = None,
    *,
    area: Area | str | None = None,
    result: str | None = None,
    **detail: Any,
) -> Entry:
    """Writes one entry at the end of the chain.

    Args:
        actor: who did it; None for the program itself and for somebody who is not signed in.
        action: a code of `catalogue.ACTIONS`.
        subject: what it was done to: a model of `catalogue.SUBJECTS`, or its type and number.
        area: where it belongs; a subject with an area says so itself.
        result: `Entry.Result`; without it, as the catalogue has it (a failed login is a refusal).
        detail: what else an auditor needs, JSON-able. Never a value that was unmasked: say which field, not what it says.

    Raises:
        TransactionManagementError: there is no transaction, so the entry could stand without the change.
        ValueError: the action or the type of the subject is not in the catalogue.
    """
    return record_many(actor, action, [(subject, detail)], area=area, result=result)[0]


def record_alone(actor: User | None, action: str, subject: Subject = None, **named: Any) -> Entry:
    """Records, in a transaction of its own, what changes nothing: something that was read, taken out or refused."""
    with transaction.atomic():
        return record(actor, action, subject, **named)


@in_the_language_of_record
def record_many(
    actor: User | None,
    action: str,
    subjects: Iterable[tuple[Subject, Mapping[str, Any]]],
    *,
    area: Area | str | None = None,
    result: str | None = None,
) -> list[Entry]:
    """One entry for each subject with its detail, as `record` would write them one by one; for thousands at once."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("an audit entry belongs into the transaction of the change that it speaks of")
    if action not in ACTIONS:
        raise ValueError(f"{action} is not in shouwang.audit.catalogue")
    shared = {
        "at": datetime.now(UTC),
        "actor": _named(actor.get_username()) if actor else "",
        "actor_id": actor.pk if actor else None,
        "post": post_of(actor),
        "action": action,
        "result": str(result or (Entry.Result.REFUSED if ACTIONS[action].is_refusal else Entry.Result.DONE)),
        "address": address(),
    }
    return _append([Entry(**_fitting(shared | _of(subject, area, detail))) for subject, detail in subjects])


@in_the_language_of_record
def post_of(user: User | None) -> str:
    """The posts of a user in words, as they stand today."""
    if user is None:
        return ""
    return "；".join(f"{reach.area.name} {reach.title}" for reach in scope_of(user, localdate()).reaches)


def _of(subject: Subject, area: Area | str | None, detail: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(subject, models.Model):
        kind = str(subject._meta.model_name)
        name = str(getattr(subject, NAME_OF.get(kind, "pk")))
        area = area or getattr(subject, "area_id", None) or ""
    else:
        kind, name = subject or ("", "")
    if kind and kind not in SUBJECTS:
        raise ValueError(f"{kind} is not in shouwang.audit.catalogue")
    text = json.dumps(_masked(detail), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    code = area.pk if isinstance(area, Area) else area or ""
    return {"subject_type": kind, "subject": _named(name), "area": code, "detail": text}


def _named(name: str) -> str:
    """The name of a user or of a thing; one that is somebody's identity number is masked."""
    return mask_identity_numbers(name) if is_valid(name.upper()) else name


def _masked(value: Any) -> Any:
    """A detail as JSON takes it; whatever looks like an identity number is masked."""
    if isinstance(value, Mapping):
        return {str(_masked(str(name))): _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    masked = mask_identity_numbers(text)
    return value if masked == text and isinstance(value, int) else masked


def _fitting(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as both databases take them: no NUL, no half characters, no longer than their column."""
    return {
        name: value.replace("\0", "").encode(errors="replace").decode()[: LENGTHS.get(name)]
        if isinstance(value, str)
        else value
        for name, value in values.items()
    }


def _append(entries: list[Entry]) -> list[Entry]:
    """Numbers and chains the entries. The row of the head lets one writer through at a time, up to its commit."""
    if not entries:
        return entries
    head = _locked_head.one() or _first_head()
    key, anchored = chain_key(settings.HOME), _anchored(head)
    for entry in entries:
        entry.sequence, entry.previous, entry.anchored = head.sequence + 1, head.hash, anchored
        entry.hash = chain.hash_of(key, [getattr(entry, name) for name in chain.FIELDS])
        head.sequence, head.hash = entry.sequence, entry.hash
    models.QuerySet(Entry).bulk_create(entries, CHUNK)
    head.save(update_fields=["sequence", "hash"])
    transaction.on_commit(partial(anchor_head, head.sequence), robust=True)
    return entries


def _first_head() -> Head:
    if Entry.objects.exists():
        raise Failure(_("审计链的链头不见了，不能再记录"), _("停止使用，运行 shouwang audit verify，并告诉审计管理员"))
    return Head.objects.get_or_create(pk=Head.ONLY, defaults={"hash": chain.GENESIS})[0]


def _anchored(head: Head) -> int:
    """The number of the last anchor; one ahead of the chain means that the database was put back."""
    last = anchor_files(settings.HOME).last()
    if last is not None and last.sequence > head.sequence:
        logger.error("the audit chain ends at %s, its anchors at %s", head.sequence, last.sequence)
    return last.sequence if last else 0


def anchor_head(at_least: int = 0) -> bool:
    """Notes the committed head outside the database, unless an anchor of `at_least` or later is there."""
    files = anchor_files(settings.HOME)
    last = files.last()
    if last is not None and 0 < at_least <= last.sequence:
        return False
    head = _head.one()
    return head is not None and files.add(head.sequence, head.hash)


def anchor_files(home: Home) -> AnchorFiles:
    """The anchor files of a home, with their key."""
    return AnchorFiles(home.path / "anchors", _derived(home.keys().audit, "anchors"), settings.ANCHOR_DIR)


def chain_key(home: Home) -> bytes:
    return _derived(home.keys().audit, "chain")


@lru_cache(maxsize=8)
def _derived(audit_key: bytes, purpose: str) -> bytes:
    return chain.derived_key(audit_key, purpose)
