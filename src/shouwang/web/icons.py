"""Drawings of the desk: lines in a box of 24 × 24, and the shapes of the three levels in one of 16 × 16."""

from django.utils.safestring import SafeString, mark_safe


def _lines(*paths: str) -> SafeString:
    return mark_safe("".join(f'<path d="{path}"/>' for path in paths))


ICONS = {
    "today": _lines("M5 6h14v14H5z", "M5 10h14", "M9 3v4", "M15 3v4", "m9 15 2 2 4-4"),
    "overview": _lines("M4 20V10", "M10 20V4", "M16 20v-8", "M21 20H3"),
    "clues": _lines("M12 3l9 16H3z", "M12 10v4", "M12 16.6v.1"),
    "cases": _lines("M5 4h14v16H5z", "M9 9h6", "M9 13h6", "M9 17h3"),
    "help": _lines("M12 20s-7-4.6-7-10a4 4 0 0 1 7-2.6A4 4 0 0 1 19 10c0 5.4-7 10-7 10z"),
    "statistics": _lines("M4 4v16h16", "M8 15l4-5 3 3 5-7"),
    "households": _lines("M3 11l9-7 9 7", "M5 10v10h14V10", "M10 20v-6h4v6"),
    "sweeps": _lines("M4 6h2", "M9 6h11", "M4 12h2", "M9 12h11", "M4 18h2", "M9 18h7"),
    "declarations": _lines("M4 5h16v11H9l-5 4z", "M8 9h8", "M8 12.5h5"),
    "deliveries": _lines("M4 13l3-8h10l3 8", "M4 13v6h16v-6h-5l-1.5 2.5h-3L9 13z"),
    "policy": _lines("M6 3h9l4 4v14H6z", "M14 3v5h5", "M9 12h7", "M9 16h7"),
    "bell": _lines("M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15z", "M10 21h4"),
    "person": _lines("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4 21c.6-4 4-6 8-6s7.4 2 8 6"),
    "upload": _lines("M12 16V4", "M7 9l5-5 5 5", "M4 16v4h16v-4"),
    "download": _lines("M12 4v12", "M7 11l5 5 5-5", "M4 18v2h16v-2"),
    "search": _lines("M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M20 20l-4-4"),
    "filter": _lines("M4 5h16l-6 8v6l-4-2v-4z"),
    "done": _lines("M5 13l4.5 4.5L19 7"),
    "waiting": _lines("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5l3 2"),
    "nothing": _lines("M4 7h16v12H4z", "M4 11h16", "M9 15h6"),
    "run": _lines("M7 4l12 8-12 8z"),
    "wall": _lines("M3 5h18v11H3z", "M12 16v4", "M8 20h8"),
    "more": _lines("M4 7h16", "M4 12h16", "M4 17h16"),
    "back": _lines("M14 6l-6 6 6 6"),
    "print": _lines("M7 8V3h10v5", "M5 17H3V8h18v9h-2", "M7 14h10v7H7z"),
}

LEVEL_SHAPES = {
    "red": mark_safe('<path d="M8 1.5 15.2 14H.8z"/>'),
    "orange": mark_safe('<path d="M8 .8 15.2 8 8 15.2.8 8z"/>'),
    "yellow": mark_safe('<circle cx="8" cy="8" r="6.6"/>'),
}
