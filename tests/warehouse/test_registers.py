"""The registers: every mistake is named with file and line, all at once; the shipped ones have none."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.settings import REFERENCE_DIR
from pipelines.warehouse.errors import RegisterError
from pipelines.warehouse.models import SqlModel
from pipelines.warehouse.registers import read_registers

AS_OF = date(2026, 11, 23)
ORGANIZATIONS = "organization_id,name,legal_form,funding,country,valid_from,valid_to,status,source,note"
ACCOUNTS = "account,organization_id,valid_from,valid_to,status,source,note"
LEGAL_FORMS = "company, academic, nonprofit, individual, unknown"
TOTALS = "as_of_date,models,status,source,note"
GOOD = {
    "organizations.csv": [
        ORGANIZATIONS,
        "meta,Meta,company,giant,US,,,verified,https://meta.test/about,",
        'ai2,"Allen Institute, AI",nonprofit,funded,US,2014-01-01,,verified,https://ai2.test,"a ""note"""',
    ],
    "accounts.csv": [
        ACCOUNTS,
        "facebook,meta,,,verified,hf/list-2026-05: facebook/opt-125m,",
        "allenai,ai2,2019-11-07,2025-01-01,unverified,none,🦙 <b>",
        "allenai,meta,2025-01-01,,verified,none,",
    ],
    "hub_totals.csv": [
        TOTALS,
        "2022-12-30,108473,verified,https://hub.test,",
        "2026-09-17,3073794,verified,none,",
    ],
}
Reader = Callable[..., dict[str, pl.DataFrame]]


@pytest.fixture
def read(tmp_path: Path, models: dict[str, SqlModel]) -> Reader:
    """Write three registers, some lines of them replaced, and read them."""
    chosen = {
        table: models[table]
        for table in ("reference.organizations", "reference.accounts", "reference.hub_totals")
    }

    def written(lines: dict[str, dict[int, str]] | None = None) -> dict[str, pl.DataFrame]:
        for name, good in GOOD.items():
            changed = (lines or {}).get(name, {})
            rows = [changed.get(number, line) for number, line in enumerate(good, 1)]
            rows += [line for number, line in changed.items() if number > len(good)]
            (tmp_path / name).write_text("\n".join(rows) + "\n")
        return read_registers(chosen, tmp_path, as_of=AS_OF)

    return written


def problems(read: Reader, lines: dict[str, dict[int, str]]) -> list[str]:
    """What is wrong when these lines stand in the registers."""
    with pytest.raises(RegisterError) as raised:
        read(lines)
    return str(raised.value).splitlines()[1:]


def test_sound_registers_come_typed_with_empty_cells_as_nulls(read: Reader) -> None:
    frames = read()
    organizations = frames["reference.organizations"]
    assert organizations["name"].to_list() == ["Meta", "Allen Institute, AI"]
    assert organizations["valid_from"].to_list() == [None, date(2014, 1, 1)]
    assert organizations["note"].to_list() == [None, 'a "note"']
    assert frames["reference.hub_totals"]["models"].to_list() == [108_473, 3_073_794]
    assert frames["reference.accounts"]["note"].to_list() == [None, "🦙 <b>", None]
    assert organizations.columns == ORGANIZATIONS.split(",")


def test_blanks_around_a_cell_are_no_part_of_it(read: Reader) -> None:
    frames = read({"accounts.csv": {2: " facebook , meta,  ,,verified ,a source,"}})
    assert frames["reference.accounts"].row(0)[:3] == ("facebook", "meta", None)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_register_saved_by_a_spreadsheet_is_read(
    mark: str, read: Reader, tmp_path: Path, models: dict[str, SqlModel]
) -> None:
    read()
    path = tmp_path / "accounts.csv"
    path.write_bytes((mark + path.read_text()).replace("\n", "\r\n").encode())
    chosen = {table: models[table] for table in ("reference.organizations", "reference.accounts")}
    frames = read_registers(chosen, tmp_path, as_of=AS_OF)
    assert frames["reference.accounts"]["organization_id"].to_list() == ["meta", "ai2", "meta"]


@pytest.mark.parametrize(
    ("name", "line", "text", "expected"),
    [
        ("organizations.csv", 3, GOOD["organizations.csv"][1],
         ["organizations.csv line 2: (organization_id, valid_from) stands twice",
          "organizations.csv line 3: (organization_id, valid_from) stands twice",
          "accounts.csv line 3: organization_id is not in organizations.csv"]),
        ("hub_totals.csv", 3, "2022-12-30,1,verified,none,",
         ["hub_totals.csv line 2: (as_of_date) stands twice",
          "hub_totals.csv line 3: (as_of_date) stands twice"]),
        ("organizations.csv", 2, "meta,Meta,firm,giant,US,,,verified,x,",
         [f"organizations.csv line 2: legal_form must be one of {LEGAL_FORMS}"]),
        ("organizations.csv", 2, "meta,Meta,company,rich,US,,,verified,x,",
         ["organizations.csv line 2: funding must be one of giant, funded, modest, unknown"]),
        ("accounts.csv", 2, "facebook,meta,,,Verified,x,",
         ["accounts.csv line 2: status must be one of verified, unverified"]),
        ("accounts.csv", 3, "allenai,ai2,,,verified,,", ["accounts.csv line 3: source is empty"]),
        ("accounts.csv", 3, 'allenai,ai2,,,verified,"  ",', ["accounts.csv line 3: source is empty"]),
        ("accounts.csv", 2, "facebook,google,,,verified,x,",
         ["accounts.csv line 2: organization_id is not in organizations.csv"]),
        ("accounts.csv", 2, "facebook,Meta,,,verified,x,",
         ["accounts.csv line 2: organization_id is not in organizations.csv"]),
        ("accounts.csv", 2, "facebook,meta,2026-11-24,,verified,x,",
         ["accounts.csv line 2: valid_from lies in the future"]),
        ("accounts.csv", 2, "facebook,meta,2026-02-30,,verified,x,",
         ["accounts.csv line 2: valid_from is no DATE"]),
        ("accounts.csv", 2, "facebook,meta,spring 2026,,verified,x,",
         ["accounts.csv line 2: valid_from is no DATE"]),
        ("accounts.csv", 2, "facebook,meta,30.1.2026,,verified,x,",
         ["accounts.csv line 2: valid_from is no DATE"]),
        ("hub_totals.csv", 2, "2022-12-30,about 100000,verified,x,",
         ["hub_totals.csv line 2: models is no BIGINT"]),
        ("hub_totals.csv", 2, '2022-12-30,"108,473",verified,x,',
         ["hub_totals.csv line 2: models is no BIGINT"]),
        ("hub_totals.csv", 2, "2022-12-30,1.5,verified,x,", ["hub_totals.csv line 2: models is no BIGINT"]),
        ("hub_totals.csv", 2, "2022-12-30,0,verified,x,", ["hub_totals.csv line 2: models is below 1"]),
        ("hub_totals.csv", 2, "2022-12-30,1000000001,verified,x,",
         ["hub_totals.csv line 2: models is above 1000000000"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_file_and_line(
    name: str, line: int, text: str, expected: list[str], read: Reader
) -> None:
    assert problems(read, {name: {line: text}}) == expected


def test_today_does_not_lie_in_the_future(read: Reader) -> None:
    frames = read({"accounts.csv": {2: f"facebook,meta,{AS_OF},,verified,x,"}})
    assert frames["reference.accounts"]["valid_from"][0] == AS_OF


@pytest.mark.parametrize("text", ["24-01-01", "202-01-01"])
def test_a_year_has_four_digits(text: str, read: Reader) -> None:
    found = problems(read, {"accounts.csv": {2: f"facebook,meta,{text},,verified,x,"}})
    assert found == ["accounts.csv line 2: valid_from is no DATE"]


def test_all_mistakes_of_all_registers_are_told_at_once(read: Reader) -> None:
    found = problems(
        read,
        {
            "organizations.csv": {2: "meta,,firm,giant,US,,,verified,,"},
            "accounts.csv": {2: "facebook,google,someday,,verified,x,"},
            "hub_totals.csv": {3: "2030-01-01,-1,checked,x,"},
        },
    )
    assert set(found) == {
        "organizations.csv line 2: name is empty",
        "organizations.csv line 2: source is empty",
        f"organizations.csv line 2: legal_form must be one of {LEGAL_FORMS}",
        "accounts.csv line 2: valid_from is no DATE",
        "accounts.csv line 2: organization_id is not in organizations.csv",
        "hub_totals.csv line 3: as_of_date lies in the future",
        "hub_totals.csv line 3: models is below 1",
        "hub_totals.csv line 3: status must be one of verified, unverified",
    }


def test_of_very_many_mistakes_the_first_are_shown_and_all_are_counted(read: Reader) -> None:
    many = {number: f"account-{number},nobody,,,verified,x," for number in range(5, 105)}
    with pytest.raises(RegisterError, match=r"^100 problems in the registers") as raised:
        read({"accounts.csv": many})
    assert (
        str(raised.value).splitlines()[1]
        == "accounts.csv line 5: organization_id is not in organizations.csv"
    )
    assert str(raised.value).endswith("\n...")
    assert len(str(raised.value).splitlines()) == 22


def test_a_line_is_the_files_own_also_after_a_cell_of_two_lines(read: Reader) -> None:
    changed = {2: 'facebook,meta,,,verified,x,"a note\nof two lines"', 3: "allenai,nobody,,,verified,x,"}
    found = problems(read, {"accounts.csv": changed})
    assert found == ["accounts.csv line 4: organization_id is not in organizations.csv"]


@pytest.mark.parametrize(
    "columns",
    [
        ACCOUNTS.replace(",source", ""),
        f"{ACCOUNTS},colour",
        ACCOUNTS.replace("source", "sources"),
        "organization_id,account,valid_from,valid_to,status,source,note",
        ACCOUNTS.replace(",note", ",source"),
    ],
)
def test_a_missing_an_unknown_or_a_misplaced_column_is_told_with_those_that_must_be(
    columns: str, read: Reader, tmp_path: Path
) -> None:
    rows = ["x," * columns.count(",")] * 2
    with pytest.raises(RegisterError) as raised:
        read({"accounts.csv": {1: columns, 2: rows[0], 3: rows[1], 4: rows[1]}})
    assert "accounts.csv must have the columns ['account', 'organization_id'" in str(raised.value)


def test_a_missing_register_is_named(read: Reader, tmp_path: Path, models: dict[str, SqlModel]) -> None:
    with pytest.raises(RegisterError, match=r"accounts\.csv is missing"):
        read_registers({"reference.accounts": models["reference.accounts"]}, tmp_path, as_of=AS_OF)


@pytest.mark.parametrize(
    "content", [b"", b'account,"organization_id', b"\xff\xfe\x00", b"PK\x03\x04\x00\xff"]
)
def test_what_is_no_csv_is_named(content: bytes, tmp_path: Path, models: dict[str, SqlModel]) -> None:
    (tmp_path / "accounts.csv").write_bytes(content)
    with pytest.raises(RegisterError, match=r"accounts\.csv"):
        read_registers({"reference.accounts": models["reference.accounts"]}, tmp_path, as_of=AS_OF)


def test_a_line_with_a_cell_too_many_is_named(read: Reader) -> None:
    with pytest.raises(RegisterError, match=r"accounts\.csv line 3"):
        read({"accounts.csv": {3: "allenai,ai2,,,verified,x,founded by Paul Allen, in 2014"}})


def test_a_missing_register_does_not_hide_the_mistakes_of_the_others(
    read: Reader, tmp_path: Path, models: dict[str, SqlModel]
) -> None:
    with pytest.raises(RegisterError):
        read({"accounts.csv": {2: "facebook,meta,someday,,verified,x,"}})
    (tmp_path / "hub_totals.csv").unlink()
    tables = ("reference.organizations", "reference.hub_totals", "reference.accounts")
    with pytest.raises(RegisterError) as raised:
        read_registers({table: models[table] for table in tables}, tmp_path, as_of=AS_OF)
    assert "hub_totals.csv is missing" in str(raised.value)
    assert "accounts.csv line 2: valid_from is no DATE" in str(raised.value)


def test_a_register_may_have_no_rows(tmp_path: Path, models: dict[str, SqlModel]) -> None:
    (tmp_path / "hub_totals.csv").write_text(TOTALS + "\n")
    chosen = {"reference.hub_totals": models["reference.hub_totals"]}
    frame = read_registers(chosen, tmp_path, as_of=AS_OF)["reference.hub_totals"]
    assert frame.schema["as_of_date"] == pl.Date
    assert frame.schema["models"] == pl.Int64
    assert frame.is_empty()


@pytest.fixture(scope="module")
def shipped(models: dict[str, SqlModel]) -> dict[str, pl.DataFrame]:
    return read_registers(models, REFERENCE_DIR, as_of=AS_OF)


def test_the_shipped_registers_are_sound_and_all_of_them_are_read(
    shipped: dict[str, pl.DataFrame], models: dict[str, SqlModel]
) -> None:
    assert {f"reference.{path.stem}" for path in REFERENCE_DIR.glob("*.csv")} == set(shipped)
    for table, frame in shipped.items():
        assert frame.columns == list(models[table].columns)
        assert len(frame) > 0, table


def test_the_shipped_registers_are_large_enough(shipped: dict[str, pl.DataFrame]) -> None:
    releases = shipped["reference.releases"]
    assert shipped["reference.accounts"]["account"].n_unique() >= 220
    assert releases.filter(pl.col("status") == "verified").height >= 120


def test_what_is_verified_names_a_source_that_is_one(shipped: dict[str, pl.DataFrame]) -> None:
    for table, frame in shipped.items():
        if "source" in frame.columns:
            unsourced = frame.filter(
                pl.col("status") == "verified", pl.col("source").str.to_lowercase() == "none"
            )
            assert unsourced.rows() == [], table


@pytest.mark.parametrize(
    ("name", "organization", "kind", "year"),
    [
        ("DALL-E 2", "openai", "proprietary_launch", 2022),
        ("Stable Diffusion (public release)", "stability-ai", "open_release", 2022),
        ("LLaMA", "meta", "gated_release", 2023),
        ("LLaMA leak", "meta", "leak", 2023),
        ("Alpaca", "stanford", "open_release", 2023),
        ("Vicuna", "lmsys", "open_release", 2023),
        ("Koala", "uc-berkeley", "open_release", 2023),
        ("ChatLLaMA", "nebuly", "open_release", 2023),
        ("FreedomGPT", "age-of-ai", "open_release", 2023),
        ("ColossalChat", "hpc-ai-tech", "open_release", 2023),
        ("T5", "google", "open_release", 2019),
        ("Flan-T5", "google", "open_release", 2022),
        ("GPT-2 full release (1.5B)", "openai", "open_release", 2019),
        ("ChatGPT", "openai", "proprietary_launch", 2022),
        ("GPT-4", "openai", "proprietary_launch", 2023),
        ("gpt-oss", "openai", "open_release", 2025),
    ],
)
def test_the_systems_of_the_article_are_in_the_register(
    name: str, organization: str, kind: str, year: int, shipped: dict[str, pl.DataFrame]
) -> None:
    (row,) = shipped["reference.releases"].filter(pl.col("name") == name).rows(named=True)
    assert (row["organization_id"], row["kind"], row["event_date"].year) == (organization, kind, year)


def test_the_leak_came_after_the_release_and_before_the_alpaca_family(
    shipped: dict[str, pl.DataFrame],
) -> None:
    dates = dict(shipped["reference.releases"].select("name", "event_date").rows())
    assert dates["LLaMA"] < dates["LLaMA leak"] < dates["Alpaca"] < dates["Vicuna"] < dates["Koala"]


def test_what_is_said_of_a_later_event_is_not_known_yet(models: dict[str, SqlModel]) -> None:
    found = read_registers(models, REFERENCE_DIR, as_of=date(2023, 4, 1), today=date(2026, 11, 23))
    events = dict(found["reference.releases"].select("release_id", "event_date").rows())
    chosen = found["reference.big_releases"]["release_id"].to_list()
    assert chosen == ["2022-08-22-stable-diffusion-public-release", "2023-03-03-llama-leak"]
    assert all(events[release_id] <= date(2023, 4, 1) for release_id in chosen)
