"""GitHub's answers: repositories that move and vanish, the sums of surviving stars, releases."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.conftest import Warehouse
from tests.sql.made import VERIFIED, at

DAY = date(2026, 11, 23)
BEFORE = date(2026, 11, 20)
SUNDAY = date(2026, 11, 22)


def register(warehouse: Warehouse, **today: str) -> Warehouse:
    """Register `o/<observed>` as `o/<today>`."""
    rows = [
        {"observed_name": f"o/{name}", "repository": f"o/{now}", "organization_id": "o", "role": "model"}
        | VERIFIED
        for name, now in today.items()
    ]
    warehouse.fill("reference.repositories", rows).build("staging.repository_names")
    return warehouse


def page(source: str, number: int, subject: str | None, day: date = DAY, **given: Any) -> dict[str, Any]:
    """A row of raw.pages."""
    row = {"source": source, "snapshot_date": day, "scope": "registered", "page": number, "subject": subject}
    return row | {"status": 200, "url": "https://hub.test/x", "has_next": False} | given


def answered(number: int, full_name: str, day: date = DAY, **given: Any) -> dict[str, Any]:
    """A row of raw.repositories by REST."""
    row = {"snapshot_date": day, "scope": "registered", "position": number, "page": number}
    sound = {"id": "7", "stargazers_count": "10", "forks_count": "3", "archived": "false", "license": "MIT"}
    times = {"created_at": "2023-02-14T10:00:00Z", "pushed_at": "2026-11-22T23:00:00+01:00"}
    return row | {"full_name": full_name} | sound | times | given


def test_an_answer_becomes_typed_columns(warehouse: Warehouse) -> None:
    register(warehouse, r="r").fill("raw.pages", [page("github_repositories", 1, "o/r")])
    warehouse.fill("raw.repositories", [answered(1, "O/R", archived="true")])
    times = at("2023-02-14 10:00"), at("2026-11-22 22:00")
    assert warehouse.rows("staging.repositories") == [
        (DAY, "o/r", "o/r", "there", "O/R", 7, 10, 3, True, "MIT", *times, None)
    ]


def test_gone_taken_down_and_renamed_are_told_apart(warehouse: Warehouse) -> None:
    register(warehouse, a="a", b="b", c="c", d="d", old="new")
    source = "github_repositories"
    pages = [page(source, 1, "o/a", status=404), page(source, 2, "o/b", status=451), page(source, 3, "o/c")]
    pages += [page(source, 4, "o/old"), page(source, 5, "o/d", status=410), page(source, 6, "stranger/r")]
    rows = [answered(3, "other/c"), answered(4, "o/new"), answered(6, "stranger/r")]
    warehouse.fill("raw.pages", pages).fill("raw.repositories", rows).build("staging.repositories")
    columns = ("repository", "observed_name", "full_name_observed", "status", "stars_observed")
    assert warehouse.rows("core.repositories", *columns) == [
        ("o/a", "o/a", None, "gone", None),
        ("o/b", "o/b", None, "taken_down", None),
        ("o/c", "o/c", "other/c", "renamed", 10),
        ("o/d", "o/d", None, "gone", None),
        ("o/new", "o/old", "o/new", "there", 10),
    ]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("stargazers_count", "-1"),
        ("stargazers_count", "10000001"),
        ("stargazers_count", "1e30"),
        ("stargazers_count", None),
        ("forks_count", '{"a":1}'),
        ("full_name", "<script>/x"),
        ("full_name", "a/" + "x" * 300),
        ("id", "seven"),
        ("archived", "maybe"),
        ("license", "<b>MIT</b>"),
        ("created_at", "2030-01-01T00:00:00Z"),
        ("created_at", "yesterday"),
        ("pushed_at", "1969-01-01T00:00:00Z"),
    ],
)
def test_what_cannot_be_true_is_null_and_named(warehouse: Warehouse, field: str, wrong: str | None) -> None:
    register(warehouse, r="r").fill("raw.pages", [page("github_repositories", 1, "o/r")])
    warehouse.fill("raw.repositories", [answered(1, "o/r") | {field: wrong}])
    ((status, problems),) = warehouse.rows("staging.repositories", "status", "problems")
    assert (status, problems) == ("there", field)
    typed = {
        "stargazers_count": "stars",
        "forks_count": "forks",
        "id": "github_id",
        "archived": "is_archived",
    }
    assert warehouse.rows("staging.repositories", typed.get(field, field)) == [(None,)]


def test_neither_licence_nor_push_is_no_problem(warehouse: Warehouse) -> None:
    register(warehouse, r="r").fill("raw.pages", [page("github_repositories", 1, "o/r")])
    warehouse.fill("raw.repositories", [answered(1, "o/r", license=None, pushed_at=None)])
    assert warehouse.rows("staging.repositories", "problems") == [(None,)]


def test_a_batch_tells_the_name_and_a_single_answer_of_the_same_day_stands_first(
    warehouse: Warehouse,
) -> None:
    register(warehouse, a="a", b="b").fill("raw.pages", [page("github_repositories", 1, "o/a")])
    batch = {"scope": "by-graphql", "page": 1}
    rows = [answered(1, "o/a", stargazers_count="1")]
    rows += [answered(1, "o/a", asked_name="o/a", stargazers_count="2") | batch]
    rows += [answered(2, "o/b", asked_name="o/b", stargazers_count="3") | batch]
    warehouse.fill("raw.repositories", rows)
    assert warehouse.rows("staging.repositories", "asked_name", "stars") == [("o/a", 1), ("o/b", 3)]


def test_the_newest_observation_counts_and_todays_name_before_an_older_one(warehouse: Warehouse) -> None:
    register(warehouse, old="new", new="new", never="never")
    source = "github_repositories"
    pages = [page(source, 1, "o/new", BEFORE), page(source, 1, "o/new"), page(source, 2, "o/old")]
    rows = [answered(1, "o/new", BEFORE, stargazers_count="9"), answered(1, "o/new", stargazers_count="8")]
    rows += [answered(2, "o/new", stargazers_count="7")]
    warehouse.fill("raw.pages", pages).fill("raw.repositories", rows).build("staging.repositories")
    columns = ("repository", "observed_name", "stars_observed", "observed_date")
    assert warehouse.rows("core.repositories", *columns) == [
        ("o/never", None, None, None),
        ("o/new", "o/new", 8, DAY),
    ]


Week = dict[str, Any]
#: The day, its pages, and whether the history was read to its end.
Landing = tuple[date, list[list[Week]], bool]


def week(start: date, days: list[int] | None = None, **given: Any) -> Week:
    stars = days or [1, 0, 0, 0, 0, 0, 0]
    second = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp())
    return {"week": str(second), "total": str(sum(stars)), "days": json.dumps(stars)} | given


def history(warehouse: Warehouse, *landings: Landing) -> Warehouse:
    """Land the history of o/r."""
    pages, rows = [], []
    for day, given_pages, is_whole in landings:
        for number, weeks in enumerate(given_pages, 1):
            is_last = number == len(given_pages)
            pages.append(page("github_star_history", number, "o/r", day, has_next=not (is_last and is_whole)))
            landed = {"snapshot_date": day, "scope": "registered", "page": number}
            rows += [landed | each for each in weeks]
    numbered = [row | {"position": position} for position, row in enumerate(rows, 1)]
    warehouse.fill("raw.pages", pages).fill("raw.star_history", numbered).build("staging.star_weeks")
    return warehouse


def ago(weeks: int) -> date:
    return SUNDAY - timedelta(weeks=weeks)


def survivors(warehouse: Warehouse) -> dict[date, int]:
    rows = warehouse.rows("staging.surviving_stars", "date", "stars_surviving")
    return dict(rows)


def problems(warehouse: Warehouse) -> list[str]:
    rows = warehouse.rows("staging.star_weeks", "problem")
    return [problem for (problem,) in rows if problem]


def test_survivors_are_summed_up_and_days_to_come_have_no_row(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    weeks = [week(SUNDAY, [4, 5, 0, 0, 0, 0, 0]), week(ago(1), [1, 0, 0, 2, 0, 0, 0])]
    history(warehouse, (DAY, [weeks], True))
    assert warehouse.rows("staging.surviving_stars") == [
        ("o/r", ago(1) + timedelta(place), total, DAY, "o/r")
        for place, total in enumerate([1, 1, 1, 3, 3, 3, 3, 7, 12])
    ]


def test_a_later_landing_of_a_week_replaces_the_earlier_one(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    old = [week(ago(1), [5, 5, 5, 5, 5, 0, 0]), week(ago(2), [7, 0, 0, 0, 0, 0, 0])]
    new = [week(SUNDAY, [1, 0, 0, 0, 0, 0, 0]), week(ago(1), [4, 4, 4, 4, 4, 4, 4])]
    history(warehouse, (BEFORE, [old], True), (DAY, [new], False))
    found = survivors(warehouse)
    assert [found[ago(2)], found[ago(1)], found[SUNDAY - timedelta(1)], found[SUNDAY]] == [7, 11, 35, 36]
    assert warehouse.rows("staging.surviving_stars", "survivors_as_of_date")[0] == (DAY,)


def test_a_week_on_two_pages_counts_once(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    pages = [[week(SUNDAY), week(ago(1))], [week(ago(1)), week(ago(2))]]
    assert survivors(history(warehouse, (DAY, pages, True)))[DAY] == 3


def test_a_history_whose_beginning_was_not_reached_gives_no_sum(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    history(warehouse, (DAY, [[week(SUNDAY), week(ago(1))]], False))
    assert survivors(warehouse) == {}


def test_weeks_of_before_the_newest_whole_landing_are_forgotten(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    again = (DAY, [[week(SUNDAY, [2, 0, 0, 0, 0, 0, 0])]], True)
    history(warehouse, (BEFORE, [[week(ago(1)), week(ago(2))]], True), again)
    assert survivors(warehouse) == {SUNDAY: 2, DAY: 2}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"total": "9"}, "the total is not the sum of the days"),
        ({"total": None}, "the total is not the sum of the days"),
        ({"total": "-1", "days": "[-1,0,0,0,0,0,0]"}, "a day is no count"),
        ({"days": "[1,0,0,0,0,0]"}, "not seven days"),
        ({"days": "[1,0,0,0,0,0,0,0]"}, "not seven days"),
        ({"days": '"many"'}, "not seven days"),
        ({"days": None}, "not seven days"),
        ({"days": '[1,0,0,0,0,0,"0"]'}, "a day is no count"),
        ({"days": "[1.0,0,0,0,0,0,0]"}, "a day is no count"),
        ({"week": "soon"}, "the week is no moment"),
        ({"week": "-604800"}, "the week is no moment"),
        ({"week": None}, "the week is no moment"),
        ({"week": "9999999999"}, "the week is to come"),
    ],
)
def test_a_week_that_cannot_be_true_is_named_and_sums_end_before_it(
    warehouse: Warehouse, wrong: Week, problem: str
) -> None:
    register(warehouse, r="r")
    weeks = [week(SUNDAY), week(ago(1)), week(ago(2)) | wrong, week(ago(3)), week(ago(4))]
    history(warehouse, (DAY, [weeks], True))
    assert problems(warehouse) == [problem]
    assert max(survivors(warehouse)) == ago(2) - timedelta(1)


def test_a_week_on_another_weekday_is_named_and_not_counted(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    weeks = [week(SUNDAY), week(ago(1) + timedelta(2), [9] * 7), week(ago(1)), week(ago(2))]
    history(warehouse, (DAY, [weeks], True))
    assert problems(warehouse) == ["the week begins on another weekday"]
    assert survivors(warehouse)[DAY] == 3


def test_weeks_that_begin_at_midnight_of_another_zone_are_on_one_grid_all_year(warehouse: Warehouse) -> None:
    register(warehouse, r="r")

    def moved(start: date, hours: int) -> Week:
        each = week(start)
        return each | {"week": str(int(each["week"]) + 3600 * hours)}

    history(warehouse, (DAY, [[moved(SUNDAY, 8), moved(ago(1), 7), moved(ago(2), -1)]], True))
    assert problems(warehouse) == []
    assert survivors(warehouse)[DAY] == 3


def test_after_a_missing_week_there_is_no_sum(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    history(warehouse, (DAY, [[week(SUNDAY), week(ago(2)), week(ago(3))]], True))
    assert max(survivors(warehouse)) == ago(1) - timedelta(1)


def test_without_a_sound_first_week_there_is_no_sum(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    history(warehouse, (DAY, [[week(SUNDAY), week(ago(1)), week(ago(2), week="soon")]], True))
    assert survivors(warehouse) == {}


def test_a_week_that_was_not_landed_to_its_end_ends_the_sums(warehouse: Warehouse) -> None:
    register(warehouse, r="r")
    old = (ago(1) + timedelta(2), [[week(ago(1)), week(ago(2))]], True)
    history(warehouse, old, (DAY, [[week(SUNDAY)]], False))
    assert max(survivors(warehouse)) == ago(1) + timedelta(2)


def test_both_names_of_a_repository_are_counted_once(warehouse: Warehouse) -> None:
    register(warehouse, old="r", r="r")
    pages = [page("github_star_history", number, name) for number, name in ((1, "o/r"), (2, "o/old"))]
    landed = {"snapshot_date": DAY, "scope": "registered"}
    rows = [landed | week(SUNDAY) | {"page": number, "position": number} for number in (1, 2)]
    warehouse.fill("raw.pages", pages).fill("raw.star_history", rows).build("staging.star_weeks")
    columns = ("repository", "date", "stars_surviving", "asked_name")
    assert warehouse.rows("staging.surviving_stars", *columns) == [
        ("o/r", SUNDAY, 1, "o/r"),
        ("o/r", DAY, 1, "o/r"),
    ]


def week_is_sound(each: Week) -> bool:
    days = json.loads(each["days"])
    return len(days) == 7 and sum(days) == int(each["total"])


def weeks_by_hand(landings: list[Landing]) -> dict[date, tuple[date, list[int] | None]]:
    """For each week when it was landed last, and its days; None for days that cannot be true."""
    whole = [day for day, _, is_whole in landings if is_whole]
    found: dict[date, tuple[date, list[int] | None]] = {}
    for day, pages, _ in sorted(landings, key=lambda landing: landing[0]):
        if whole and day >= max(whole):
            for each in (each for weeks in pages for each in weeks):
                start = datetime.fromtimestamp(int(each["week"]), UTC).date()
                found[start] = day, json.loads(each["days"]) if week_is_sound(each) else None
    return found


def summed_by_hand(landings: list[Landing]) -> dict[date, int]:
    """The sums as one would make them with pencil and paper."""
    first_weeks = [pages[-1][-1] for _, pages, is_whole in landings if is_whole]
    is_begun = first_weeks and week_is_sound(first_weeks[-1])
    found = weeks_by_hand(landings) if is_begun else {}
    sums: dict[date, int] = {}
    total, due = 0, min(found, default=DAY)
    for start, (landed, days) in sorted(found.items()):
        if start != due or days is None:
            break
        for place, stars in enumerate(days):
            if start + timedelta(place) <= landed:
                total += stars
                sums[start + timedelta(place)] = total
        due = start + timedelta(7) if landed >= start + timedelta(7) else DAY + timedelta(1)
    return sums


@st.composite
def landed_histories(draw: st.DrawFn) -> list[Landing]:
    """One to three landings of up to eight weeks, some spoiled, some missing, shifted between the pages."""
    landings = []
    for days_ago in sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=3)), reverse=True):
        day = DAY - timedelta(days_ago)
        newest = day - timedelta((day.weekday() + 1) % 7)
        is_whole = draw(st.booleans())
        weeks = []
        for age in range(draw(st.integers(1, 8))):
            stars = draw(st.lists(st.integers(0, 9), min_size=7, max_size=7))
            spoiled = draw(st.sampled_from([None] * 12 + ["total", "days", "missing"]))
            if spoiled == "missing" and age:
                continue
            made = week(newest - timedelta(weeks=age), stars)
            made |= {"total": {"total": str(sum(stars) + 1)}.get(spoiled or "", made["total"])}
            made |= {"days": {"days": json.dumps(stars[:6])}.get(spoiled or "", made["days"])}
            weeks.append(made)
        cut = draw(st.integers(1, len(weeks)))
        shift = draw(st.integers(0, 1))
        pages = [weeks[:cut], weeks[max(0, cut - shift) :]]
        landings.append((day, [each for each in pages if each], is_whole))
    return landings


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(landings=landed_histories())
def test_the_sums_are_those_made_by_hand(warehouse: Warehouse, landings: list[Landing]) -> None:
    register(warehouse, r="r")
    assert survivors(history(warehouse, *landings)) == summed_by_hand(landings)


def listed(position: int, number: int, tag: str | None, day: date = DAY, **given: Any) -> dict[str, Any]:
    row = {"snapshot_date": day, "scope": "registered", "position": position, "page": number, "tag_name": tag}
    times = {"published_at": "2026-11-01T10:00:00Z", "prerelease": "false", "draft": "false"}
    return row | {"name": "Title"} | times | given


def test_releases_are_those_of_the_newest_landing_and_drafts_are_none(warehouse: Warehouse) -> None:
    register(warehouse, r="r", old="r")
    source = "github_releases"
    pages = [page(source, 1, "o/old", BEFORE), page(source, 1, "o/r"), page(source, 2, "stranger/r")]
    rows = [
        listed(1, 1, "v1", BEFORE, prerelease="true", name="Old"),
        listed(2, 1, "v0", BEFORE, prerelease="null", name=None),
        listed(1, 1, " v1 "),
        listed(2, 1, "v2", name="<b>\x00" + "x" * 300),
        listed(3, 1, "v3", draft="true"),
        listed(4, 1, "v4", published_at=None),
        listed(5, 1, "v5", published_at="2030-01-01T00:00:00Z"),
        listed(6, 1, None),
        listed(7, 1, "y" * 256),
        listed(8, 2, "v9"),
    ]
    warehouse.fill("raw.pages", pages).fill("raw.repository_releases", rows)
    published = at("2026-11-01 10:00")
    assert warehouse.rows("core.repository_releases") == [
        ("o/r", "v0", published, None, None),
        ("o/r", "v1", published, False, "Title"),
        ("o/r", "v2", published, False, "<b> " + "x" * 196),
    ]
