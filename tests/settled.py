"""A home in which tests of their own process work."""

import pytest

from shouwang.kernel.home import Home


def settle(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Named by SHOUWANG_HOME and by Django's settings, until the patch is taken back."""
    from django.conf import settings

    monkeypatch.setenv("SHOUWANG_HOME", str(home.path))
    monkeypatch.setattr(settings, "HOME", home)
    return home
