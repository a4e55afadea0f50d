"""The connection: what the server was told last is known here, and it is told anew as soon as something else is in force.

A connection that is kept from one request to the next, or that a transaction took back, so never asks for areas of before.
"""

from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import Error
from psycopg.pq import TransactionStatus

from shouwang.tables.acting import areas_in_force

SETTING = "shouwang.areas"
TELLING = f"SELECT set_config('{SETTING}', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):
    """`told` is what the server has in force; None where that is not known."""

    told: str | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.told = None
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        # A broken transaction answers nothing but its end.
        if areas_in_force() != self.told and self._status != TransactionStatus.INERROR:
            self._tell()
        return super().create_cursor(name)

    def is_usable(self) -> bool:
        """Asked once a request, before its first question; what is asked takes back what the last request had in force."""
        if self.connection is None:
            return False
        try:
            self._tell()
        except Error:
            return False
        return True

    @property
    def _status(self) -> TransactionStatus:
        return TransactionStatus(self.connection.info.transaction_status)

    def _tell(self) -> None:
        wanted, self.told = areas_in_force(), None
        with self.wrap_database_errors:
            self.connection.execute(TELLING, [wanted], prepare=True)
        self.told = wanted

    def _rollback(self) -> None:
        self.told = None
        super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        try:
            super()._savepoint_rollback(sid)
        finally:
            self.told = None
