"""The threshold report as a picture: precision, recall and the rows left for a closer look over the probability."""

from collections.abc import Callable, Sequence

from shouwang.linkage.measurement import PRECISION, RECALL, AtThreshold, chosen

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 56, 150, 40, 56
LINES: tuple[tuple[str, str, Callable[[AtThreshold], float | None]], ...] = (
    ("准确率", "#1f5fa8", lambda each: each.first.precision),
    ("召回率", "#2d7d46", lambda each: each.first.recall),
    ("留待细看的行", "#8a5a00", lambda each: _share_uncertain(each)),
)


def _share_uncertain(each: AtThreshold) -> float | None:
    rows = each.uncertain + each.first.decided
    return each.uncertain / rows if rows else None


def threshold_chart(thresholds: Sequence[AtThreshold]) -> str:
    """An SVG; the lowest threshold that reaches what is to be reached is marked."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<title>关联建议的门限</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-weight="bold">关联建议：首位候选的概率不低于……时</text>',
    ]
    for tenth in range(0, 11, 2):
        y, x = _up(tenth / 10), _across(tenth / 10)
        parts.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{tenth * 10}%</text>')
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{tenth / 10:g}</text>')
    parts.append(f'<text x="{_across(0.5):.0f}" y="{HEIGHT - 10}" text-anchor="middle">概率</text>')
    parts += _mark(chosen(thresholds))
    places: list[float] = []
    for name, colour, value in LINES:
        points = [(_across(each.threshold), _up(share)) for each in thresholds if (share := value(each)) is not None]
        if points:
            parts += _line(name, colour, points, places)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _across(probability: float) -> float:
    return LEFT + probability * (WIDTH - LEFT - RIGHT)


def _up(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _mark(best: AtThreshold | None) -> list[str]:
    if best is None:
        return [f'<text x="{LEFT + 8}" y="{TOP + 14}">没有门限达到准确率 {PRECISION:.0%}、召回率 {RECALL:.0%}</text>']
    x = _across(best.threshold)
    return [
        f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#b3261e" stroke-dasharray="4 4"/>',
        f'<text x="{x + 6:.1f}" y="{HEIGHT - BOTTOM - 8}" fill="#b3261e">{best.threshold:g} 起达到要求</text>',
    ]


def _line(name: str, colour: str, points: Sequence[tuple[float, float]], taken: list[float]) -> list[str]:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    x, y = points[-1]
    while any(abs(y - other) < 16 for other in taken):
        y += 4
    taken.append(y)
    label = f'<text x="{x + 10:.1f}" y="{y + 4:.1f}" fill="{colour}">{name}</text>'
    return [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots, label]
