"""Families: the generations of models and what descends from them in the lists that were seen.

`seen` says in words of which lists the counts are.
"""

from datetime import date
from math import log10

import plotly.graph_objects as go
import polars as pl

from dashboards.data import ModelList
from dashboards.figures.chart import Chart, canvas, full, isodates, label, nothing, row_labels
from dashboards.theme import BLUE, GREEN, GREY, ORANGE, PURPLE, organization_colour
from dashboards.words import cut, exact, list_words, percent, plural

SHOWN = 15
NAMED = 12
RELATIONS = (
    ("finetunes", "finetunes", "circle", BLUE),
    ("adapters", "adapters", "square", ORANGE),
    ("quantized", "quantized copies", "diamond", GREEN),
    ("merges", "merges", "cross", PURPLE),
)


def relations(frame: pl.DataFrame, seen: str) -> Chart:
    """Draw the largest families with their derivatives, and beside it how these declare to descend."""
    name, question = "family-relations", "Which families have the most descendants?"
    rows = frame.filter(pl.col("derivatives") > 0).head(SHOWN)
    if rows.is_empty():
        return nothing(name, question, "No model of this release belongs to a curated family.")
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(44 * rows.height + 90, showlegend=True)
    figure.add_trace(
        go.Bar(
            x=rows["derivatives"].to_list(), y=places, orientation="h", width=0.34, name="derivatives",
            marker={"color": GREY, "opacity": 0.45},
            customdata=[full(family) for family in rows["family"].to_list()],
            hovertemplate="%{customdata}<br>%{x:,} derivatives<extra></extra>",
        )
    )  # fmt: skip
    for column, legend, symbol, colour in RELATIONS:
        figure.add_trace(
            go.Scatter(
                x=rows[column].to_list(), y=places, mode="markers", name=legend,
                marker={"size": 9, "symbol": symbol, "color": colour},
                customdata=[full(family) for family in rows["family"].to_list()],
                hovertemplate=f"%{{customdata}}<br>%{{x:,}} {legend}<extra></extra>",
            )
        )  # fmt: skip
    texts = [f"{label(row['family'], 24)} · {label(row['organization'], 24)}: {exact(row['derivatives'])}"
             for row in rows.iter_rows(named=True)]  # fmt: skip
    row_labels(figure, texts, places, 0.42)
    figure.update_xaxes(rangemode="tozero", title="models")
    figure.update_yaxes(range=[-rows.height + 0.5, 0.85])
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=f"{cut(first['family'], 30)} has the most derivatives seen: {exact(first['derivatives'])}",
        subtitle=(
            f"Derivatives of {plural(rows.height, 'family', 'families')}, the largest first (models that lie "
            "outside the accounts of the family's maker), and how these derivatives descend (marks); "
            f"{seen}."
        ),
        alt="Bars, one a family: " + "; ".join(texts),
        table=rows.select(
            "family", "organization", "derivatives", "finetunes", "adapters", "quantized", "merges"
        ),
        figure=figure,
        note=(
            "The marks do not add up to the bar: a model can descend in two ways, and some tags tell no way."
        ),
        headings=HEADINGS,
    )  # fmt: skip


HEADINGS = {
    "family": "Family", "organization": "Maker", "derivatives": "Derivatives", "finetunes": "Finetunes",
    "adapters": "Adapters", "quantized": "Quantized", "merges": "Merges", "accounts": "Accounts",
    "deepest": "Deepest line", "first_release_date": "First release", "models": "Models",
    "named_only": "Only named", "modality": "Modality", "is_well_funded": "Maker well funded",
    "families": "Families", "share": "Share of downloads", "downloads_30d": "Downloads in 30 days",
}  # fmt: skip


def organizations(frame: pl.DataFrame, seen: str) -> Chart:
    """Draw the derivatives by the organization that made the family."""
    name, question = "family-makers", "Whose families are built upon?"
    sums = frame.group_by("organization_id", "organization").agg(
        families=pl.col("family").len(), derivatives=pl.col("derivatives").sum()
    )
    total = int(sums["derivatives"].sum() or 0)
    rows = (
        sums.filter(pl.col("derivatives") > 0)
        .sort("derivatives", "organization_id", descending=[True, False])
        .head(NAMED)
    )
    if rows.is_empty():
        return nothing(name, question, "No model of this release belongs to a curated family.")
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(40 * rows.height + 70)
    figure.add_trace(
        go.Bar(
            x=rows["derivatives"].to_list(), y=places, orientation="h", width=0.36, name="derivatives",
            marker={"color": [organization_colour(one) for one in rows["organization_id"].to_list()]},
            customdata=[full(one) for one in rows["organization"].to_list()],
            hovertemplate="%{customdata}<br>%{x:,} derivatives<extra></extra>",
        )
    )  # fmt: skip
    texts = [
        f"{label(row['organization'], 34)}: {exact(row['derivatives'])} in "
        f"{plural(row['families'], 'family', 'families')}"
        for row in rows.iter_rows(named=True)
    ]
    row_labels(figure, texts, places, 0.42)
    figure.update_xaxes(rangemode="tozero", title="derivatives")
    figure.update_yaxes(range=[-rows.height + 0.5, 0.85])
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=(
            f"{percent(first['derivatives'] / total)} of the derivatives seen stand on families of "
            f"{cut(first['organization'], 30)}"
        ),
        subtitle=f"Derivatives of curated families by maker, of {exact(total)} with a family; {seen}.",
        alt="Bars, one an organization: " + "; ".join(texts),
        table=rows.select("organization", "families", "derivatives"),
        figure=figure,
        headings=HEADINGS,
    )


def downloads(frame: pl.DataFrame, chosen: ModelList) -> Chart:
    """Draw the families with the largest part of a list's downloads."""
    name, question = "family-downloads", "Which families are downloaded the most?"
    none = sum(frame.filter(pl.col("family") == "(none)")["share"].to_list())
    rows = frame.filter(pl.col("family") != "(none)").head(NAMED)
    if rows.is_empty():
        return nothing(name, question, "The headline list has no model of a curated family.")
    places = [float(-place) for place in range(rows.height)]
    figure = canvas(40 * rows.height + 70)
    figure.add_trace(
        go.Bar(
            x=rows["share"].to_list(), y=places, orientation="h", width=0.36, name="share of downloads",
            marker={"color": [organization_colour(one) for one in rows["organization_id"].to_list()]},
            customdata=[
                f"{full(row['family'])}<br>{exact(row['downloads_30d'])} downloads"
                for row in rows.iter_rows(named=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    texts = [
        f"{label(row['family'], 24)} · {label(row['organization'] or 'maker not known', 24)}: "
        f"{percent(row['share'])}"
        for row in rows.iter_rows(named=True)
    ]
    row_labels(figure, texts, places, 0.42)
    figure.update_xaxes(rangemode="tozero", tickformat=".0%", nticks=6)
    figure.update_yaxes(range=[-rows.height + 0.5, 0.85])
    first = rows.row(0, named=True)
    return Chart(
        name=name,
        title=(
            f"{cut(first['family'], 30)} and what descends from it have {percent(first['share'])} of the "
            "downloads of one list"
        ),
        subtitle=(
            "Share of the 30-day downloads of all models in "
            f"{list_words(chosen.title, chosen.snapshot_date)}; a family holds its maker's models and their "
            f"descendants. {percent(none)} belong to no curated family."
        ),
        alt="Bars, one a family: " + "; ".join(texts),
        table=rows.select("family", "organization", "models", "downloads_30d", "share"),
        figure=figure,
        headings=HEADINGS,
    )


def firsts(frame: pl.DataFrame, seen: str) -> Chart:
    """Draw when the families were first released and how many derivatives of them were seen."""
    name, question = "family-firsts", "When were the families released?"
    rows = frame.filter(pl.col("first_release_date").is_not_null(), pl.col("derivatives") > 0).sort(
        "first_release_date", "family"
    )
    if rows.is_empty():
        return nothing(name, question, "No family of this release has a known first release and derivatives.")
    figure = canvas(420)
    figure.add_trace(
        go.Scatter(
            x=isodates(rows["first_release_date"].to_list()), y=rows["derivatives"].to_list(), mode="markers",
            name="families",
            marker={"size": 9, "opacity": 0.85,
                    "color": [organization_colour(one) for one in rows["organization_id"].to_list()]},
            customdata=[
                f"{full(row['family'])} ({full(row['organization'])})" for row in rows.iter_rows(named=True)
            ],
            hovertemplate="%{customdata}<br>%{x|%-d %b %Y}: %{y:,} derivatives<extra></extra>",
        )
    )  # fmt: skip
    labelled: list[tuple[date, float]] = []
    for row in rows.sort("derivatives", "family", descending=[True, False]).head(8).iter_rows(named=True):
        when, height = row["first_release_date"], log10(row["derivatives"])
        if any(abs((when - other).days) < 420 and abs(height - level) < 0.18 for other, level in labelled):
            continue
        labelled.append((when, height))
        figure.add_annotation(
            text=label(row["family"], 20), x=when.isoformat(), y=height, xanchor="right", xshift=-7,
            font={"size": 11},
        )  # fmt: skip
    figure.update_yaxes(type="log", title="derivatives, log scale", dtick=1)
    silent = frame.height - rows.height
    first, last = rows["first_release_date"].to_list()[0], rows["first_release_date"].to_list()[-1]
    return Chart(
        name=name,
        title=(
            f"{plural(rows.height, 'family', 'families')} with derivatives, first released from {first.year} "
            f"to {last.year}"
        ),
        subtitle=f"Derivatives seen by date of the family's first release, logarithmic axis; {seen}.",
        alt="Dots, one a family, by date of first release and number of derivatives.",
        table=rows.select("family", "organization", "first_release_date", "derivatives"),
        figure=figure,
        note=(
            f"Not drawn: {plural(silent, 'family', 'families')} without a known date or without derivatives "
            "seen. Young families had less time, and no list knows what came out after its day: no decline "
            "can be read."
        ),
        headings=HEADINGS,
    )
