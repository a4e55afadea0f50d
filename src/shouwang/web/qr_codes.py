"""Codes on paper that lead a telephone to a public page: under the address at which people open the site where it is set, else
under the host by which the desk was opened, which a telephone outside the office's network may not reach."""

import io
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def leading_to(request: HttpRequest, page: str, *args: Any) -> dict[str, Any]:
    """The address of a page and its code as a drawing (SVG), as templates of paper take them: address, code."""
    where, picture = reverse(page, args=args), io.BytesIO()
    address = f"{settings.SITE_URL}{where}" if settings.SITE_URL else request.build_absolute_uri(where)
    segno.make(address, error="q").save(picture, kind="svg", border=2)
    return {"address": address, "code": picture.getvalue()}
