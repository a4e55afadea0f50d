"""Paper: what is posted up, signed or kept in a folder, set by typst from a template and data, without a network.

A template is `templates/<name>.typ`; all share the page of `templates/page.typ`. Data is handed over as data and is never
part of the markup, so whatever somebody typed stands on the paper as it was typed.
"""

from shouwang.printing.typesetting import chinese_fonts, pdf

__all__ = ["chinese_fonts", "pdf"]
