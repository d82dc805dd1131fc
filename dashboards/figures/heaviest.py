"""The heaviest: the ten models and the ten accounts that carry the headline."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.data.common import ModelList
from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, row_labels
from dashboards.figures.lists import context
from dashboards.figures.reasons import spoken
from dashboards.language import Language
from dashboards.theme import CLASSES
from dashboards.words import cut, cut_end

#: How long a name beside a bar may be.
PAGE_NAME, PHONE_NAME = 60, 26

_MODEL_COLUMNS = (
    "place",
    "model_id",
    "uploader",
    "base_model_id",
    "dependence_class",
    "downloads_30d",
    "share",
)
_ACCOUNT_COLUMNS = (
    "place", "account", "organization", "funding", "models", "downloads_30d", "share", "first_party_share",
    "at_stake_share",
)  # fmt: skip


def models(frame: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Name the most downloaded models with their class."""
    name, words = f"heaviest-models-{universe.replace('_', '-')}", t.universe(universe)
    if frame.is_empty():
        return nothing(
            name, t("overview.heaviest.models", universe=words), t("overview.heaviest.empty", universe=words)
        )
    rows = frame.rows(named=True)
    words_of = [t(f"common.classes.{row['dependence_class']}") for row in rows]
    classes = frame["dependence_class"].to_list()
    hovers = [f"{full(row['model_id'])}<br>{_downloads(row, t)}" for row in rows]
    return Chart(
        name=name,
        title=t(
            "overview.heaviest.models_title", n=frame.height, universe=words,
            share=t.percent(sum(frame["share"].to_list())),
        ),
        subtitle=t.joined(_subtitle(chosen, words, t), t("overview.heaviest.classes")),
        alt=_alt(rows, "model_id", t),
        table=frame.select(_MODEL_COLUMNS).with_columns(spoken("dependence_class", "common.classes", t)),
        figure=_bars(frame["share"].to_list(), _labels(rows, "model_id", words_of, t), hovers, classes),
        headings={column: t(f"overview.heaviest.columns.{column}") for column in _MODEL_COLUMNS},
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def accounts(frame: pl.DataFrame, chosen: ModelList, universe: str, t: Language) -> Chart:
    """Name the most downloaded accounts, with the class that the register gives them."""
    name, words = f"heaviest-accounts-{universe.replace('_', '-')}", t.universe(universe)
    if frame.is_empty():
        return nothing(
            name,
            t("overview.heaviest.accounts", universe=words),
            t("overview.heaviest.empty", universe=words),
        )
    rows = frame.rows(named=True)
    words_of = [t(f"overview.heaviest.funding.{row['funding'] or 'none'}") for row in rows]
    hovers = [
        f"{full(row['account'])}<br>{full(row['organization'] or t('overview.heaviest.funding.none'))}<br>"
        f"{_downloads(row, t)}"
        for row in rows
    ]
    classes = ["first_party" if (row["first_party_share"] or 0) >= 0.5 else "unknown" for row in rows]
    return Chart(
        name=name,
        title=t(
            "overview.heaviest.accounts_title", account=cut(rows[0]["account"], 40),
            share=t.percent(rows[0]["share"]), universe=words,
        ),
        subtitle=t.joined(_subtitle(chosen, words, t), t("overview.heaviest.colours")),
        alt=_alt(rows, "account", t),
        table=frame.select(_ACCOUNT_COLUMNS).with_columns(
            spoken("funding", "overview.heaviest.funding", t)
        ),
        figure=_bars(frame["share"].to_list(), _labels(rows, "account", words_of, t), hovers, classes),
        note=sensitivity(frame, t),
        headings={column: t(f"overview.heaviest.columns.{column}") for column in _ACCOUNT_COLUMNS},
        context=context(chosen, universe=universe, weight="downloads_30d", evidence="curated"),
    )  # fmt: skip


def sensitivity(frame: pl.DataFrame, t: Language) -> str:
    """Say how far the class of one account can move the headline; nothing where the release does not tell."""
    rows = frame.filter(pl.col("at_stake_share") > 0).sort(
        "at_stake_share", "place", descending=[True, False]
    )
    if rows.is_empty():
        return ""
    row = rows.row(0, named=True)
    kind = "fall" if (row["first_party_share"] or 0) > 0 else "rise"
    points = f"{100 * row['at_stake_share']:.1f}"
    return t(f"overview.heaviest.{kind}", account=cut(row["account"], 40), points=points)


def _downloads(row: dict[str, Any], t: Language) -> str:
    return t("overview.heaviest.downloads", number=row["downloads_30d"])


def _alt(rows: list[dict[str, Any]], column: str, t: Language) -> str:
    named = "; ".join(f"{cut(row[column], 60)} {t.percent(row['share'])}" for row in rows)
    return t("overview.heaviest.alt", rows=named)


def _subtitle(chosen: ModelList, words: str, t: Language) -> str:
    scope = cut_end(t.scope(chosen.scope, chosen.title), 120)
    listed = t.model_list(chosen.scope, scope, chosen.snapshot_date)
    return t("overview.heaviest.subtitle", universe=words, list=listed)


def _labels(rows: list[dict[str, Any]], column: str, words: list[str], t: Language) -> dict[int, list[str]]:
    """Write the label of each row with its name at most so long: on a page, and on a phone."""
    return {
        length: [
            t(
                "overview.heaviest.row",
                name=label(row[column], length),
                share=t.percent(row["share"]),
                word=word,
            )
            for row, word in zip(rows, words, strict=True)
        ]
        for length in (PAGE_NAME, PHONE_NAME)
    }


def _bars(
    shares: list[float], labels: dict[int, list[str]], hovers: list[str], classes: list[str]
) -> go.Figure:
    places = [float(-place) for place in range(len(shares))]
    figure = canvas(40 * len(shares) + 60)
    figure.add_trace(
        go.Bar(
            x=shares, y=places, orientation="h", width=0.36,
            marker={"color": [CLASSES[one] for one in classes]},
            customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    row_labels(figure, labels[PAGE_NAME], places, 0.42)
    on_phones(
        figure,
        annotations=[
            {**annotation.to_plotly_json(), "text": text}
            for annotation, text in zip(figure.layout.annotations, labels[PHONE_NAME], strict=True)
        ],
    )
    figure.update_xaxes(rangemode="tozero", tickformat=".0%", nticks=6)
    figure.update_yaxes(range=[-len(shares) + 0.5, 0.85])
    return figure
