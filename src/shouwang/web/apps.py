"""The desk as a Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "shouwang.web"
    label = "web"
    verbose_name = "守望工作台"
