"""Language, time zone, connections and addresses in force are kept by thread.

Django keeps them for each task of an event loop, in a store of Python that takes four microseconds a look; a page looks five
hundred times. This site has threads and no event loop: what the interpreter itself keeps by thread takes a twentieth of that.
"""

import threading
from typing import Any

from asgiref.local import Local
from django.core.cache import caches
from django.db import connections
from django.urls import base
from django.utils import timezone
from django.utils.translation import trans_real

STORES: tuple[tuple[Any, str], ...] = (
    (trans_real, "_active"),
    (timezone, "_active"),
    (base, "_prefixes"),
    (base, "_urlconfs"),
    (connections, "_connections"),
    (caches, "_connections"),
)


def keep_by_thread() -> None:
    """For the rest of this process, whose open connections are closed; called once, before it answers.

    Raises:
        TypeError: this Django keeps something in another way than the one that was looked at.
    """
    for owner, name in STORES:
        if not isinstance(getattr(owner, name), Local | threading.local):
            raise TypeError(f"{owner!r} keeps {name} in another way")
    connections.close_all()
    for owner, name in STORES:
        setattr(owner, name, threading.local())
