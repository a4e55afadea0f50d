"""The audit listens to what happens to accounts as soon as the site is up."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "shouwang.audit"
    verbose_name = "审计"

    def ready(self) -> None:
        from shouwang.audit import listening

        listening.connect()
