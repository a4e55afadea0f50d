"""Proceedings: what every matter on a desk has in common, be it a clue, a case or a task: a table of moves, steps, a clock."""
