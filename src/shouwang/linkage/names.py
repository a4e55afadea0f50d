"""Chinese names treated as Chinese: one spelling per name, so that equal names compare equal."""

import polars as pl

DOT = "·"
_INVISIBLE = r"[\p{Cf}\p{Cc}]"
_SPACE = r"\s+"
_DOTS = r"[•・‧⋅∙●᛫]"
_HAN = r"\p{Han}"


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
    return names.alias("name").to_frame().select(pl.when(han).then(joined).otherwise(latin)).to_series()


def canonical_name(name: str) -> str:
    """`canonical_names` for one name."""
    return str(canonical_names(pl.Series([name], dtype=pl.String))[0])
