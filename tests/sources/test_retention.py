"""Which lists stay in the tables and whose pages may go, by properties and over a made-up year."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.payloads import Manifest, Page, Snapshot
from pipelines.sources.retention import in_tables, thinnable

START = date(2025, 11, 23)


def listed(
    day: date,
    scope: str = "top-10000-by-downloads",
    *,
    is_complete: bool = True,
    is_thinned: bool = False,
    **about: object,
) -> Manifest:
    told = {"source": "huggingface_models", "is_live": True, "is_whole_population": scope == "whole-hub"}
    snapshot = Snapshot(day=day, scope=scope, title="", **told | about)
    page = Page(file="page-00001.json.gz", url="https://hub/1", sha256="1" * 64, bytes=1, records=1)
    return Manifest(snapshot, [page], is_complete, thinned_sha256="2" * 64 if is_thinned else "")


def days(manifests: list[Manifest], scope: str = "top-10000-by-downloads") -> list[date]:
    return [manifest.snapshot.day for manifest in manifests if manifest.snapshot.scope == scope]


def quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month + 2) // 3


def year_of_lists() -> list[Manifest]:
    """A year of daily lists of the top and weekly lists of the whole Hub."""
    daily = [listed(START + timedelta(days=n)) for n in range(366)]
    return daily + [listed(START + timedelta(days=n), "whole-hub") for n in range(0, 366, 7)]


LISTS = st.lists(
    st.builds(
        listed,
        st.dates(date(2025, 1, 1), date(2026, 12, 31)),
        st.sampled_from(("whole-hub", "top-10000-by-downloads", "created-since-last-walk")),
        is_complete=st.booleans(),
        is_thinned=st.booleans(),
        is_live=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda manifest: manifest.snapshot.key,
)


@given(LISTS)
def test_the_newest_complete_list_of_each_live_scope_is_in_the_tables(manifests: list[Manifest]) -> None:
    kept = in_tables(manifests)
    usable = [m for m in manifests if m.snapshot.is_live and m.is_complete]
    for scope in {m.snapshot.scope for m in usable}:
        newest = max((m for m in usable if m.snapshot.scope == scope), key=lambda m: m.snapshot.day)
        assert newest in kept or newest.is_thinned


@given(LISTS)
def test_every_list_of_others_stays_in_the_tables(manifests: list[Manifest]) -> None:
    recorded = [m for m in manifests if not m.snapshot.is_live and not m.is_thinned]
    assert [m for m in in_tables(manifests) if not m.snapshot.is_live] == recorded


@given(LISTS)
def test_what_has_no_pages_any_more_or_is_no_complete_live_list_is_not_in_the_tables(
    manifests: list[Manifest],
) -> None:
    for manifest in in_tables(manifests):
        assert not manifest.is_thinned
        assert manifest.is_complete or not manifest.snapshot.is_live


@given(LISTS)
def test_one_whole_list_and_no_more_is_in_the_tables(manifests: list[Manifest]) -> None:
    whole = [m for m in in_tables(manifests) if m.snapshot.is_live and m.snapshot.is_whole_population]
    assert len(whole) <= 1


@given(LISTS)
def test_pages_go_only_of_whole_lists_with_two_newer_ones_and_a_newer_one_in_their_quarter(
    manifests: list[Manifest],
) -> None:
    whole = [
        m.snapshot.day
        for m in manifests
        if m.snapshot.is_live and m.is_complete and m.snapshot.is_whole_population
    ]
    for manifest in thinnable(manifests):
        snapshot = manifest.snapshot
        newer = [day for day in whole if day > snapshot.day]
        assert (snapshot.is_live, snapshot.is_whole_population, manifest.is_complete) == (True, True, True)
        assert not manifest.is_thinned
        assert len(newer) >= 2
        assert quarter(snapshot.day) in {quarter(day) for day in newer}


@given(LISTS)
def test_nothing_in_the_tables_loses_its_pages(manifests: list[Manifest]) -> None:
    gone = {manifest.snapshot.key for manifest in thinnable(manifests)}
    assert not gone & {manifest.snapshot.key for manifest in in_tables(manifests)}


@given(LISTS)
def test_what_was_thinned_out_is_not_thinned_out_again_and_saves_no_other(manifests: list[Manifest]) -> None:
    first = thinnable(manifests)
    for manifest in first:
        manifest.thinned_sha256 = "3" * 64
    assert thinnable(manifests) == []


@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_of_the_manifests_does_not_matter(manifests: list[Manifest], random: object) -> None:
    shuffled = list(manifests)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def keys(found: list[Manifest]) -> list[str]:
        return sorted(manifest.snapshot.key for manifest in found)

    assert keys(in_tables(shuffled)) == keys(in_tables(manifests))
    assert keys(thinnable(shuffled)) == keys(thinnable(manifests))


def test_after_a_year_the_tables_hold_a_month_of_days_and_the_last_of_each_older_month() -> None:
    kept = days(in_tables(year_of_lists()))
    newest = START + timedelta(days=365)
    last_month = [newest - timedelta(days=n) for n in range(30, -1, -1)]
    ends = [
        date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31),
        date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31),
        date(2026, 9, 30),
    ]  # fmt: skip
    assert kept == ends + last_month  # the end of October lies within the last 31 days
    assert date(2026, 10, 31) in last_month


def test_after_a_year_six_whole_lists_have_their_pages_and_one_is_in_the_tables() -> None:
    manifests = year_of_lists()
    gone = days(thinnable(manifests), "whole-hub")
    with_pages = [day for day in days(manifests, "whole-hub") if day not in gone]
    assert with_pages == [
        date(2025, 12, 28), date(2026, 3, 29), date(2026, 6, 28), date(2026, 9, 27),
        date(2026, 11, 15), date(2026, 11, 22),
    ]  # fmt: skip
    assert days(in_tables(manifests), "whole-hub") == [date(2026, 11, 22)]


def test_thinning_out_every_week_of_a_year_leaves_what_thinning_out_once_does() -> None:
    weekly: list[Manifest] = []
    for manifest in (m for m in year_of_lists() if m.snapshot.is_whole_population):
        weekly.append(manifest)
        for old in thinnable(weekly):
            old.thinned_sha256 = "4" * 64
    at_once = [m for m in year_of_lists() if m.snapshot.is_whole_population]
    assert [m.snapshot.day for m in weekly if m.is_thinned] == days(thinnable(at_once), "whole-hub")


def test_a_whole_list_that_is_not_complete_protects_no_other_and_loses_nothing() -> None:
    days_of_lists = [START + timedelta(days=n) for n in range(4)]
    manifests = [listed(day, "whole-hub") for day in days_of_lists[:3]]
    manifests.append(listed(days_of_lists[3], "whole-hub", is_complete=False))
    assert days(thinnable(manifests), "whole-hub") == days_of_lists[:1]
    assert days(in_tables(manifests), "whole-hub") == [days_of_lists[2]]


def test_whole_lists_of_two_sources_are_counted_apart() -> None:
    walks = [listed(START + timedelta(days=n), "whole-hub") for n in range(3)]
    scope = "whole-hub-by-hub-stats"
    files = [
        listed(START + timedelta(days=n), scope, is_whole_population=True, source="hub_stats")
        for n in range(3)
    ]
    assert [m.snapshot.scope for m in thinnable(walks + files)] == ["whole-hub", scope]
    assert [m.snapshot.scope for m in in_tables(walks + files)] == ["whole-hub", scope]
