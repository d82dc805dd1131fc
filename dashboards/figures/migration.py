"""Who replaced whom: on whose bases authors build, and on whose they build half a year later.

An author is an account; its base is the organization that most of its dated derivatives of a half-year
descend from. A share of fewer authors than the table asks for is not estimable and stands as a count alone.
"""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.figures.chart import Chart, canvas, full, label, nothing, on_phones, spread, title_label
from dashboards.figures.families import headings
from dashboards.figures.lives import list_words, one_list, where_words
from dashboards.figures.marks import room_for, stroke, whiskers
from dashboards.figures.populations import context
from dashboards.language import Language
from dashboards.theme import BLUE, organization_colour
from dashboards.words import cut

#: So many bases have a row and a column; the others are in the table.
BASES = 8
LINES = 6
#: So many signs of a base's name stand beside the matrix, and on a phone.
SIGNS, PHONE_SIGNS = 34, 18
#: Bases that are no organization.
NOBODY = ("unknown", "several", "(none)")


def base_name(base: str, name: str | None, t: Language) -> str:
    """Name a base: an organization, or what stands for several or none that is known."""
    return t.or_else(f"families.bases.{base.strip('()')}", name or base)


def matrix(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw what authors built on in one half-year (rows) and in the next (columns), all pairs together."""
    rows = one_list(frame, "authors")
    question = t("families.migration.question")
    if rows.is_empty():
        return nothing("author-migration", question, t("families.migration.empty"))
    before, after = _most_used(rows, "from"), _most_used(rows, "to")
    cells = {(row["from_base"], row["to_base"]): row for row in rows.iter_rows(named=True)}
    names = {base: base_name(base, _name_of(rows, base), t) for base in [*before, *after]}
    figure = canvas(52 * len(before) + 110)
    figure.add_trace(_heat(cells, before, after, names, t))
    for y, left in enumerate(before):
        for x, right in enumerate(after):
            row = cells.get((left, right))
            if row is not None:
                figure.add_annotation(text=t.exact(row["authors"]), x=x, y=y, font=_ink(row))
    figure.update_xaxes(side="top", tickangle=-35)
    figure.update_yaxes(autorange="reversed")
    _name_axis(figure, "xaxis", [names[base] for base in after])
    _name_axis(figure, "yaxis", [names[base] for base in before])
    first = rows.row(0, named=True)
    return Chart(
        name="author-migration",
        title=_largest_words(rows, where_words(first, t), t) or question,
        subtitle=t(
            "families.migration.subtitle", authors=int(rows["authors"].sum()), list=list_words(first, t)
        ),
        alt="; ".join(_move_words(row, t) for row in rows.head(12).iter_rows(named=True)),
        table=_move_table(rows, t),
        figure=figure,
        note=t("families.migration.note_unfinished" if first["is_unfinished"] else "families.migration.note"),
        headings=headings(t),
        context=context(first),
    )


def _name_axis(figure: go.Figure, axis: str, names: list[str]) -> None:
    """Write the names of bases along an axis, shorter and smaller where the page is narrow."""
    figure.layout[axis].update(
        tickvals=list(range(len(names))), ticktext=[title_label(name, SIGNS) for name in names],
        fixedrange=True, showgrid=False,
    )  # fmt: skip
    short = {"ticktext": [title_label(name, PHONE_SIGNS) for name in names], "tickfont__size": 10}
    on_phones(figure, **{f"{axis}__{key}": value for key, value in short.items()})


def _most_used(rows: pl.DataFrame, end: str) -> list[str]:
    """Give the bases with the most authors before or after a move, those that are nobody's last."""
    sums = rows.group_by(f"{end}_base").agg(pl.col("authors").sum())
    bases = sums.sort("authors", f"{end}_base", descending=[True, False])[f"{end}_base"].to_list()
    return [base for base in bases if base not in NOBODY][:BASES] + [one for one in NOBODY if one in bases]


def _name_of(rows: pl.DataFrame, base: str) -> str | None:
    for end in ("from", "to"):
        found = rows.filter(pl.col(f"{end}_base") == base)[f"{end}_name"].to_list()
        if found:
            return str(found[0]) if found[0] else None
    return None


def _heat(
    cells: dict[tuple[str, str], dict[str, Any]], before: list[str], after: list[str],
    names: dict[str, str], t: Language,
) -> go.Heatmap:  # fmt: skip
    """Colour a cell by its share of the row's authors; grey where that is not estimable."""
    shares = [[_share(cells.get((left, right))) for right in after] for left in before]
    hovers = [
        [_move_words(cells[left, right], t) if (left, right) in cells else
         t("families.migration.nobody", left=full(names[left]), right=full(names[right])) for right in after]
        for left in before
    ]  # fmt: skip
    return go.Heatmap(
        z=shares, x=list(range(len(after))), y=list(range(len(before))), customdata=hovers,
        zmin=0, zmax=1, showscale=False, xgap=2, ygap=2, hoverongaps=True,
        colorscale=[[0, "rgba(59,125,216,0.06)"], [1, BLUE]],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _share(row: dict[str, Any] | None) -> float | None:
    return None if row is None else row["share"]


def _ink(row: dict[str, Any]) -> dict[str, Any]:
    """Write on a strong colour in white, in bold where the share counts."""
    share = row["share"]
    if share is None:
        return {"size": 13}
    return {"size": 14, "weight": 650, **({"color": "#ffffff"} if share > 0.75 else {})}


def _move_words(row: dict[str, Any], t: Language) -> str:
    """Say of a cell who went where, with its share or that there is none."""
    left = full(base_name(row["from_base"], row["from_name"], t))
    right = full(base_name(row["to_base"], row["to_name"], t))
    kind = "stayed" if row["move"] == "stayed" else "moved"
    words = t(f"families.migration.{kind}", left=left, right=right, n=row["authors"], of=row["from_authors"])
    if row["share"] is None:
        return t("families.migration.too_few", words=words)
    return t("families.migration.with_share", words=words, share=t.percent(row["share"]),
             range=t.percent_range(row["lower"], row["upper"]))  # fmt: skip


def largest_move(frame: pl.DataFrame, t: Language) -> str:
    """Tell the largest move that is estimable and of which list it is; nothing where there is none."""
    return _largest_words(one_list(frame, "authors"), where(frame, t), t)


def where(frame: pl.DataFrame, t: Language) -> str:
    """Name the list that follows the most authors."""
    rows = one_list(frame, "authors")
    return where_words(rows.row(0, named=True), t, is_named=True) if rows.height else ""


def _largest_words(rows: pl.DataFrame, place: str, t: Language) -> str:
    """Tell the largest move that is estimable, with what went the other way."""
    moved = rows.filter(
        pl.col("move") == "moved", pl.col("share").is_not_null(),
        ~pl.col("from_base").is_in(NOBODY), ~pl.col("to_base").is_in(NOBODY),
    ).sort("authors", "from_base", "to_base", descending=[True, False, False])  # fmt: skip
    if moved.is_empty():
        return ""
    first = moved.row(0, named=True)
    return t(
        "families.migration.title", where=place, n=first["authors"], of=first["from_authors"],
        left=cut(base_name(first["from_base"], first["from_name"], t), 30),
        right=cut(base_name(first["to_base"], first["to_name"], t), 30), back=first["authors_back"] or 0,
    )  # fmt: skip


def _move_table(rows: pl.DataFrame, t: Language) -> pl.DataFrame:
    told = [
        {
            "from_base": base_name(row["from_base"], row["from_name"], t),
            "to_base": base_name(row["to_base"], row["to_name"], t),
            "authors": row["authors"], "from_authors": row["from_authors"], "share": row["share"],
            "lower_share": row["lower"], "upper_share": row["upper"], "authors_back": row["authors_back"],
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    return pl.DataFrame(told, infer_schema_length=None)


def claims(frame: pl.DataFrame, pairs: tuple[tuple[str, str], ...], t: Language) -> list[str]:
    """Say of pairs of organizations how many authors went from one to the other, and how many back."""
    rows = one_list(frame, "authors")
    lines = []
    for left, right in pairs:
        found = rows.filter(pl.col("from_base") == left, pl.col("to_base") == right)
        back = rows.filter(pl.col("from_base") == right, pl.col("to_base") == left)
        if found.is_empty():
            continue
        words = _move_words(found.row(0, named=True), t)
        other = int(back["authors"].sum() or 0)
        lines.append(t("families.migration.claim", words=words, back=t("families.migration.back", n=other)))
    return lines


def bases(frame: pl.DataFrame, t: Language) -> Chart:
    """Draw the share of each half-year's authors by whose bases they build on, with intervals."""
    question = t("families.authors.question")
    rows = one_list(frame, "authors").filter(pl.col("share").is_not_null())
    if rows.is_empty():
        return nothing("authors-by-base", question, t("families.authors.empty"))
    named = rows.filter(~pl.col("base").is_in(NOBODY))
    sums = named.group_by("base").agg(pl.col("authors").sum())
    chosen = sums.sort("authors", "base", descending=[True, False])["base"].to_list()[:LINES]
    if not chosen:
        return nothing("authors-by-base", question, t("families.authors.empty"))
    table = rows.filter(pl.col("base").is_in(chosen))
    return Chart(
        name="authors-by-base",
        title=_authors_title(rows, t),
        subtitle=t("families.authors.subtitle", list=list_words(rows.row(0, named=True), t)),
        alt="; ".join(_authors_words(row, t) for row in table.iter_rows(named=True)),
        table=table.select(
            "half_year", pl.col("organization").fill_null(pl.col("base")), "authors", "new_authors",
            "half_year_authors", "share", pl.col("lower").alias("lower_share"),
            pl.col("upper").alias("upper_share"), "is_unfinished",
        ),
        figure=_base_lines(rows, chosen, t),
        note=t("families.authors.note"),
        headings=headings(t),
        context=context(rows.row(0, named=True)),
    )  # fmt: skip


def _base_lines(rows: pl.DataFrame, chosen: list[str], t: Language) -> go.Figure:
    """Draw one line a base, a little beside the others, named where it reaches the newest half-year."""
    figure = canvas(440)
    halves = rows["half_year"].unique().sort().to_list()
    ends: list[tuple[str, float, str]] = []
    for place, base in enumerate(chosen):
        line = rows.filter(pl.col("base") == base).sort("half_date")
        _authors_line(figure, line, halves, place - (len(chosen) - 1) / 2, t)
        if line["half_date"].to_list()[-1] == rows["half_date"].max():
            name = base_name(base, line["organization"][0], t)
            ends.append((base, float(line["share"].to_list()[-1]), name))
    short = _name_lines(figure, ends, len(halves))
    ticks = [_tick(half, rows, t) for half in halves]
    figure.update_xaxes(
        tickvals=list(range(len(halves))), ticktext=ticks, tickangle=0, showgrid=False,
        range=[-0.35, len(halves) - 1 + 0.9],
    )  # fmt: skip
    on_phones(
        figure, xaxis__range=[-0.35, (len(halves) - 0.65) * room_for(short or [""]) - 0.35],
        xaxis__ticktext=[tick.replace(" ", "<br>") for tick in ticks], xaxis__tickfont__size=11,
    )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", title=t("families.authors.axis"))
    return figure


def _half_words(half: str, t: Language) -> str:
    year, _, number = half.partition("-H")
    return t(f"families.authors.half_{number}", year=year)


def _tick(half: str, rows: pl.DataFrame, t: Language) -> str:
    is_unfinished = rows.filter(pl.col("half_year") == half)["is_unfinished"].any()
    year, _, number = half.partition("-H")
    words = label(t("families.authors.tick", year=year, number=number), 24)
    return f"{words}<br>{t('families.authors.unfinished')}" if is_unfinished else words


def _authors_line(figure: go.Figure, line: pl.DataFrame, halves: list[str], side: float, t: Language) -> None:
    """Draw one base: a line with whiskers, its last part dashed where the half-year is unfinished."""
    colour = organization_colour(line["base"][0])
    finished = line.filter(~pl.col("is_unfinished")).height
    for start, stop, dash in ((0, finished, "solid"), (max(finished - 1, 0), line.height, "dot")):
        if dash == "dot" and finished == line.height:
            continue
        some = line[start:stop]
        places = [halves.index(half) + 0.035 * side for half in some["half_year"].to_list()]
        shares, lower, upper = (some[name].to_list() for name in ("share", "lower", "upper"))
        figure.add_trace(
            go.Scatter(
                x=places, y=shares, mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2}, marker={"size": 8, "color": colour},
                error_y=whiskers(shares, lower, upper, colour, thickness=1),
                customdata=[_authors_words(row, t) for row in some.iter_rows(named=True)],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip


def _name_lines(figure: go.Figure, ends: list[tuple[str, float, str]], halves: int) -> list[str]:
    """Name the lines behind their ends, and without what stands in brackets on a phone; give these names."""
    heights = spread([share for _, share, _ in ends], 0.04)
    short = [cut(name.partition(" (")[0], PHONE_SIGNS) for *_, name in ends]
    for number, ((base, _, name), height) in enumerate(zip(ends, heights, strict=True)):
        stroke_of = stroke(organization_colour(base))
        figure.add_annotation(
            text=stroke_of + label(name, SIGNS), x=halves - 1, y=height, xanchor="left", xshift=14,
            font={"size": 12},
        )  # fmt: skip
        on_phones(figure, **{f"annotations__{number}__text": stroke_of + label(short[number])})
    return short


def _authors_words(row: dict[str, Any], t: Language) -> str:
    return t(
        "families.authors.hover", half=_half_words(row["half_year"], t),
        base=full(base_name(row["base"], row["organization"], t)),
        n=row["authors"], of=row["half_year_authors"], share=t.percent(row["share"]),
        range=t.percent_range(row["lower"], row["upper"]),
    )  # fmt: skip


def _authors_title(rows: pl.DataFrame, t: Language) -> str:
    """Tell the largest base of the newest finished half-year; of the newest at all where none is finished."""
    finished = rows.filter(~pl.col("is_unfinished"))
    some = finished if finished.height else rows
    newest = some.filter(pl.col("half_date") == some["half_date"].max(), ~pl.col("base").is_in(NOBODY))
    if newest.is_empty():
        return t("families.authors.question")
    first = newest.sort("authors", "base", descending=[True, False]).row(0, named=True)
    return t(
        "families.authors.title", where=where_words(first, t), n=first["authors"],
        of=first["half_year_authors"],
        base=cut(base_name(first["base"], first["organization"], t), 30),
        half=_half_words(first["half_year"], t),
    )  # fmt: skip
