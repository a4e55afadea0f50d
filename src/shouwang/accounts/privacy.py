"""Personal data stays out of logs and caches."""

import logging
import logging.config
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

# 18 characters, also written in groups, or 15 digits; \d takes full-width digits too.
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:\d{6}[ \-]?\d{8}[ \-]?\d{3}[\dXxＸｘ]|\d{15})(?!\d)")


def mask_identity_numbers(text: str) -> str:
    """The text with everything that looks like an identity number reduced to its place."""
    return _IDENTITY_NUMBER.sub(lambda found: found[0][:6] + "************", text)


class MaskIdentityNumbers(logging.Filter):
    """Masks the message, its arguments and the traceback of every record that a handler would write."""

    _formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_identity_numbers(record.getMessage()), None
        if record.exc_info:
            record.exc_text = mask_identity_numbers(self._formatter.formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = mask_identity_numbers(record.stack_info)
        return True


def configure_logging(config: dict[str, Any]) -> None:
    """Applies the settings' logging; a handler without the mask is refused."""
    bare = [name for name, handler in config["handlers"].items() if "mask" not in handler.get("filters", [])]
    if bare:
        raise ValueError(f"handlers without the identity-number mask: {bare}")
    logging.config.dictConfig(config)


def keep_out_of_caches(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: what a page says about people is kept by no browser and no proxy."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response

    return respond
