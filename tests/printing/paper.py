"""Reading a PDF back: its text, page by page."""

import pypdfium2


def pages_of(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def text_of(content: bytes) -> str:
    """All text of a PDF without any white space: where a line breaks is the paper's affair."""
    return "".join("".join(pages_of(content)).split())
