"""Openness: under which licence, behind which gate, and by which way the weights came to the public."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import Chart, canvas, full, nothing, on_phones
from dashboards.figures.lists import context, denominator
from dashboards.figures.rows import WHOLE_AXIS, Part, labelled, stacked
from dashboards.language import Language
from dashboards.theme import CLASSES, OPENNESS
from dashboards.words import sentence

#: The values of each dimension in the order of the parts; the last ones are what nobody tells.
VALUES = {
    "license": (
        "osi_approved", "open_content", "custom", "noncommercial", "unstated", "unclassified", "none_known",
    ),
    "gate": ("open", "gated", "unknown"),
    "way_out": ("open_release", "gated_release", "leaked_and_released", "leaked", "unknown"),
}  # fmt: skip
UNTOLD = ("none_known", "unknown")


def openness(frame: pl.DataFrame, chosen: ModelList, dimension: str, t: Language) -> Chart:
    """Draw one dimension by universe, weight and class."""
    name, question = f"openness-{dimension.replace('_', '-')}", t(f"dependence.openness.{dimension}.question")
    rows = _rows(frame.filter(pl.col("dimension") == dimension), VALUES[dimension])
    if rows.is_empty():
        return nothing(name, question, t("dependence.openness.empty"))
    parts = [
        Part(value, t(f"dependence.values.{dimension}.{value}"), OPENNESS[value], value in UNTOLD)
        for value in VALUES[dimension]
        if sum(rows[value].to_list()) > 0
    ]
    names = [_counted(row, t) for row in rows.iter_rows(named=True)]
    told = {value: t.percent(rows.item(0, value)) for value in VALUES[dimension]}
    texts = [
        f"{sentence(one)}: " + ", ".join(f"{part.name} {t.percent(row[part.column])}" for part in parts)
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]
    return Chart(
        name=name,
        title=sentence(t(f"dependence.openness.{dimension}.title", counted=names[0], **told)),
        subtitle=t("dependence.openness.subtitle",
                   list=t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)),
        alt=t("dependence.openness.alt", rows="; ".join(texts)),
        table=rows.select("universe", "dependence_class", "weight", "total", *VALUES[dimension]).rename(
            {value: f"{value}_share" for value in VALUES[dimension]}
        ),
        figure=_bars(rows, names, parts, t),
        note=t(f"dependence.openness.{dimension}.note"),
        headings={
            **t.table("dependence.headings"),
            **{f"{value}_share": sentence(t(f"dependence.values.{dimension}.{value}"))
               for value in VALUES[dimension]},
        },
        context=context(chosen, evidence="curated"),
    )  # fmt: skip


def _bars(rows: pl.DataFrame, names: list[str], parts: list[Part], t: Language) -> go.Figure:
    places = [-1.2 * place for place in range(rows.height)]
    figure = canvas(44 * rows.height + 110)
    stacked(figure, rows, places, parts, [full(sentence(one)) for one in names], t)
    texts = [
        t("dependence.openness.row", counted=sentence(one),
          total=denominator(t, row["weight"], row["total"]))
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    shorter = [sentence(_counted(row, t, "short")) for row in rows.iter_rows(named=True)]
    labelled(figure, texts, shorter, [place + 0.45 for place in places])
    figure.update_xaxes(**WHOLE_AXIS)
    figure.update_yaxes(range=[places[-1] - 0.5, 0.9])
    on_phones(figure, height=figure.layout.height + 60)
    return figure


def _counted(row: dict[str, Any], t: Language, form: str = "class") -> str:
    counted = t(f"dependence.counted.{row['weight']}", universe=t.universe(row["universe"]))
    if row["dependence_class"] == "all":
        return counted
    word = t(f"common.classes.{row['dependence_class']}")
    universe = t.universe(row["universe"])
    return t(f"dependence.openness.{form}", counted=counted, word=word, universe=universe)


def _rows(frame: pl.DataFrame, values: tuple[str, ...]) -> pl.DataFrame:
    """Give one row a bar: each universe by downloads and by models, then the classes of the first one."""
    wanted = [
        (universe, "all", weight)
        for universe in ("generative_language", "all")
        for weight in ("downloads_30d", "models")
    ]
    wanted += [("generative_language", one, "downloads_30d") for one in CLASSES]
    made = []
    for universe, one, weight in wanted:
        mine = frame.filter((pl.col("universe") == universe) & (pl.col("dependence_class") == one))
        column = "downloads_share" if weight == "downloads_30d" else "models_share"
        shares = dict(mine.select("value", column).iter_rows())
        if any(share is not None for share in shares.values()):
            made.append({
                "universe": universe, "dependence_class": one, "weight": weight,
                "total": int(mine[weight].sum()),
                **{value: float(shares.get(value) or 0.0) for value in values},
            })  # fmt: skip
    return pl.DataFrame(made)
