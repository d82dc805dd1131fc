"""Made-up data for the stand-ins: models, repositories, packages, rankings; the same for the same seed.

The shapes are the APIs'; the counts are invented, with the Hub's traits: most models have no download, a few
have nearly all, most families stand on few bases.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: The API gives no earlier creation time.
FLOOR = datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)
TODAY = date(2026, 11, 23)
#: Base models: id, parameters, architecture.
BASES = (
    ("meta-llama/Llama-2-7b-hf", 6_738_415_616, "llama"),
    ("meta-llama/Meta-Llama-3-8B", 8_030_261_248, "llama"),
    ("Qwen/Qwen2.5-7B", 7_615_616_512, "qwen2"),
    ("Qwen/Qwen3-8B", 8_190_735_360, "qwen3"),
    ("mistralai/Mistral-7B-v0.1", 7_241_732_096, "mistral"),
    ("google/gemma-2-9b", 9_241_705_984, "gemma2"),
    ("deepseek-ai/DeepSeek-R1", 684_531_386_000, "deepseek_v3"),
    ("EleutherAI/pythia-160m", 162_322_944, "gpt_neox"),
    ("google-bert/bert-base-uncased", 110_106_428, "bert"),
    ("stabilityai/stable-diffusion-xl-base-1.0", 3_500_000_000, "stable-diffusion-xl"),
)
MOMENTS = ("createdAt", "lastModified")
RELATIONS = ("finetune", "adapter", "quantized", "merge")
#: Names and tags as people with bad intentions or bad editors write them.
HOSTILE: tuple[dict[str, Any], ...] = (
    {"id": "hostile/<script>alert(1)</script>"},
    {"id": "hostile/\"quoted\"-and-'single'"},
    {"id": "hostile/dinosaur-🦕"},
    {"id": "hostile/" + "x" * 292},
    {"id": "hostile/yaml-residue", "tags": ["base_model:finetune:- Qwen/Qwen3-8B"]},
    {"id": "hostile/own-parent", "tags": ["base_model:finetune:hostile/own-parent"]},
    {"id": "hostile/circle-a", "tags": ["base_model:merge:hostile/circle-b"]},
    {"id": "hostile/circle-b", "tags": ["base_model:merge:hostile/circle-a"]},
    {"id": "hostile/lost-parent", "tags": ["base_model:adapter:gone/never-public"]},
    {"id": "hostile/absurd-downloads", "downloads": 205_800_000, "downloadsAllTime": 3},
    {"id": "hostile/no-tags", "tags": []},
)  # fmt: skip


def models(n: int, seed: int = 0, *, first: int = 0, hostile: bool = True) -> list[dict[str, Any]]:
    """Make `n` models as the API gives them with all fields of a walk.

    The bases come first, the hostile ones (of a hundred and more) last. `first` is the number of the first
    model: a call with another one makes further models, none of them hostile. Ids are unique.
    """
    numbers = range(first, first + n)
    made = [_model(number, Random(f"{seed} {number}")) for number in numbers]
    for model, changes in zip(
        reversed(made), HOSTILE if hostile and n >= 100 and not first else (), strict=False
    ):
        model.update({"author": "hostile"} | changes)
    return made


def _model(number: int, random: Random) -> dict[str, Any]:
    is_base = number < len(BASES)
    base, parameters, architecture = BASES[number] if is_base else random.choices(BASES, range(10, 0, -1))[0]
    author = base.split("/")[0] if is_base else f"user-{min(9999, int(random.paretovariate(0.5)))}"
    name = base if is_base else f"{author}/model-{number}-{architecture}"
    relation = "" if is_base or random.random() < 0.4 else random.choices(RELATIONS, (5, 6, 3, 1))[0]
    created = FLOOR + timedelta(
        seconds=int(random.random() ** 0.5 * (_midnight(TODAY) - FLOOR).total_seconds())
    )
    downloads = int(1e6 * random.random()) if is_base else _downloads(random)
    is_gguf = relation == "quantized"
    data = [f"dataset:user-{random.randint(1, 999)}/data-set-{i}" for i in range(random.randint(0, 30))]
    lineage = [f"base_model:{base}", f"base_model:{relation}:{base}"] if relation else []
    tags = ["transformers", "gguf" if is_gguf else "safetensors", architecture, "text-generation", "en"]
    return {
        "_id": f"{int(created.timestamp()):08x}{number:016x}",
        "id": name,
        "author": author,
        "createdAt": _stamp(created),
        "lastModified": _stamp(min(created + timedelta(days=random.expovariate(0.1)), _midnight(TODAY))),
        "downloads": downloads,
        "downloadsAllTime": downloads * random.randint(1, 20) + random.randint(0, 50),
        "likes": int(random.paretovariate(0.8)) - 1,
        "trendingScore": random.choice((0, 0, 0, 1, 5)),
        "gated": random.choices((False, "auto", "manual"), (95, 3, 2))[0],
        "library_name": "peft" if relation == "adapter" else "transformers",
        "pipeline_tag": "text-generation",
        "tags": [*tags, *lineage, *data, "license:apache-2.0", "arxiv:2407.10671", "region:us"],
        "safetensors": None if is_gguf else {"parameters": {"BF16": parameters}, "total": parameters},
        "gguf": {"total": parameters, "architecture": architecture, "context_length": 4096}
        if is_gguf
        else None,
        "config": {"architectures": [f"{architecture.title()}ForCausalLM"], "model_type": architecture},
        "private": False,
    }


def _downloads(random: Random) -> int:
    """None for seven in ten, and a heavy tail for the others."""
    return 0 if random.random() < 0.7 else min(50_000_000, int(3 * random.paretovariate(0.6)))


def organizations(made: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The overviews of the accounts of the base models, in the API's shape."""
    names = sorted(
        {model["author"] for model in made if not model["author"].startswith(("user-", "hostile"))}
    )
    counts = {name: sum(model["author"] == name for model in made) for name in names}
    return {
        name: {
            "name": name,
            "fullname": name.title(),
            "isVerified": True,
            "plan": "enterprise",
            "numModels": counts[name],
            "numFollowers": 1000,
        }
        for name in names
    }


def repositories(names: list[str], seed: int = 0, today: date = TODAY) -> list[dict[str, Any]]:
    """Make repositories as GitHub's REST gives them, with two further keys.

    `weeks` is the star history (newest first; its sum is `stargazers_count`), `releases` the releases.
    """
    return [_repository(name, number, Random(f"{seed} {name}"), today) for number, name in enumerate(names)]


def _repository(name: str, number: int, random: Random, today: date) -> dict[str, Any]:
    weeks = star_weeks(random.randint(20, 200), random, today)
    created = _stamp(datetime.fromtimestamp(weeks[-1]["week"], UTC), "seconds")
    releases = [
        {
            "id": 1000 * number + i,
            "tag_name": f"v0.{i}",
            "name": f"Release {i}",
            "published_at": _stamp(datetime.fromtimestamp(week["week"], UTC), "seconds"),
            "prerelease": i % 10 == 0,
            "draft": False,
        }
        for i, week in enumerate(reversed(weeks[::4]))
    ]
    owner, _, short = name.partition("/")
    return {
        "id": 100_000 + number,
        "name": short,
        "full_name": name,
        "owner": {"login": owner},
        "description": f"Made-up counts of {name}",
        "stargazers_count": sum(week["total"] for week in weeks),
        "forks_count": random.randint(0, 5000),
        "created_at": created,
        "pushed_at": _stamp(_midnight(today), "seconds"),
        "archived": random.random() < 0.1,
        "disabled": False,
        "fork": False,
        "license": random.choice((None, {"key": "mit", "spdx_id": "MIT"})),
        "topics": ["llm", "machine-learning"],
        "weeks": weeks,
        "releases": releases[::-1],
    }


def star_weeks(n: int, random: Random, today: date = TODAY) -> list[dict[str, Any]]:
    """Make `n` weeks of new stars, newest first, from Sunday on; days after `today` are zero."""
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    weeks = []
    for age in range(n):
        start = sunday - timedelta(weeks=age)
        days = [int(random.expovariate(1 / 30)) for _ in range(7)]
        days = [stars if start + timedelta(days=i) <= today else 0 for i, stars in enumerate(days)]
        weeks.append({"week": int(_midnight(start).timestamp()), "total": sum(days), "days": days})
    return weeks


def packages(
    names: list[str], seed: int = 0, today: date = TODAY, days: int = 400
) -> dict[str, dict[date, int]]:
    """Make daily downloads of packages up to yesterday, fewer at week-ends."""
    made = {}
    for name in names:
        random = Random(f"{seed} {name}")
        level = 10 ** random.uniform(2, 6)
        past = [today - timedelta(days=age) for age in range(days, 0, -1)]
        made[name] = {
            d: int(level * random.uniform(0.8, 1.2) * (0.6 if d.weekday() > 4 else 1)) for d in past
        }
    return made


def rankings(days: int = 40, n: int = 60, seed: int = 0, today: date = TODAY) -> dict[date, dict[str, int]]:
    """Make the tokens of `n` models a day, for optional.OpenRouter."""
    random = Random(seed)
    names = [f"maker-{i % 12}/model-{i}" for i in range(n)]
    past = [today - timedelta(days=age) for age in range(days, 0, -1)]
    return {day: {name: int(1e9 * random.paretovariate(1)) for name in names} for day in past}


def hub_parquet(
    path: Path, made: list[dict[str, Any]], *, json_text: bool = False, today: date | None = None
) -> Path:
    """Write models.parquet as hub-stats has it; with `json_text` safetensors, gguf and config are JSON text.

    With `today` the last model was created on that day: a file without any of these days is refused.
    Inferred: timestamps without a zone, tags as a list, `gated` as text ("False", "auto", "manual").
    """

    def nested(value: Any) -> Any:
        return json.dumps(value) if json_text and value is not None else value

    rows = [
        model
        | {
            name: datetime.fromisoformat(model[name]).replace(tzinfo=None)
            for name in ("createdAt", "lastModified")
        }
        | {name: nested(model[name]) for name in ("safetensors", "gguf", "config")}
        | {"gated": str(model["gated"]), "trendingScore": float(model["trendingScore"])}
        for model in made
    ]
    if today is not None:
        rows[-1]["createdAt"] = _midnight(today).replace(tzinfo=None)
    pq.write_table(pa.Table.from_pylist(rows, schema=_hub_schema(json_text)), path)
    return path


def _hub_schema(json_text: bool) -> pa.Schema:
    text, whole, moment = pa.string(), pa.int64(), pa.timestamp("us")
    nested = {
        "safetensors": pa.struct({"parameters": pa.struct({"BF16": whole, "F32": whole}), "total": whole}),
        "gguf": pa.struct({"total": whole, "architecture": text, "context_length": whole}),
        "config": pa.struct({"architectures": pa.list_(text), "model_type": text}),
    }
    columns = {
        "_id": text, "id": text, "author": text, "createdAt": moment, "lastModified": moment,
        "downloads": whole, "downloadsAllTime": whole, "likes": whole, "trendingScore": pa.float64(),
        "gated": text, "library_name": text, "pipeline_tag": text, "tags": pa.list_(text),
        "private": pa.bool_(),
    }  # fmt: skip
    return pa.schema(columns | (dict.fromkeys(nested, text) if json_text else nested))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _stamp(moment: datetime, precision: str = "milliseconds") -> str:
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
