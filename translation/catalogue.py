"""The English catalogue: read, brought up to date, compiled; and what is wrong with it."""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from translation.gather import CHINESE

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[\w.]*(?=[!:}])")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NAMES_OF_THEIR_OWN = {"中文", "简体中文"}


def read(path: Path) -> dict[str, str]:
    """Chinese → English; nothing where the catalogue is not there yet."""
    if not path.exists():
        return {}
    with path.open("rb") as stream:
        return {str(each.id): str(each.string) for each in read_po(stream) if each.id}


def updated(wanted: Mapping[str, str], english: Mapping[str, str]) -> Catalog:
    """A catalogue of exactly the texts wanted, each with its place and, where known, its English."""
    catalogue = Catalog(locale="en", project="shouwang", fuzzy=False, charset="utf-8")
    for text, place in sorted(wanted.items(), key=lambda each: (each[1], each[0])):
        catalogue.add(text, english.get(text, ""), locations=[(place, None)])
    for name in ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team"):
        catalogue.mime_headers = [each for each in catalogue.mime_headers if each[0] != name]
    return catalogue


def as_text(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, omit_header=False)
    kept = [line for line in stream.getvalue().split(b"\n") if not line.startswith((b'"POT-Creation', b'"PO-Revision'))]
    return b"\n".join(kept)


def compiled(path: Path) -> bytes:
    """The machine's form of the catalogue at `path`."""
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    catalogue.creation_date = catalogue.revision_date = LONG_AGO  # the same texts make the same file
    stream_out = io.BytesIO()
    write_mo(stream_out, catalogue)
    return stream_out.getvalue()


def faults(wanted: Mapping[str, str], english: Mapping[str, str]) -> list[str]:
    """What is missing, superfluous, still Chinese, or lost or invented a placeholder."""
    found = [f"not in English: {text!r} ({place})" for text, place in wanted.items() if not english.get(text)]
    found += [f"said nowhere any more: {text!r}" for text in english if text not in wanted]
    for text, said in english.items():
        if said and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(said)):
            found.append(f"other placeholders: {text!r} → {said!r}")
        if CHINESE.search(said) and text not in NAMES_OF_THEIR_OWN:
            found.append(f"Chinese in the English: {said!r}")
    return found
