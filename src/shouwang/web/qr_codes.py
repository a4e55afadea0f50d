"""Codes on paper that lead a telephone to a public page, under the very host by which the desk was opened."""

import io
from typing import Any

import segno
from django.http import HttpRequest
from django.urls import reverse


def leading_to(request: HttpRequest, page: str, *args: Any) -> dict[str, Any]:
    """The address of a page and its code as a drawing (SVG), as templates of paper take them: address, code."""
    address, picture = request.build_absolute_uri(reverse(page, args=args)), io.BytesIO()
    segno.make(address, error="q").save(picture, kind="svg", border=2)
    return {"address": address, "code": picture.getvalue()}
