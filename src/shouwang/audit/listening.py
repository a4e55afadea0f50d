"""What happens to accounts is told by signals, because the accounts stand below the audit; here it becomes entries."""

import hmac
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_out

from shouwang.accounts.events import account_event
from shouwang.accounts.models import User
from shouwang.audit.record import Subject, chain_key, record_alone


def connect() -> None:
    """Starts to listen; more than once makes no difference."""
    account_event.connect(_told, dispatch_uid="audit.account_event")
    user_logged_out.connect(_logged_out, dispatch_uid="audit.logged_out")


def _told(sender: Any, *, acting_user: User | None, action: str, subject: User | None, details: dict, **_: Any) -> None:
    """Within the transaction of the change; a refused login changes nothing and comes without one."""
    details = dict(details)
    about: Subject = subject
    if subject is None and "username" in details:
        about = _tried(details.pop("username"))
    record_alone(acting_user, action, about, **details)


def _logged_out(sender: Any, *, user: User | None, **_: Any) -> None:
    if user is not None:
        record_alone(user, "logged_out", user)


def _tried(username: str) -> tuple[str, str]:
    """The user of a name; of a name that nobody has only a mark, because people type passwords into the wrong field."""
    if User.objects.filter(username=username).exists():
        return "user", username
    mark = hmac.digest(chain_key(settings.HOME), f"unknown user {username}".encode(errors="replace"), "sha256")
    return "unknown_user", f"#{mark.hex()[:8]}"
