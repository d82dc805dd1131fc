"""Dependence on teacher data: what learned from text that a proprietary model wrote or judged."""

import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import Chart, canvas, full, nothing, on_phones
from dashboards.figures.lists import context, denominator
from dashboards.figures.rows import Mark, as_shares, labelled, marked, span
from dashboards.language import Language
from dashboards.theme import BROWN, GREY, OLIVE, RED
from dashboards.words import cut, sentence

#: What is counted, in the order of the rows.
WEIGHTS = ("downloads_30d", "models", "derivatives")
SHARES = (
    "named_share", "judged_share", pl.col("own_share").alias("own_data_share"), "lower",
    "lower_with_unverified",
)  # fmt: skip
UNIVERSES = ("generative_language", "all")


def _marks(t: Language) -> tuple[Mark, ...]:
    return (
        Mark("named_share", t("dependence.teachers.marks.named_share"), "line-ns-open", GREY),
        Mark("judged_share", t("dependence.teachers.marks.judged_share"), "square-open", OLIVE),
        Mark(
            "lower_with_unverified",
            t("dependence.teachers.marks.lower_with_unverified"),
            "diamond-open",
            BROWN,
        ),
        Mark("lower", t("dependence.teachers.marks.lower"), "circle", RED),
    )


def teachers(frame: pl.DataFrame, chosen: ModelList | None, t: Language) -> Chart:
    """Draw for one list how much names its data, how much of that is judged, and what is proprietary."""
    name, question = "teacher-data", t("dependence.teachers.question")
    rows = frame.filter((pl.col("teacher") == "any_proprietary") & pl.col("lower").is_not_null())
    if chosen is not None:
        rows = rows.filter(
            (pl.col("scope") == chosen.scope) & (pl.col("snapshot_date") == chosen.snapshot_date)
        )
    if chosen is None or rows.is_empty():
        return nothing(name, question, t("dependence.teachers.empty"))
    order = [
        mine for universe in UNIVERSES for weight in WEIGHTS
        if (mine := rows.filter((pl.col("universe") == universe) & (pl.col("weight") == weight))).height
    ]  # fmt: skip
    rows = pl.concat(order)
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(48 * rows.height + 110)
    names = [
        t(f"dependence.counted.{row['weight']}", universe=t.universe(row["universe"]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    marked(figure, rows, places, _marks(t), [full(sentence(one)) for one in names], t)
    texts = [
        t("dependence.teachers.row", counted=sentence(one),
          total=denominator(t, row["weight"], row["total"]), share=t.percent(row["lower"]))
        for one, row in zip(names, rows.iter_rows(named=True), strict=True)
    ]  # fmt: skip
    labelled(figure, texts, [sentence(one) for one in names], [place + 0.42 for place in places])
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[places[-1] - 0.6, 0.9], showgrid=True, tickvals=places)
    on_phones(figure, height=figure.layout.height + 40)
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=sentence(t("dependence.teachers.title", counted=names[0], lower=t.percent(first["lower"]),
                         named=t.percent(first["named_share"]), judged=t.percent(first["judged_share"]))),
        subtitle=t("dependence.teachers.subtitle",
                   list=t.model_list(chosen.scope, chosen.title, chosen.snapshot_date)),
        alt=t("dependence.teachers.alt", rows="; ".join(texts)),
        table=as_shares(rows.select("universe", "weight", "total", *SHARES)),
        figure=figure,
        note=t("dependence.teachers.note"),
        headings=t.table("dependence.headings"),
        context=context(chosen, evidence="curated"),
    )  # fmt: skip


def by_list(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the lower bound among the derivatives of every list, side by side."""
    name, question = "teachers-by-list", t("dependence.teachers_by_list.question")
    every = frame.filter(
        (pl.col("teacher") == "any_proprietary")
        & (pl.col("weight") == "derivatives")
        & (pl.col("universe") == "all")
    )
    rows = every.filter(pl.col("lower").is_not_null())
    if rows.is_empty():
        return nothing(name, question, t("dependence.teachers.empty"))
    places = [-1.1 * place for place in range(rows.height)]
    figure = canvas(50 * rows.height + 110)
    hovers = [
        f"{full(t.scope(row['scope'], row['title']))}<br>{t.short_day(row['snapshot_date'])}"
        for row in rows.iter_rows(named=True)
    ]
    marked(figure, rows, places, _marks(t), hovers, t)

    texts = [
        t("dependence.teachers_by_list.row", day=t.short_day(row["snapshot_date"]),
          title=t.scope(row["scope"], row["title"]), share=t.percent(row["lower"]),
          total=denominator(t, row["weight"], row["total"]))
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    labelled(figure, texts, texts, [place + 0.45 for place in places])
    on_phones(figure, height=figure.layout.height + 40)
    figure.update_xaxes(rangemode="tozero", tickformat=".0%")
    figure.update_yaxes(range=[places[-1] - 0.6, 0.9], showgrid=True, tickvals=places)
    left_out = every.height - rows.height
    return Chart(
        name=name,
        title=_by_list_title(rows["lower"].to_list(), t),
        subtitle=t("dependence.teachers_by_list.subtitle", **span(rows, t)),
        alt=t("dependence.teachers_by_list.alt", rows="; ".join(
            f"{cut(row['scope'], 40)} {t.percent(row['lower'])}" for row in rows.iter_rows(named=True))),
        table=as_shares(rows.select("scope", "title", "snapshot_date", "total", *SHARES)),
        figure=figure,
        note=t("dependence.teachers_by_list.left_out", lists=t("common.lists", n=left_out))
        if left_out else "",
        headings=t.table("dependence.headings"),
        context={"universe": "all", "weight": "derivatives", "evidence": "curated"},
    )  # fmt: skip


def _by_list_title(shares: list[float], t: Language) -> str:
    """Say from where to where the lower bounds run; of one list, or where all read the same, say the one."""
    lower, upper = t.percent(min(shares)), t.percent(max(shares))
    form = "title_one" if len(shares) == 1 else "title_same" if lower == upper else "title"
    lists = t("common.lists", n=len(shares))
    return t(f"dependence.teachers_by_list.{form}", lower=lower, upper=upper, lists=lists)
