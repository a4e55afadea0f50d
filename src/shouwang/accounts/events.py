"""What happened to an account, told to whoever keeps the record of it.

`account_event` is sent inside the transaction of the change. The audit stands above the accounts in the direction of
imports, so it listens; nothing else may, and no business effect hides behind this signal.
"""

from typing import Any

from django.dispatch import Signal

from shouwang.accounts.models import User

# Sent with: acting_user (None: nobody is signed in yet), action, subject (a User or None), details (JSON-able).
account_event = Signal()


def tell(action: str, *, acting_user: User | None, subject: User | None = None, **details: Any) -> None:
    """Tells what happened; a listener that fails takes the change down with it."""
    account_event.send(sender=User, acting_user=acting_user, action=action, subject=subject, details=details)
