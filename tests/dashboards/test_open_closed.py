"""The page about open against closed: from hand-made tables to sentences, marks and reasons."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards.data import open_closed as data
from dashboards.data.release import open_release
from dashboards.figures.arena import arena_gap, arena_lag, gap_sentence
from dashboards.figures.costs import cost_amounts, cost_ratios
from dashboards.figures.marks import band
from dashboards.figures.packages import package_shares, packages_now, token_shares
from dashboards.figures.stars import repository_releases, repository_stars, star_dependence
from dashboards.language import Language
from dashboards.pages import open_closed as page
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import HOSTILE, Rows, assert_inert, write_release

EN, ZH = Language("en"), Language("zh")
NOISY = "not estimable: ratings of this scale move too much from date to date"


def gap(when: date, points: float, **others: Any) -> dict[str, Any]:
    return {
        "board": "text/overall", "as_of_date": when, "scale": 1, "noise_points": 0.5, "models": 200,
        "unverified_models": 4, "open_model": "open-1", "open_rating": 1400.0,
        "proprietary_model": "closed-1", "proprietary_rating": 1400.0 + points,
        "gap_points": points, "gap_lower": points - 5,
        "gap_upper": points, "interval_lower": points - 8, "interval_upper": points + 8,
        "open_win_share": 0.45, "lag_days": 30, "lag_status": "caught up", **others,
    }  # fmt: skip


def shares(when: date, share: float, package_set: str = "clients", **others: Any) -> dict[str, Any]:
    return {
        "as_of_date": when, "package_set": package_set, "list_length": 8000, "open_packages": 10,
        "proprietary_packages": 11, "neutral_packages": 1, "censored_packages": 2, "proprietary_share": share,
        "proprietary_lower": share / 2, "panel_packages": 20, "panel_share": share, **others,
    }  # fmt: skip


def package(name: str, access: str, when: date, downloads: int | None, role: str = "sdk") -> dict[str, Any]:
    return {
        "package": name, "as_of_date": when, "downloads_30d": downloads, "is_censored": downloads is None,
        "list_length": 8000, "organization_id": "x", "access": access, "role": role,
    }  # fmt: skip


def cost(name: str, definition: str, amount: int, base: int | None = None, **others: Any) -> dict[str, Any]:
    return {
        "derivative": name, "definition": definition, "derivative_amount": amount, "base_model": "Base",
        "unit": "gpu_hours" if definition == "final_run_gpu_hours" else "usd", "base_amount": base,
        "derivative_precision": "about", "base_precision": "exact" if base else None,
        "ratio": amount / base if base else None, "ratio_precision": "about" if base else None,
        "note": None if base else "not estimable: the base has no cost by this definition", **others,
    }  # fmt: skip


def standing(when: date, shares_of: dict[str, float], count: int = 4) -> list[dict[str, Any]]:
    """Make the rows of a day: the share of each class, with unknown ones as the distance of the bounds."""
    company, unknown = shares_of["company_weights"], shares_of["unknown"]
    return [
        {
            "month": when.replace(day=1), "series": "observed", "dependence": dependence, "as_of_date": when,
            "repositories": count, "stars": int(1e6 * share), "star_share": share,
            "compared_date": when - timedelta(days=30), "compared_repositories": count, "stars_gained": 10,
            "gained_share": share, "company_lower": company, "company_upper": company + unknown,
        }
        for dependence, share in shares_of.items()
    ]  # fmt: skip


def starred(name: str, when: date, observed: int | None, surviving: int | None = None) -> dict[str, Any]:
    return {
        "repository": name, "date": when, "stars_observed": observed, "stars_surviving": surviving,
        "survivors_as_of_date": when if surviving else None, "role": "inference", "family": "Llama 1",
    }  # fmt: skip


CLASSES = {"company_weights": 0.3, "other_weights": 0.1, "no_certain_weights": 0.4, "unknown": 0.2}
NOW = date(2026, 11, 20)
ROWS: Rows = {
    "marts.arena_gap": [
        gap(date(2026, 1, 1), 60.0),
        gap(date(2026, 3, 1), 40.0, proprietary_model="closed-2", lag_days=70,
            lag_status="censored: the data end"),
        gap(date(2026, 5, 10), -4.0, open_model="open-2", lag_days=0, lag_status="censored: the data end",
            proprietary_model="closed-3"),
        gap(date(2025, 1, 1), 90.0, board="lmarena-history", lag_days=None, lag_status=NOISY),
        gap(date(2026, 5, 11), 1.0, board="vision/overall"),
    ],
    "marts.package_shares": [
        shares(date(2026, 1, 1), 0.5), shares(date(2026, 2, 1), 0.55),
        shares(date(2026, 3, 1), 0.6, list_length=15000, panel_share_before=0.4,
               open_downloads_30d=400, proprietary_downloads_30d=600),
        shares(date(2026, 3, 1), 0.3, "all", list_length=15000),
        shares(date(2025, 1, 1), 0.9, open_packages=1, proprietary_packages=2),
    ],
    "marts.package_downloads_30d": [
        package("sdk", "proprietary", date(2026, 2, 1), 1_000_000),
        package("sdk", "proprietary", date(2026, 3, 1), 9_000_000),
        package("runtime", "open", date(2026, 3, 1), 500_000, "runtime"),
        package("gone", "open", date(2026, 3, 1), None, "runtime"),
        package("huggingface-hub", "open", date(2026, 3, 1), 100),
        package("torch", "open", date(2026, 3, 1), 99_000_000, "framework"),
    ],
    "marts.training_costs": [
        cost("Cheap", "final_run_gpu_hours", 24, 82_432), cost("Cheap", "final_run_cloud_price", 100),
        cost("Dear", "final_run_amortized", 10_000, 75_000), cost("Dear", "development_price", 90_000),
    ],
    "marts.repository_dependence": [
        *standing(date(2026, 9, 30), CLASSES), *standing(date(2026, 10, 31), CLASSES),
        *standing(date(2026, 5, 31), CLASSES, count=1),
    ],
    "marts.repository_stars_daily": [
        starred("a/first", NOW, 2000, 1800), starred("b/left", date(2026, 1, 1), 900),
        starred("a/first", date(2026, 10, 1), 1500),
    ],
    "core.repositories": [{"repository": name} for name in ("a/first", "b/left", "c/never", "d/never")],
    "core.repository_releases": [
        {"repository": "a/first", "release_tag": f"v{day}", "published_at": datetime(2026, 10, day),  # noqa: DTZ001
         "is_prerelease": day == 3}
        for day in (1, 2, 3)
    ],
    "core.token_shares_daily": [
        {"date": NOW - timedelta(days=day), "model_slug": slug, "tokens": 10, "share_of_day": share,
         "is_other": slug == "other"}
        for day in range(3) for slug, share in (("a/b", 0.2), ("c/d", 0.1), ("other", 0.7))
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def full(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the data in which every measure of the page is there."""
    return write_release(tmp_path_factory.mktemp("open-closed") / "release.duckdb", models, ROWS)


def asked(path: Path, question: Any) -> pl.DataFrame:
    with open_release(path) as release:
        found: pl.DataFrame = question(release)
        return found


def test_the_gap_is_told_with_its_sign_and_never_over_two_boards(full: Path) -> None:
    frame = asked(full, data.arena)
    assert set(frame["board"]) == {"text/overall", "lmarena-history"}
    chart = arena_gap(frame, EN)
    told = gap_sentence(frame, EN)
    assert "(open-2) stood 4 points ahead of the best closed one (closed-3)" in told
    assert "45.0 % of the votes" in told.replace("\u00a0", " ")
    assert chart.title.startswith("The best open model stood 4 points ahead")
    assert chart.figure is not None
    lines = [trace for trace in chart.figure.data if trace.mode == "lines" and trace.fill is None]
    assert sorted(len(line.x) for line in lines) == [1, 4]
    behind = arena_gap(frame.filter(pl.col("gap_points") > 0), EN)
    assert "40 points behind" in behind.title


def test_only_the_first_day_of_a_lead_counts_and_what_is_open_says_so(full: Path) -> None:
    chart = arena_lag(asked(full, data.arena), EN)
    assert chart.title == (
        "Of 2 closed models that led the arena, open ones drew level with 1 while it could be watched, "
        "after 30 days"
    )
    assert chart.table["lag_status"].to_list() == ["an open model stood level", "the data end"]
    assert chart.figure is not None
    assert chart.figure.data[-1].text == ("over 70",)
    assert "left out: 1." in chart.note


def test_a_noisy_scale_has_no_lag() -> None:
    frame = pl.DataFrame([gap(NOW, 5.0, lag_days=None, lag_status=NOISY)])
    chart = arena_lag(frame.with_columns(pl.col("lag_days").cast(pl.Int64)), EN)
    assert chart.figure is None
    assert "move too much" in chart.empty


def test_a_share_names_its_lower_end_and_breaks_where_the_list_changes(full: Path) -> None:
    chart = package_shares(asked(full, data.package_shares), EN)
    assert chart.title.replace("\u00a0", " ") == (
        "Of the downloads of 21 clients among PyPI's 15,000 most downloaded packages on 1 March 2026, 60.0 % "
        "were of proprietary ones; 30.0 % if the package openai counts as open"
    )
    assert chart.figure is not None
    lines = [list(trace.y) for trace in chart.figure.data if trace.mode == "lines+markers"]
    assert lines == [[0.5, 0.55], [0.6], [0.3]]
    assert "40.0" in chart.note
    assert 0.9 not in chart.table["proprietary_share"].to_list()


def test_a_censored_package_is_no_zero_and_a_leap_is_named(full: Path) -> None:
    chart = packages_now(asked(full, data.packages), EN)
    assert chart.table["package"].to_list() == ["sdk", "runtime", "huggingface-hub"]
    assert chart.table["role"].to_list() == ["SDK", "runtime", "SDK"]
    assert "not drawn (1)" in chart.note
    assert "sdk 9.0 times" in chart.note


def test_the_share_of_clients_is_doubted_upwards_too(full: Path) -> None:
    with open_release(full) as release:
        frame = data.package_shares(release)
        built = page.build(release, EN)
    doubt = (
        "Of the open clients' downloads 25.0 % are of huggingface-hub, which is installed with many "
        "libraries; without it the proprietary share is 66.7 %."
    )
    assert doubt in package_shares(frame, EN).note.replace("\u00a0", " ")
    assert any(line.replace("\u00a0", " ").endswith(doubt) for line in built.answer)
    unknown = frame.with_columns(share_without_hub=pl.lit(None, pl.Float64))
    assert "huggingface-hub" not in package_shares(unknown, EN).note


def test_the_largest_client_of_each_kind_is_named_and_unverified_ones_are_counted(full: Path) -> None:
    frame = asked(full, data.packages)
    is_hub = pl.col("package") == "huggingface-hub"
    largest = frame.with_columns(downloads_30d=pl.when(is_hub).then(8_000_000).otherwise("downloads_30d"))
    assert "huggingface-hub of the open ones (8 M)" in packages_now(largest, EN).title.replace("\u00a0", " ")
    assert "register" not in packages_now(frame, EN).note.partition("Registered")[0]
    fewer = packages_now(frame.with_columns(counted=pl.lit(2)), EN)
    assert "Of the 3 drawn, 1 is not counted in the shares above: its row in the register" in fewer.note


def test_every_table_tells_its_days(full: Path) -> None:
    with open_release(full) as release:
        built = page.build(release, EN)
    for chart in built.charts:
        is_dated = any(kind == pl.Date for kind in chart.table.schema.values())
        assert is_dated or "as_of_date" in chart.context, chart.name


def test_a_band_breaks_where_its_line_does() -> None:
    drawn = band(["a", "b", None, "c", "d"], [1, 2, None, 3, 4], [5, 6, None, 7, 8], "red")
    assert list(drawn.x) == ["a", "b", "b", "a", None, "c", "d", "d", "c"]
    assert list(drawn.y) == [5, 6, 2, 1, None, 7, 8, 4, 3]
    assert not drawn.showlegend


def test_costs_are_divided_by_one_definition_only(full: Path) -> None:
    frame = asked(full, data.costs)
    ratios = cost_ratios(frame, EN)
    assert ratios.table["derivative"].to_list() == ["Cheap", "Dear"]
    assert "2 further costs" in ratios.subtitle
    assert "0.029" in ratios.title
    day = frame.with_columns(as_of_date=pl.lit(NOW))
    assert f"by the register as of {EN.day(NOW)}, which is no census" in cost_ratios(day, EN).subtitle
    assert cost_amounts(day, EN).context == {"as_of_date": NOW}
    amounts = cost_amounts(frame, EN)
    assert amounts.figure is not None
    symbols = {trace.name: trace.marker.symbol for trace in amounts.figure.data}
    assert symbols["final run, cloud price"] == "square"
    assert symbols["development: data, tries and final run"] == "circle-open"
    assert "Cheap" in amounts.title
    note = pl.lit("not estimable: its cost is not verified")
    assert cost_amounts(frame.with_columns(note=note), EN).figure is None
    lacking = page._costs(frame, EN).tables[0].rows
    assert {row[-1].text for row in lacking} == {"the base has no cost by this definition"}


def test_stars_on_company_weights_keep_their_bounds(full: Path) -> None:
    chart = star_dependence(asked(full, data.dependence), EN)
    assert chart.title.replace("\u00a0", " ").startswith(
        "Of the stars of 16 of 4 registered repositories, those seen on 31 October 2026, 30.0 % to 50.0 %"
    )
    assert date(2026, 5, 31) not in chart.table["as_of_date"].to_list()
    assert chart.figure is not None
    assert {trace.name for trace in chart.figure.data if trace.name} >= {"on company weights"}


def test_observed_and_surviving_stars_are_told_apart(full: Path) -> None:
    chart = repository_stars(asked(full, data.stars), EN)
    assert chart.figure is not None
    assert [trace.name for trace in chart.figure.data] == ["observed", "surviving"]
    assert list(chart.figure.data[0].marker.symbol) == ["circle", "circle-open"]
    assert list(chart.figure.data[1].x) == [1800]
    assert "known of 1 repository" in chart.note
    alone = asked(full, data.stars).with_columns(stars_surviving=pl.lit(None, pl.Int64))
    assert "not in this release" in repository_stars(alone, EN).note


def test_final_releases_and_tokens_are_drawn_where_they_are(full: Path) -> None:
    versions = repository_releases(asked(full, data.repository_releases), EN)
    assert versions.table.rows() == [(date(2026, 10, 1), 2, 1)]
    tokens = token_shares(asked(full, data.token_shares), EN)
    assert tokens.title.replace("\u00a0", " ").startswith("a/b got 20.0 % of the tokens")
    assert "other" not in tokens.table["model_slug"].to_list()


@pytest.mark.parametrize("t", [EN, ZH], ids=["en", "zh"])
def test_hostile_names_stay_text(t: Language, models: dict[str, SqlModel], tmp_path: Path) -> None:
    rows: Rows = {
        "marts.arena_gap": [
            gap(NOW + timedelta(days=30 * place), 5.0, open_model=name, proprietary_model=name)
            for place, name in enumerate(HOSTILE)
        ],
        "marts.package_downloads_30d": [package(name, "open", NOW, 100) for name in HOSTILE],
        "marts.training_costs": [
            cost(name, "final_run_amortized", 100, 1000, base_model=name) for name in HOSTILE
        ],
        "marts.repository_stars_daily": [starred(name, NOW, 100) for name in HOSTILE],
        "core.token_shares_daily": [
            {"date": NOW, "model_slug": name, "tokens": 1, "share_of_day": 0.1, "is_other": False}
            for name in HOSTILE
        ],
    }
    with open_release(write_release(tmp_path / "release.duckdb", models, rows)) as release:
        built = page.build(release, t)
    drawn = [chart for chart in built.charts if chart.figure is not None]
    assert len(drawn) == 7
    assert_inert(drawn)


def test_a_release_without_anything_says_so(empty_release: Path) -> None:
    for t in (EN, ZH):
        with open_release(empty_release) as release:
            built = page.build(release, t)
        assert all(chart.figure is None and chart.empty for chart in built.charts)
        assert built.answer == [t("open_closed.nothing")]
