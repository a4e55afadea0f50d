"""Words stand out from their ground enough for tired eyes and cheap screens (WCAG 2.1, 1.4.3: 4.5 to 1)."""

import re
from pathlib import Path

import pytest

import shouwang.web

TOKENS = (Path(shouwang.web.__file__).parent / "static/desk/tokens.css").read_text(encoding="utf-8")
ENOUGH = 4.5
PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "ink-faint") for ground in ("ground", "surface", "surface-sunk")],
    *[(f"{name}-ink", f"{name}-soft") for name in ("red", "orange", "yellow", "good")],
    *[("ink", f"{name}-soft") for name in ("red", "orange", "good", "info")],
    ("accent", "surface"),
    ("accent", "ground"),
    ("accent-strong", "accent-soft"),
    *[("ink", f"step-{step}") for step in (0, 1, 2, 3)],
    *[("on-step", f"step-{step}") for step in (4, 5)],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-header", "header"),
    ("on-header-soft", "header"),
]


def schemes() -> dict[str, dict[str, str]]:
    """The colours of the light and the dark scheme."""
    light, _, rest = TOKENS.partition("@media screen and (prefers-color-scheme: dark)")
    dark, _, _ = rest.partition("@media print")
    found = {
        name: dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", text))
        for name, text in (("light", light), ("dark", dark))
    }
    return {"light": found["light"], "dark": found["light"] | found["dark"]}


def brightness(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((brightness(one), brightness(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_reckoned_right() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out(scheme: str) -> None:
    colours = schemes()[scheme]
    weak = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground in PAIRS
        if contrast(colours[ink], colours[ground]) < ENOUGH
    }
    assert weak == {}


def test_colours_come_from_tokens_alone() -> None:
    for name in ("base.css", "components.css"):
        text = (Path(shouwang.web.__file__).parent / "static/desk" / name).read_text(encoding="utf-8")
        screen = text.partition("@media print")[0] if name == "base.css" else text
        strays = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", screen)) - {"#000", "#fff"}
        assert strays == set(), name
