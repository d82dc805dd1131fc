"""The page of families: figures from small frames to titles and reasons, and the trees that are loaded."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.build import build_site, figure_json
from dashboards.data import families as data
from dashboards.data.common import ModelList
from dashboards.data.release import open_release
from dashboards.figures import families as figures
from dashboards.figures import lives, migration
from dashboards.language import Language
from dashboards.pages import families as page
from dashboards.theme import ORGANIZATIONS, RELATIONS
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, Rows, write_release

EN, ZH = Language("en"), Language("zh")
BOTH = pytest.mark.parametrize("t", [EN, ZH])
SEEN = figures.Seen("2 lists", "a-list, another", date(2024, 9, 20), DAY)


def families(*rows: tuple[str, int]) -> pl.DataFrame:
    """Make families of one maker with so many derivatives, in the order of the query."""
    return pl.DataFrame(
        [
            {"family": family, "organization_id": "meta", "organization": "Meta", "is_well_funded": True,
             "modality": "language", "first_release_date": date(2024, 1, 1 + place), "models": count + 1,
             "derivatives": count, "finetunes": count, "adapters": 0, "quantized": 1, "merges": 0,
             "accounts": 3, "deepest": 2, "named_only": 0}
            for place, (family, count) in enumerate(rows)
        ],
    )  # fmt: skip


def grown(family: str, counts: dict[int, int], *, is_illustration: bool = True) -> list[dict[str, Any]]:
    """Make the growth of a family in one list."""
    return [
        {"series": "births_surviving", "scope": "s", "family": family, "organization_id": "meta",
         "days_since_release": days, "release_date": date(2024, 1, 1), "as_of_date": DAY,
         "is_illustration": is_illustration, "derivatives": count, "authors": count, "undated": 2,
         "downloads_30d": None, "title": "a list"}
        for days, count in counts.items()
    ]  # fmt: skip


def moved(left: str, right: str, authors: int, of: int, **others: Any) -> dict[str, Any]:
    """Make one cell of who went from whom to whom."""
    told = of >= 10
    return {
        "series": "births_surviving", "scope": "s", "title": "a list", "as_of_date": DAY,
        "is_illustration": True, "is_unfinished": False, "from_base": left, "to_base": right,
        "from_name": left.title(), "to_name": right.title(), "move": "stayed" if left == right else "moved",
        "authors": authors, "from_authors": of, "share": authors / of if told else None,
        "lower": 0.1 if told else None, "upper": 0.6 if told else None, "authors_back": 1,
        "onward_share": None, "status": "illustration", **others,
    }  # fmt: skip


@BOTH
def test_the_largest_family_and_maker_are_in_the_titles(t: Language) -> None:
    frame = families(("Llama 9", 300), ("Llama 8", 100), ("Silent", 0))
    chart = figures.relations(frame, SEEN, t)
    assert "Llama 9" in chart.title
    assert "300" in chart.title
    assert chart.table["derivatives"].to_list() == [300, 100]
    makers = figures.makers(frame, 77, SEEN, t)
    assert "100" in makers.title, "all are Meta's: 100 %"
    assert "77" in makers.subtitle, "what has no family is told"
    for told in (chart, makers):
        assert t.day(DAY) in told.title
        assert told.context == {
            "scope": "a-list, another", "first_date": date(2024, 9, 20), "as_of_date": DAY,
        }  # fmt: skip
    assert chart.figure is not None
    assert [trace.name for trace in chart.figure.data][1:] == [
        t(f"common.relations.{one}") for _, one, _ in figures.MARKS
    ]


@BOTH
def test_downloads_leave_out_those_of_no_family_but_say_their_share(t: Language) -> None:
    frame = pl.DataFrame(
        {"family": ["(none)", "Llama 9"], "organization_id": [None, "meta"], "organization": [None, "Meta"],
         "models": [5, 3], "downloads_30d": [70, 30], "share": [0.7, 0.3]}
    )  # fmt: skip
    chart = figures.downloads(frame, ModelList(DAY, "s", "a list"), t)
    assert t.percent(0.3) in chart.title
    assert t.percent(0.7) in chart.subtitle
    assert chart.table["family"].to_list() == ["Llama 9"]


@BOTH
def test_nothing_is_drawn_of_nothing_and_the_reason_said(t: Language) -> None:
    none = families(("x", 0))
    charts = [
        figures.relations(none, SEEN, t), figures.makers(none, 0, SEEN, t), figures.firsts(none, SEEN, t),
        lives.growth(pl.DataFrame(grown("x", {0: 1})), t),
        migration.matrix(pl.DataFrame([moved("a", "b", 1, 2)]).clear(), t),
    ]  # fmt: skip
    for chart in charts:
        assert chart.figure is None
        assert chart.empty
        assert chart.title.endswith(("?", "？"))


@BOTH
def test_growth_is_of_one_list_and_a_partial_one_says_so(t: Language) -> None:
    frame = pl.DataFrame([*grown("Qwen 9", {0: 0, 7: 20, 30: 200}), *grown("Small", {0: 1, 7: 5})])
    chart = lives.growth(frame, t)
    where = t("families.where.partial", day=t.short_day(DAY))
    assert chart.title == t("families.growth.title", where=where, family="Qwen 9", n=200, days=30)
    assert chart.context == {"series": "births_surviving", "scope": "s", "as_of_date": DAY}
    assert chart.table["family"].unique().to_list() == ["Qwen 9"], "fewer than ten derivatives draw no line"
    assert 0 not in chart.table["derivatives"].to_list(), "a logarithmic axis has no zero"
    whole = [
        {**row, "scope": "hub", "title": "the Hub"} for row in grown("Other", {7: 12}, is_illustration=False)
    ]
    both = pl.DataFrame([*frame.to_dicts(), *whole])
    assert lives.growth(both, t).table["family"].to_list() == ["Other"], "a whole population comes first"


def half_life(family: str, days: int | None, status: str) -> dict[str, Any]:
    return {
        "family": family, "organization_id": "meta", "series": "births_surviving", "scope": "s",
        "title": "a list", "release_date": date(2024, 1, 1), "as_of_date": DAY, "is_illustration": True,
        "horizon_days": 365, "derivatives": 42, "authors": 12, "half_life_days": days,
        "lower_days": None if days is None else days - 20, "upper_days": None if days is None else days + 30,
        "status": status,
    }  # fmt: skip


@BOTH
def test_a_half_life_has_its_interval_and_a_missing_one_its_reason(t: Language) -> None:
    known = half_life("Llama 9", 177, "illustration: 42 of 50 derivatives in a partial list are dated")
    missing = half_life("Young", None, "not estimable: followed for 90 of 365 days")
    chart = lives.half_lives(pl.DataFrame([known, missing]), t)
    assert "177" in chart.title
    assert t.range("157", "207") in chart.title
    assert chart.table["status"].to_list() == [
        t(
            "families.status.illustration_n_of_n_derivatives_in_a_partial_list_are_dated",
            first="42",
            second="50",
        )
    ]
    alone = lives.half_lives(pl.DataFrame([missing], infer_schema_length=None), t)
    assert alone.figure is None
    assert (
        t("families.status.not_estimable_followed_for_n_of_n_days", first="90", second="365") in alone.empty
    )


@BOTH
def test_rows_of_half_lives_name_the_day_of_their_list_whole_on_a_phone_too(t: Language) -> None:
    title = "a few chosen models and their descendants, as the family trees on the Hub showed them"
    row = {**half_life("Llama 9", 177, "illustration"), "title": title}
    figure = lives.half_lives(pl.DataFrame([row]), t).figure
    assert figure is not None
    narrow = figure.layout.meta["narrow"]["annotations.0.text"]
    for told in (figure.layout.annotations[0].text, narrow.replace("<br>", " ")):
        assert t.short_day(DAY) in told.replace(" ", "\u00a0") or t.short_day(DAY) in told
        assert "…" not in told


@BOTH
def test_families_without_a_date_and_without_derivatives_are_counted_apart(t: Language) -> None:
    frame = families(("Known", 30), ("Undated", 20), ("Silent", 0)).with_columns(
        first_release_date=pl.when(pl.col("family") == "Undated").then(None).otherwise("first_release_date")
    )
    chart = figures.firsts(frame, SEEN, t)
    assert chart.title == t("families.firsts.title", n=1, of=2, first="2024", last="2024")
    assert t("families.firsts.note", undated=1, silent=1) == chart.note


def living(age: int, share: float | None, status: str, *, is_illustration: bool = False) -> dict[str, Any]:
    return {
        "series": "births_observed", "scope": "s", "title": "the Hub", "as_of_date": DAY, "age_days": age,
        "is_illustration": is_illustration, "at_risk": 20, "deaths": 3, "survival": share,
        "lower": None if share in (None, 1.0) else share - 0.1,
        "upper": None if share in (None, 1.0) else 0.95, "status": status,
    }  # fmt: skip


@BOTH
def test_survival_is_a_curve_with_a_band_or_a_reason(t: Language) -> None:
    counts = pl.DataFrame(
        [{"series": "births_surviving", "scope": "s", "title": "a list", "as_of_date": DAY,
          "birth_state": "born", "life_state": "alive", "families": 11}]
    )  # fmt: skip
    curve = lives.survival(
        pl.DataFrame([living(90, 1.0, "estimated"), living(365, 0.8, "estimated")]), counts, t
    )
    assert curve.title == t("families.survival.title", share=t.percent(0.8), days=365)
    assert curve.figure is not None
    assert curve.figure.data[0].fill == "toself"
    reason = "not estimable: silence in a partial list is no death"
    partial = pl.DataFrame(
        [living(90, None, reason, is_illustration=True)], schema_overrides={"survival": pl.Float64}
    )
    none = lives.survival(partial, counts, t)
    assert none.figure is None
    assert "11" in none.empty


@BOTH
def test_a_move_is_told_with_what_went_the_other_way(t: Language) -> None:
    frame = pl.DataFrame(
        [moved("meta", "alibaba", 7, 23, authors_back=3), moved("meta", "meta", 8, 23),
         moved("alibaba", "meta", 3, 28, authors_back=7), moved("google", "meta", 1, 4),
         moved("unknown", "alibaba", 14, 20)]
    )  # fmt: skip
    chart = migration.matrix(frame, t)
    moved_words = {"n": 7, "of": 23, "left": "Meta", "right": "Alibaba", "back": 3}
    where = t("families.where.partial", day=t.short_day(DAY))
    assert chart.title == t("families.migration.title", where=where, **moved_words), "not of nobody's base"
    named = migration.where(frame, t)
    assert "a list" in named
    assert t.short_day(DAY) in named
    assert migration.largest_move(frame, t) == t("families.migration.title", where=named, **moved_words)
    lines = migration.claims(frame, page.CLAIMS, t)
    assert t.percent(7 / 23) in lines[1]
    assert "%" not in lines[0], "four authors give no share"
    assert chart.table.height == frame.height


def authors(base: str, half: str, count: int, of: int, *, is_unfinished: bool = False) -> dict[str, Any]:
    return {
        "series": "births_surviving", "scope": "s", "title": "a list", "as_of_date": DAY,
        "is_illustration": True, "is_unfinished": is_unfinished, "half_year": half,
        "half_date": date(int(half[:4]), 1 if half.endswith("1") else 7, 1), "base": base,
        "organization": base.title(), "authors": count, "new_authors": 1, "half_year_authors": of,
        "share": count / of if of >= 10 else None, "lower": 0.0, "upper": 0.9, "status": "illustration",
    }  # fmt: skip


@BOTH
def test_an_unfinished_half_year_is_dotted_and_makes_no_title(t: Language) -> None:
    frame = pl.DataFrame(
        [authors("meta", "2024-H1", 30, 50), authors("alibaba", "2024-H1", 10, 50),
         authors("meta", "2024-H2", 5, 40, is_unfinished=True),
         authors("alibaba", "2024-H2", 30, 40, is_unfinished=True), authors("meta", "2023-H2", 2, 3)]
    )  # fmt: skip
    chart = migration.bases(frame, t)
    assert "Meta" in chart.title
    assert chart.table["half_year"].unique().sort().to_list() == ["2024-H1", "2024-H2"]
    assert chart.figure is not None
    assert [trace.line.dash for trace in chart.figure.data] == ["solid", "dot"] * 2


def tree_rows() -> Rows:
    """Make a family with a root, a child with two parents, a grandchild, and a child of another family."""
    members = {"m/base": "F", "a/merge": "F", "b/grand": "F", "o/other": "G", "c/lost": "F"}
    edges = [
        ("a/merge", "m/base", "declared"), ("a/merge", "n/second", "declared"),
        ("b/grand", "a/merge", "config"), ("c/lost", "o/other", "declared"),
        ("m/base", "o/other", "inferred"),
    ]  # fmt: skip
    return {
        "core.models": [
            {"model_id": name, "family": family, "downloads_30d": place or None, "is_named_only": False,
             "downloads_date": DAY if place else None}
            for place, (name, family) in enumerate(members.items())
        ],
        "core.lineage": [
            {"child_id": child, "parent_id": parent, "relation": "merge", "evidence": evidence,
             "is_superseded": False}
            for child, parent, evidence in edges
        ],
        "marts.families": [
            {**families((family, 3)).row(0, named=True), "family": family} for family in ("F", "G")
        ],
    }  # fmt: skip


def test_a_model_hangs_below_its_first_parent_and_in_its_own_family(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    with open_release(write_release(tmp_path / "r.duckdb", models, tree_rows())) as release:
        trees = data.trees(release).filter(pl.col("family") == "F")
    told = {row["model_id"]: (row["parent_id"], row["size"], row["parents"]) for row in trees.to_dicts()}
    assert told == {
        "m/base": (None, 3, 0), "a/merge": ("m/base", 2, 2), "b/grand": ("a/merge", 1, 1),
        "c/lost": (None, 1, 1),
    }  # fmt: skip
    value = page.tree_value(trees)
    assert value["ids"] == ["m/base", "a/merge", "c/lost", "b/grand"], (
        "no model before the one it hangs below"
    )
    assert value["parents"] == [-1, 0, -1, 1]
    assert value["models"] == 4
    assert value["downloads_30d"] == [None, 1, 4, 2]
    assert value["downloads_date"] == {"names": [DAY.isoformat()], "rows": [-1, 0, 0, 0]}


def test_what_a_tree_leaves_out_stays_in_its_sizes(
    models: dict[str, SqlModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "MOST", 2)
    with open_release(write_release(tmp_path / "r.duckdb", models, tree_rows())) as release:
        value = page.tree_value(data.trees(release).filter(pl.col("family") == "F"))
    assert value["ids"] == ["m/base", "a/merge"]
    assert value["sizes"] == [3, 2]
    assert value["models"] == 4


def test_text_on_the_tints_of_the_tree_can_be_read() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ink = luminance("#1b2026")
    for colour in {*RELATIONS.values(), *ORGANIZATIONS.values()}:
        assert (luminance(page.tint(colour)) + 0.05) / (ink + 0.05) >= 4.5


@BOTH
def test_hostile_names_are_text_in_every_figure(t: Language) -> None:
    name = HOSTILE[0]
    frame = families(*((one, 30 - place) for place, one in enumerate(HOSTILE)))
    charts = [
        figures.relations(frame, SEEN, t), figures.makers(frame, 0, SEEN, t), figures.firsts(frame, SEEN, t),
        lives.growth(pl.DataFrame(grown(name, {7: 20})), t),
        lives.half_lives(pl.DataFrame([half_life(name, 9, name)]), t),
        migration.matrix(pl.DataFrame([moved(name, HOSTILE[1], 7, 23)]), t),
        migration.bases(pl.DataFrame([authors(name, "2024-H1", 30, 50)]), t),
    ]  # fmt: skip
    for chart in charts:
        drawn = json.dumps(json.loads(figure_json(chart)), ensure_ascii=False)
        assert "<img" not in drawn, chart.name
        assert "<script" not in drawn, chart.name


def test_the_page_of_a_hostile_release_is_built(models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows = tree_rows()
    for row in rows["core.models"]:
        row["family"] = HOSTILE[0]
    rows["marts.families"] = [{**rows["marts.families"][0], "family": HOSTILE[0]}]
    build_site(write_release(tmp_path / "r.duckdb", models, rows), tmp_path / "site", only=["families"])
    html = (tmp_path / "site" / "families.html").read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "#tree?family=%3Cimg" in html
    assert not set((tmp_path / "site" / "data" / "family-0.js").read_text(encoding="utf-8")) & set("<>&")


@BOTH
@pytest.mark.parametrize("is_whole", [True, False])
def test_lists_are_called_partial_only_where_all_are(
    is_whole: bool, t: Language, models: dict[str, SqlModel], tmp_path: Path
) -> None:
    rows = tree_rows()
    rows["marts.coverage"] = [
        {"scope": scope, "is_model_list": True, "is_whole_population": whole, "newest_date": DAY}
        for scope, whole in (("a-list", False), ("another", is_whole))
    ]
    with open_release(write_release(tmp_path / "r.duckdb", models, rows)) as release:
        built = page.build(release, t)
    kind = "whole" if is_whole else "partial"
    assert built.limits[0] == t(f"families.limits.{kind}")
    assert built.answer[1] == t(f"families.answer.{kind}", day=DAY)
    known = {"models": 5, "named_only": 0, "lists": t("common.lists", n=2), "days": t.short_day(DAY)}
    assert t("families.answer.known", **known) in built.answer[0]
    assert t(f"families.all.{kind}") in " ".join(built.sections[-1].text)
    assert (t("families.answer.partial") in built.answer) is not is_whole


@BOTH
def test_an_empty_release_says_so(empty_release: Path, t: Language) -> None:
    with open_release(empty_release) as release:
        built = page.build(release, t)
    assert built.answer == [t("families.none")]
    assert all(chart.figure is None for chart in built.charts)
