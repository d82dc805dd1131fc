"""The shutdown page: its answer against a plain count, its figures, what it does with little or odd data."""

import re
from datetime import date
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from dashboards.build import build_site
from dashboards.data import exposure
from dashboards.data import shutdown as data
from dashboards.data.release import open_release
from dashboards.figures import shutdown as figures
from dashboards.figures import withdrawals
from dashboards.language import CODES, Language
from dashboards.pages import shutdown as page
from dashboards.pages import simulator
from pipelines.analysis.freeze import interval
from pipelines.warehouse.models import SqlModel
from tests.dashboards.conftest import DAY, HOSTILE, Rows, list_rows, write_release

EN = Language("en")
NAMES = ("openai", "meta", "google", "mistral")
COUNTRIES = {name: "FR" if name == "mistral" else "US" for name in NAMES}
UNIVERSES = ("generative_language", "vision")
Counts = dict[str, dict[str, int]]


def exposed(**given: Any) -> dict[str, Any]:
    plain = {"snapshot_date": DAY, "scope": "a-list", "evidence": "curated", "universe": UNIVERSES[0],
             "uploader": "unregistered", "upstream": "unknown", "paths": "unknown", "needs": "", "losses": "",
             "models": 1, "derivatives": 1, "downloads_30d": 1}  # fmt: skip
    return plain | given


def family(random: Random) -> str:
    members = (*NAMES, "unknown")
    sets = {
        "+".join(sorted(random.sample(members, random.randint(1, 3)))) for _ in range(random.randint(1, 3))
    }
    return "|".join(sorted(sets))


def made_rows(number: int) -> list[dict[str, Any]]:
    random = Random(20240829)
    rows = []
    for place in range(number):
        uploader = random.choice((*NAMES, "unregistered"))
        upstream = "+".join(sorted({*random.sample((*NAMES, "unknown"), random.randint(1, 3))}))
        rows.append(
            exposed(
                uploader=uploader, upstream=upstream, paths=family(random),
                needs=random.choice(["", family(random)]), losses=random.choice(["", family(random)]),
                universe=random.choice(UNIVERSES), models=place + 1, derivatives=place % 7,
                downloads_30d=None if place % 5 == 0 else place * 11,
            )
        )  # fmt: skip
    return rows


def registered(name: str, **given: Any) -> dict[str, Any]:
    plain = {"organization_id": name, "name": name.title(), "legal_form": "company", "funding": "giant",
             "is_well_funded": True, "country": "US", "accounts": 1, "status": "verified",
             "source": "-"}  # fmt: skip
    return plain | given


def small_rows(number: int = 60) -> Rows:
    return {
        "core.organizations": [registered(name, country=COUNTRIES[name]) for name in NAMES],
        "core.snapshots": [{"snapshot_date": DAY, "scope": "a-list", "source": "huggingface_models",
                            "title": "a list", "is_whole_population": False, "is_live": True,
                            "is_complete": True, "is_model_list": True}],
        "marts.shutdown_exposure": made_rows(number),
        "core.model_snapshots": [
            {"snapshot_date": DAY, "scope": "a-list", "model_id": model, "universe": UNIVERSES[0],
             "downloads_30d": n}
            for model, n in (("m/a", 70), ("m/b", 20), ("m/c", 9))
        ],
        "core.model_roots": [
            {"model_id": model, "evidence": "curated", "parents": 1, "family": kin}
            for model, kin in (("m/a", "Llama 3"), ("m/b", None), ("m/c", "T5"))
        ],
        "core.ancestry": [
            {"model_id": model, "evidence": "curated", "organization_id": name, "origin_share": 0.5,
             "through_share": 1.0}
            for model, name in (("m/a", "meta"), ("m/a", "google"), ("m/b", "openai"), ("m/c", "google"))
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def small(models: dict[str, SqlModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "release.duckdb"
    return write_release(path, models, small_rows())


def plain_count(rows: list[dict[str, Any]], stopped: set[str], weight: str) -> Counts:
    """Count each figure model by model, as the definitions say it."""

    def sets(text: str) -> list[set[str]]:
        return [set(part.split("+")) for part in text.split("|")] if text else []

    found: Counts = {figure: {} for figure in exposure.FIGURES}
    for bound, names in (("lower", stopped), ("upper", stopped | {"unknown"})):
        sums = dict.fromkeys(exposure.FIGURES, 0)
        for row in rows:
            amount = row[weight] or 0
            is_gone = row["uploader"] in stopped
            is_broken = not is_gone and any(part <= names for part in sets(row["needs"]))
            is_surely_broken = any(part <= stopped for part in sets(row["needs"]))
            holds = {
                "gone": is_gone, "broken": is_broken, "lost_now": is_gone or is_broken,
                "stranded": not is_gone and not is_surely_broken
                and any(part <= names for part in sets(row["losses"])),
                "never_born_any": any(part & names for part in sets(row["upstream"])),
                "never_born_all": all(part & names for part in sets(row["paths"])),
            }  # fmt: skip
            for figure, is_hit in holds.items():
                sums[figure] += amount * is_hit
        for figure in exposure.FIGURES:
            found[figure][bound] = sums[figure]
    return found


@pytest.mark.parametrize("stopped", [("openai", "meta"), ("google",), NAMES])
@pytest.mark.parametrize("universe", [*UNIVERSES, "all"])
def test_the_answer_without_scripts_is_a_plain_count(
    small: Path, stopped: tuple[str, ...], universe: str
) -> None:
    rows = [row for row in made_rows(60) if universe in ("all", row["universe"])]
    with open_release(small) as release:
        (listed,) = exposure.exposed_lists(release)
        found = exposure.losses(release, listed, universe, stopped)
        open_rows = [row for row in rows if "unknown" in row["upstream"].split("+")]
        extent = exposure.extent(release, listed, universe)
    for weight in exposure.WEIGHTS.values():
        counted = {row["figure"]: {bound: row[bound] for bound in ("lower", "upper")}
                   for row in found[weight].iter_rows(named=True)}  # fmt: skip
        assert counted == plain_count(rows, set(stopped), weight)
        assert extent[weight] == tuple(sum(row[weight] or 0 for row in part) for part in (rows, open_rows))


def test_who_is_hit_is_counted_by_country_class_and_family(small: Path) -> None:
    stopped = {"meta", "openai"}
    with open_release(small) as release:
        (listed,) = exposure.exposed_lists(release)
        countries = exposure.hit(release, listed, "all", sorted(stopped), "models", "country")
        classes = exposure.hit(release, listed, "all", sorted(stopped), "models", "funding")
        kin = exposure.unborn_families(release, listed, "all", sorted(stopped), "downloads_30d")
    wanted: dict[str | None, int] = {}
    for row in made_rows(60):
        if stopped & set(row["upstream"].split("+")):
            country = COUNTRIES.get(row["uploader"])
            wanted[country] = wanted.get(country, 0) + row["models"]
    assert dict(countries.select("value", "unborn").iter_rows()) == wanted
    assert countries["unborn"].is_sorted(descending=True)
    assert set(classes["value"]) == {"giant", "unregistered"}
    assert classes["unborn"].sum() == sum(wanted.values())
    assert kin.rows() == [("Llama 3", 70), ("", 20)]


def test_shards_hold_every_row_of_their_list_with_sets_by_place(small: Path) -> None:
    with open_release(small) as release:
        shard = exposure.exposure_shard(release, "a-list", "curated")
        kin = exposure.families_shard(release, exposure.exposed_lists(release)[0], "curated")

    def read(text: str) -> str:
        return "|".join(
            "+".join(shard["organizations"][int(n)] for n in part.split("+")) for part in text.split("|")
        )

    columns = ("upstream", "paths", "needs", "losses")
    back = sorted(
        (shard["universes"][shard["universe"][place]], shard["organizations"][shard["uploader"][place]],
         *(read(shard["sets"][shard[column][place]]) if shard["sets"][shard[column][place]] else ""
           for column in columns),
         shard["models"][place], shard["downloads_30d"][place] or 0)
        for place in range(60)
    )  # fmt: skip
    assert back == sorted(
        (row["universe"], row["uploader"], *(row[column] for column in columns), row["models"],
         row["downloads_30d"] or 0)
        for row in made_rows(60)
    )  # fmt: skip
    assert kin["names"] == ["", "Llama 3", "T5"]
    assert sum(kin["downloads_30d"]) == 99


# Freeze --------------------------------------------------------------------------------------------------


def frozen(name: str, **given: Any) -> dict[str, Any]:
    plain = {"scope": "a-list", "title": "a list", "as_of_date": DAY, "organization_id": name,
             "organization": name.title(), "bases": 9, "releases": 12, "derivatives": 80,
             "undated_derivatives": 2, "existing_flow": 10.0, "loss": 100.0, "loss_error": 30.0,
             "lower": 55.0, "upper": 170.0, "past_year_flow": 200, "past_year_of_new_bases": 60,
             "status": "illustration: a partial list"}  # fmt: skip
    return plain | given


NOT = {"loss": None, "loss_error": None, "lower": None, "upper": None}
FEW = "not estimable: 277 derivatives of 7 bases; it takes 50 of 8"


def test_losses_of_a_freeze_add_up_and_one_without_an_estimate_leaves_none() -> None:
    rows = pl.DataFrame(
        [frozen("meta"), frozen("openai", loss=50.0, loss_error=40.0), frozen("google", **NOT)]
    )
    estimate, counted, at_most = data.frozen_year(rows, ["meta", "openai"])
    assert estimate == pytest.approx((150.0, *interval(150.0, 50.0)))
    assert (counted, at_most) == (120, 124)
    assert data.frozen_year(rows, ["meta", "google"])[0] is None
    assert data.frozen_year(rows, ["meta", "somebody"]) == (None, 60, 62)


@pytest.mark.parametrize(
    ("status", "key"),
    [
        ("the list tells births of 90 days; it takes 365", "days"),
        ("the list tells the birth of 8 derivatives of 7 roots; it takes 500 of 100", "thin"),
        ("the release of the base is known for 1 of 2 derivatives", "undated"),
        ("277 derivatives of 7 bases; it takes 50 of 8", "few"),
        ("as uneven as if 1.4 bases had all derivatives; it takes 2", "uneven"),
        ("3 releases in the past year; it takes 10", "releases"),
        ("at some age below a year only 2 bases were watched; it takes 5", "watched"),
        ("a reason that nobody knows yet", "told"),
    ],
)
@pytest.mark.parametrize("code", CODES)
def test_each_reason_against_an_estimate_has_words_with_its_numbers(status: str, key: str, code: str) -> None:
    t = Language(code)
    assert data.reason(f"not estimable: {status}")[0] == key
    words = figures.status_words(f"not estimable: {status}", t)
    assert set(re.findall(r"\d[\d.]*", words)) == set(re.findall(r"\d[\d.]*", status))
    if code == "en":
        assert words.endswith(status)


def test_the_year_shows_counts_estimates_and_reasons() -> None:
    rows = pl.DataFrame([frozen("alibaba"), frozen("meta", past_year_of_new_bases=40, status=FEW, **NOT)])
    chart = figures.year(rows, "the list of yesterday", EN)
    assert chart.title.startswith("A year of Alibaba's releases brought 60 of the 200 derivatives by others")
    assert chart.title.endswith("(30.0\u00a0%)")
    assert chart.table["status"].to_list() == ["illustration by a partial list", FEW]
    assert [trace.type for trace in chart.figure.data] == ["bar", "bar", "scatter"]
    assert list(chart.figure.data[2].x) == [100.0]
    assert "Alibaba alone" in chart.note
    assert "of bases released in that year; the list of yesterday." in chart.subtitle
    assert chart.context["as_of_date"] == DAY
    none = figures.year(rows.with_columns(loss=pl.lit(None, pl.Float64)), "", EN)
    assert len(none.figure.data) == 2
    assert none.note == EN("shutdown.year.note_none")
    empty = figures.year(rows.clear(), "", EN)
    assert (empty.figure, empty.empty) == (None, EN("shutdown.year.none"))


# Curve, withdrawals, platform ----------------------------------------------------------------------------


def removals(worst: list[float], lower: list[float]) -> pl.DataFrame:
    rows = []
    for order in ("worst_first", "largest_first", "random"):
        for step, (share, low) in enumerate(zip(worst, lower, strict=True)):
            name = None if order == "random" or not step else HOSTILE[step % len(HOSTILE)]
            rows.append(("lost_now", order, step, 90, name, name, share, low, share))
    columns = ("loss", "removal_order", "removed", "organizations", "organization_id", "organization",
               "remaining_share", "lower", "upper")  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


LIST = data.ExposedList(0, DAY, "a-list", "a list", 3411, 983, UNIVERSES, UNIVERSES, ("curated",), 60)


@pytest.mark.parametrize(
    ("worst", "lower", "title"),
    [
        (
            [1, 0.6, 0.4],
            [1, 0.6, 0.3],
            "Lost at once: if the 2 organizations with the gravest loss stop, half is gone",
        ),
        (
            [1, 0.6, 0.4],
            [1, 0.4, 0.3],
            "Lost at once: it takes 1 to 2 organizations, the gravest loss first, until half is gone",
        ),
        (
            [1, 0.9, 0.8],
            [1, 0.6, 0.45],
            "Lost at once: when the 2 gravest losses have come, 45.0\u00a0% to 80.0\u00a0% still stand",
        ),
    ],
)
def test_the_curve_says_what_its_data_say(worst: list[float], lower: list[float], title: str) -> None:
    chart = figures.curve(removals(worst, lower), "lost_now", LIST, UNIVERSES[0], "downloads_30d", EN)
    assert chart.title == title
    assert chart.table.height == 9
    assert chart.subtitle.endswith("983 of the list's 3,411 models tell downloads.")
    assert (chart.context["as_of_date"], chart.context["loss"]) == (DAY, "lost_now")
    lines = {trace.name: list(trace.y) for trace in chart.figure.data if trace.name}
    assert lines["gravest loss first"] == worst
    texts = "".join(each.text for each in chart.figure.layout.annotations)
    assert "<img" not in texts
    assert "&lt;" in texts or "…" in texts


def test_figures_without_data_say_why() -> None:
    none = removals([1.0], [1.0]).clear()
    assert figures.curve(none, "lost_now", LIST, "all", "models", EN).empty == EN("shutdown.curve.none")
    assert withdrawals.withdrawals(cases([]), EN).empty == EN("shutdown.withdrawals.none")
    assert figures.platform(held([]), EN).empty == EN("shutdown.platform.none")


def cases(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    schema = {
        "name": pl.String, "kind": pl.String, "event_date": pl.Date, "event_precision": pl.String,
        "substitute_id": pl.String, "substitute_kind": pl.String, "substitution_date": pl.Date,
        "days_to_substitution": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_withdrawals_tell_days_only_where_both_are_known() -> None:
    event, later = date(2024, 8, 29), date(2024, 9, 3)
    known = ("SD 1.5", "deleted", event, "day", "a/copy", "mirror", later, 5)
    vague = (HOSTILE[0], "deleted", event, "noticed", "b/copy", "mirror", later, None)
    never = ("DBRX", "a new kind", event, "month", None, None, None, None)
    chart = withdrawals.withdrawals(cases([known, vague, never]), EN)
    assert chart.title == (
        "Of 3 registered cases of withdrawal or withholding 2 have a named substitute; where both days are "
        "known it took 5 days"
    )
    assert chart.subtitle.replace("\xa0", " ").startswith("By the register as of 3 Sept 2024, no census: ")
    assert list(chart.figure.data[0].marker.symbol) == ["circle", "circle-open", "x-thin-open"]
    texts = [each.text for each in chart.figure.layout.annotations]
    assert texts[0] == "<b>SD 1.5</b>  deleted; copy after 5 days"
    assert "<img" not in "".join(texts)
    assert texts[2].endswith("a new kind; no substitute named")
    both = withdrawals.withdrawals(cases([known, (*known[:7], 7)]), EN).title
    assert both.endswith("in the 2 where both days are known it took 5 to 7 days")
    assert withdrawals.withdrawals(cases([never]), EN).title.endswith("for none are both days known")


def held(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    schema = {
        "platform": pl.String, "subject": pl.String, "scope": pl.String, "snapshot_date": pl.Date,
        "unit": pl.String, "number": pl.Int64, "downloads_30d": pl.Int64, "share": pl.Float64,
        "knowledge": pl.String, "title": pl.String, "with_downloads_30d": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_the_platform_shows_copies_as_a_lower_bound_and_the_rest_as_unknown() -> None:
    common = ("a-list", DAY, "models")
    rows = held(
        [
            ("huggingface", "copied_within_platform", *common, 8, 25, 0.25, "lower_bound", HOSTILE[1], 60),
            ("huggingface", "known_elsewhere", *common, None, None, None, "unknown", HOSTILE[1], 60),
            ("huggingface", "read_from_platform", *common, 100, 100, 1.0, "known", HOSTILE[1], 60),
        ]
    )
    chart = figures.platform(rows, EN)
    assert chart.table.row(0) == ("a-list", DAY, 100, 60, 100, 8, 0.25, "not known")
    assert [list(trace.x) for trace in chart.figure.data] == [[0.25], [0.75]]
    head, counted = (one.text for one in chart.figure.layout.annotations)
    assert "</script>" not in head
    assert counted.replace("\xa0", " ") == "25.0 % of 100 downloads, told by 60 of 100 models"
    narrow = chart.figure.layout.meta["narrow"]
    assert narrow["annotations.0.text"].startswith("<b>22 Dec 2025: ")
    assert "at least 25.0\u00a0% of the downloads" in chart.title


# The page ------------------------------------------------------------------------------------------------


def test_the_page_carries_the_answer_for_its_first_choice_in_both_languages(small: Path) -> None:
    with open_release(small) as release:
        pages = {code: page.build(release, Language(code)) for code in CODES}
        shards = {code: built.shards() for code, built in pages.items()}
    for code, built in pages.items():
        (widget,) = (each for section in built.sections for each in section.widgets)
        assert widget.values["sentence"].startswith(built.answer[0])
        assert ("in this form" if code == "en" else "以此形式") in built.answer[0]
        assert [bar.key for bar in widget.values["bars"]] == ["lost_now", "stranded", "never_born_any"]
        assert [figure["key"] for figure in widget.values["figures"]] == list(exposure.FIGURES)
        assert widget.settings["chosen"] == ["openai", "meta"]
        assert {len(row) for row in widget.settings["organizations"]} == {4}
        names = [shard.name for shard in shards[code]]
        assert names == ["shutdown-freeze", "shutdown-0-curated", "shutdown-0-curated-families"], code
        assert built.libraries == ("shutdown.js",)
    assert pages["en"].question == "What is left if OpenAI and Meta stop?"
    assert [shard.value for shard in shards["en"]] == [shard.value for shard in shards["zh"]]


def test_what_is_read_from_other_platforms_names_its_newest_day(
    models: dict[str, SqlModel], tmp_path: Path
) -> None:
    read = {"subject": "read_from_platform", "scope": "registered", "knowledge": "known"}
    rows = small_rows() | {
        "marts.platform_exposure": [
            {**read, "platform": "github", "unit": "repositories", "number": 93},
            {**read, "platform": "pypi", "unit": "packages", "number": 71},
        ],
        "marts.coverage": [
            {"source": source, "scope": source, "newest_date": day}
            for source, day in (("github_stars", date(2025, 12, 1)), ("github_repositories", DAY),
                                ("arena_history", date(2026, 1, 1)))
        ],
    }  # fmt: skip
    with open_release(write_release(tmp_path / "release.duckdb", models, rows)) as release:
        text = page.build(release, EN).sections[-1].text[-1].replace("\xa0", " ")
    assert "93 repositories from GitHub (newest day: 22 Dec 2025)" in text
    assert "71 packages from PyPI (newest day: not known)" in text


def test_choices_are_what_the_register_has(small: Path) -> None:
    with open_release(small) as release:
        known = exposure.organizations(release)
    keys = [choice.key for choice in simulator.choices(known, EN)]
    assert keys == ["openai_meta", "openai", "meta", "google", "giants", "us"]
    american = simulator.choices(known, EN)[5]
    assert american.who == "all 3 organizations of the United States with a verified register row"
    doubtful = pl.col("organization_id") == "google"
    unverified = known.with_columns(status=pl.when(doubtful).then(pl.lit("unverified")).otherwise("status"))
    groups = {choice.key: choice.organizations for choice in simulator.choices(unverified, EN)}
    assert groups["us"] == ("meta", "openai")
    assert groups["giants"] == ("meta", "mistral", "openai")
    assert groups["google"] == ("google",)
    one = known.filter(pl.col("organization_id") == "mistral")
    assert [(choice.key, choice.organizations) for choice in simulator.choices(one, EN)] == [
        ("first", ("mistral",))
    ]
    assert simulator.choices(known.clear(), EN) == []
    assert simulator.who([f"N{n}" for n in range(9)], EN) == "N0, N1, N2 and 6 others"


def test_a_release_without_exposure_says_so(empty_release: Path) -> None:
    for code in CODES:
        t = Language(code)
        with open_release(empty_release) as release:
            built = page.build(release, t)
        assert built.answer == [t("shutdown.none")]
        assert built.libraries == ()
        assert [section.name for section in built.sections] == ["platform"]


def hostile_rows() -> Rows:
    """A list whose organizations, title and withdrawals try something."""
    rows = list_rows(HOSTILE)
    rows["marts.shutdown_exposure"] = [
        exposed(uploader=name, upstream=name, paths=name, downloads_30d=10 + place)
        for place, name in enumerate(HOSTILE)
    ]
    rows["marts.shutdown_freeze"] = [
        {"scope": "a-list", "as_of_date": DAY, "organization_id": name, "bases": 1, "releases": 1,
         "derivatives": 3, "undated_derivatives": 1, "past_year_flow": 20, "past_year_of_new_bases": 2,
         "status": f"not estimable: {name}"}
        for name in HOSTILE
    ]  # fmt: skip
    rows["marts.withdrawals"] = [
        {"basis": "register", "subject": name, "name": name, "organization_id": name, "kind": name,
         "event_date": DAY, "event_precision": name, "status": "verified", "source": name, "note": name}
        for name in HOSTILE
    ]  # fmt: skip
    return rows


def test_hostile_names_stay_text(models: dict[str, SqlModel], tmp_path: Path) -> None:
    path = write_release(tmp_path / "release.duckdb", models, hostile_rows())
    build_site(path, tmp_path / "site", only=["shutdown"])
    for code, name in product(CODES, HOSTILE[:2]):
        html = (tmp_path / "site" / Language(code).folder / "shutdown.html").read_text(encoding="utf-8")
        assert name not in html
    for shard in (tmp_path / "site" / "data").glob("*.js"):
        assert "</script" not in shard.read_text(encoding="utf-8")
