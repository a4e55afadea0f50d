"""Django's sessions in the database; every page looks for one, so the question is composed once."""

from django.contrib.sessions.backends.db import SessionStore as Store
from django.contrib.sessions.models import Session
from django.db.models import DateTimeField
from django.utils.timezone import now

from shouwang.questions import Blank, Question

_session = Question(
    lambda: Session.objects.filter(session_key=Blank("key"), expire_date__gt=Blank("now", DateTimeField()))
)


class SessionStore(Store):
    def _get_session_from_db(self) -> Session | None:
        found = _session.one(key=self.session_key, now=now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found
