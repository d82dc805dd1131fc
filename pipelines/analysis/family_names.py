"""Which curated family a model's own id belongs to.

Here: comparing many ids with the register's patterns in one pass. Not here: the register
(reference/families), and families that a model has from what it descends from (attribution).
"""

import re

import polars as pl


def match(ids: pl.DataFrame, patterns: pl.DataFrame) -> pl.DataFrame:
    """Give for each model whose id matches a pattern the longest one's family (staging.family_matches).

    ids: model_id; one may stand there several times. patterns: pattern, family, organization_id, status, as
    in reference.families: `%` stands for anything, all else for itself, compared with the lower-cased id. Of
    patterns of one length the first by alphabet wins.

    Three million ids are searched once for all patterns together, by the longest text that each must contain;
    only what has it is compared with the pattern as a whole.
    """
    if patterns.is_empty():
        return patterns.select(pl.col("pattern").alias("model_id"), "family", "organization_id", "status")
    needles = patterns.with_columns(
        needle=pl.Series(
            [max(pattern.split("%"), key=len) for pattern in patterns["pattern"]], dtype=pl.String
        ),
        expression=pl.Series([_expression(pattern) for pattern in patterns["pattern"]], dtype=pl.String),
    )
    sought = sorted(set(needles["needle"]))
    lower_id = pl.col("model_id").str.to_lowercase()
    return (
        ids.lazy()
        .filter(lower_id.str.contains_any(sought))
        .unique()
        .with_columns(lower_id=lower_id)
        .with_columns(needle=pl.col("lower_id").str.extract_many(sought, overlapping=True).list.unique())
        .explode("needle")
        .join(needles.lazy(), on="needle")
        .filter(pl.col("lower_id").str.contains(pl.col("expression")))
        .sort("model_id", pl.col("pattern").str.len_chars(), "pattern", descending=[False, True, False])
        .unique("model_id", keep="first", maintain_order=True)
        .select("model_id", "family", "organization_id", "status")
        .collect()
    )


def _expression(pattern: str) -> str:
    return "(?s)^" + ".*".join(re.escape(piece) for piece in pattern.split("%")) + "$"
