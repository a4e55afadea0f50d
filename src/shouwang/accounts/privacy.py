"""Personal data stays out of logs and caches."""

import logging
import logging.config
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from shouwang.kernel.citizen_id import mask_identity_numbers


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
