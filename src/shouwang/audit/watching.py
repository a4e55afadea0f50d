"""The one place where requests meet the audit: from where they come, and what was refused to whoever is signed in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from shouwang.audit.asking import asked_from
from shouwang.audit.record import record_alone
from shouwang.kernel.citizen_id import mask_identity_numbers

REFUSING = (403, 404)
SHOWN_OF_PATH = 150


def watch(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, behind the one that knows who is signed in.

    What lies outside somebody's scope answers 404 like what does not exist; both are recorded. The query is not: it
    holds names that people search for.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        with asked_from(request.META.get("REMOTE_ADDR", "")):
            response = get_response(request)
            if response.status_code in REFUSING and request.user.is_authenticated:
                path = mask_identity_numbers(request.path)[:SHOWN_OF_PATH]
                told = {"method": str(request.method), "status": response.status_code}
                record_alone(request.user, "access_refused", ("page", path), **told)
            return response

    return respond
