"""Chinese names treated as Chinese: spellings that compare equal, and keys under which they sound alike."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

DOT = "·"
_INVISIBLE = r"[\p{Cf}\p{Cc}]"
_SPACE = r"\s+"
_DOTS = r"[•・‧⋅∙●᛫]"
_HAN = r"\p{Han}"
_FOLDER = Path(__file__).parent

# What the Mandarin of Sichuan and Chongqing does not tell apart, on syllables closed by an apostrophe.
_LOCAL_SOUNDS = ((r"\b([zcs])h", "${1}"), (r"\bn", "l"), (r"\bhu'", "fu'"), (r"([ie]n)g'", "${1}'"))


def canonical_names(names: pl.Series) -> pl.Series:
    """The canonical spelling of each name, for exact comparison; null stays null.

    Full-width and compatibility forms are folded (NFKC), invisible characters removed, every middle dot of a
    minority name becomes `·` (a full stop between two parts of a Han name too), white space is removed from names
    with a Han character and squeezed in others, which are compared in capitals.
    Characters are not exchanged: 峯 and 峰 stay different here.
    """
    text = pl.col("name").str.normalize("NFKC").str.replace_all(_INVISIBLE, "").str.strip_chars()
    han = text.str.contains(_HAN)
    joined = (
        text.str.replace_all(_SPACE, "").str.replace_all(_DOTS, DOT).str.replace_all(r"\.+", DOT).str.strip_chars(DOT)
    )
    latin = text.str.replace_all(_SPACE, " ").str.to_uppercase()
    # Normal form once more: white space that is gone may bring a letter and its mark together.
    settled = pl.when(han).then(joined).otherwise(latin).str.normalize("NFKC")
    return names.alias("name").to_frame().select(settled).to_series()


def canonical_name(name: str) -> str:
    """`canonical_names` for one name."""
    return str(canonical_names(pl.Series([name], dtype=pl.String))[0])


def name_forms(names: pl.Series) -> pl.DataFrame:
    """Everything under which names are compared, once for each distinct name.

    Args:
        names: String, repeated and null names allowed.

    Returns:
        name: as given, each once, null left out.
        canonical: as `canonical_names`.
        folded: with variant and traditional characters and clerks' spellings of surnames in one form, without dots.
        surname: of `folded`; two characters for a compound surname, the first part of a name with a dot.
        sound: pinyin without tones of `folded`, the surname read as a surname; one apostrophe closes each syllable.
        local_sound: `sound` as far as the Mandarin of Sichuan and Chongqing tells it apart.
        surname_sound, given_sound: the two parts of `sound`.
    """
    forms = names.drop_nulls().unique(maintain_order=True).alias("name").to_frame()
    forms = forms.with_columns(canonical=canonical_names(forms["name"]))
    forms = forms.with_columns(folded=_exchanged(forms["canonical"], _variants())).with_columns(surname=_surname())
    spelled = forms["surname"].replace(dict(_surname_spellings()))
    given = pl.col("folded").str.slice(pl.col("surname").str.len_chars()).str.replace_all(DOT, "", literal=True)
    forms = forms.with_columns(given.alias("given"), surname=spelled).with_columns(
        folded=pl.concat_str("surname", given)
    )
    forms = forms.with_columns(surname_sound=_surname_sounds(forms["surname"]), given_sound=_sounds(forms["given"]))
    sound = pl.concat_str("surname_sound", "given_sound")
    local = sound
    for written, heard in _LOCAL_SOUNDS:
        local = local.str.replace_all(written, heard)
    return forms.with_columns(sound.alias("sound"), local.alias("local_sound")).drop("given")


def _surname() -> pl.Expr:
    folded = pl.col("folded")
    compound = [surname for surname in _surname_readings() if len(surname) > 1]
    # A compound surname needs a given name behind it: 欧阳 alone is somebody called 阳 of the family 欧.
    is_compound = folded.str.slice(0, 2).is_in(compound) & (folded.str.len_chars() > 2)
    length = pl.when(is_compound).then(2).otherwise(1)
    return (
        pl.when(folded.str.contains(DOT, literal=True))
        .then(folded.str.split(DOT).list.first())
        .when(~folded.str.contains(_HAN))
        .then(folded)
        .otherwise(folded.str.slice(0, length))
    )


def _surname_sounds(surnames: pl.Series) -> pl.Series:
    distinct = surnames.unique()
    readings = _surname_readings()
    sounds = _sounds(distinct).zip_with(~distinct.is_in(list(readings)), distinct.replace(dict(readings)))
    return surnames.replace(distinct, sounds)


def _sounds(texts: pl.Series) -> pl.Series:
    """Pinyin of each Han character without tone, closed by an apostrophe; other characters as they are."""
    characters = "".join(texts.unique()).replace("'", "")
    syllables = {character: syllable for character in sorted(set(characters)) if (syllable := _syllable(character))}
    return _exchanged(texts, syllables)


@cache
def _syllable(character: str) -> str:
    """The usual reading of one Han character; empty where there is none."""
    from pypinyin import lazy_pinyin

    syllable = "".join(lazy_pinyin(character, errors="ignore"))
    return f"{syllable}'" if syllable else ""


def _exchanged(texts: pl.Series, pairs: Mapping[str, str]) -> pl.Series:
    return texts.str.replace_many(list(pairs), list(pairs.values())) if pairs else texts


@cache
def _variants() -> Mapping[str, str]:
    return {variant: standard for standard, variants in _table("variant_characters") for variant in variants.split()}


@cache
def _surname_spellings() -> Mapping[str, str]:
    return {written: kept for kept, others in _table("surname_spellings") for written in others.split()}


@cache
def _surname_readings() -> Mapping[str, str]:
    return {
        surname: "".join(f"{syllable}'" for syllable in reading.split())
        for surname, reading in _table("surname_readings")
    }


def _table(name: str) -> list[tuple[str, str]]:
    lines = (_FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(first, second) for first, second in cells]
