"""Lineage that nobody declares, inferred from names.

Here: which model a name points to, by rules of which the first that finds something counts; and in the same
pass the same rules on models that do declare a base, masked by author, which is what measures them. Not here:
what becomes of the edges (lineage), how right they are (marts.lineage_quality).

Nothing that a masked author declares is used. Candidates are the models of the lists. Which of several of
one name is meant, and which names are bases that everybody knows, follows from registers, from downloads and
from what *other* authors declare.
"""

from itertools import product
from string import ascii_lowercase, digits

import numpy as np
import polars as pl

#: The fold of models that declare nothing: nobody's declarations are left out for them.
UNMASKED = -1
#: Candidates of one name that are looked at; the first that nothing speaks against is taken.
SAME_NAMES = 4
#: So many other authors make a base known: it is recognised within longer names, and its name is never plain.
KNOWN_FROM_AUTHORS = 3
#: A maker's model is recognised within longer names from so many downloads in 30 days on, if they are told.
KNOWN_FROM_DOWNLOADS = 1000
#: Shorter names (`results`, `test1`) agree by chance, if they are not those of a known base.
TELLING_LENGTH = 10
SHORTEST_BASE = 4
#: So many parts of a name that tell a training are taken off at most.
TRAINING_PARTS = 3
#: How often models without a child or a parent are set aside before circles are looked for; saves time only.
TRIMS = 3

#: Accounts that convert and re-upload the models of others: under the same name theirs is the copy.
_REUPLOADERS = [
    "bartowski", "ggml-org", "litert-community", "lmstudio-community", "lonestriker", "maziyarpanahi",
    "mlx-community", "mradermacher", "onnx-community", "optimum", "prunaai", "quantfactory", "richarderkhov",
    "second-state", "solidrust", "stablediffusionapi", "tensorblock", "thebloke", "unsloth", "xenova",
]  # fmt: skip
#: Parts of a name that tell a format: `-GGUF`, `-i1`, `-bnb-4bit`, `-W4A16`, `-Q4_K_M`, `-4.0bpw`, ...
_FORMATS = (
    r"gguf|ggml|gptq|awq|exl[23]|bnb|nf4|fp4|int[48]|fp8|nvfp4|mxfp[48]|w\d+a\d+|\d+bits?|imatrix|i1|"
    r"iq\d[a-z0-9]*|q\d+(?:-k|-\d)?(?:-[sml]|-xl)?|hqq|quip|aqlm|marlin|quanti[sz]ed|quants?|\d+-\d+bpw|\d+bpw|"
    r"h\d|gs?\d+|\d+g|a?sym|dynamic|ud|mlx|onnx|openvino|ov|fp16|bf16|f16|f32|fp32|float16|coreml|tflite|litert|"
    r"rknn|ct2|ctranslate2|smashed|tensorrt|safetensors|hf|sharded|keras|llamafile|executorch|mlc|q\d+f\d+|"
    r"auto-?round|auto-?gptq|auto-?awq|torchao|static|calibrated"
)
#: Those of them in which the weights stay as they are.
_UNCHANGED = r"fp16|bf16|f16|f32|fp32|float16|safetensors|hf|sharded|keras"
_FORMAT_BEFORE = "^(nunchaku|faster|quantized|gguf)-"
#: Parts of a name that tell a training or a merge. Versions are none: v3 does not come from v1.
_TRAININGS = (
    r"q?lora|dora|adapters?|peft|sft|c?dpo|orpo|kto|grpo|ppo|rlhf|simpo|cpo|spin|instruct|inst|it|chat|ft|"
    r"fine-?tun(?:e|ed|ing)|tuned|trained|merged?|abliterated|uncensored|heretic|slerp|ties|dare|linear|stock|"
    r"(?:epochs?|ep|steps?|checkpoint|ckpt|iter|seed|lr)-?\d*|\d+-?(?:epochs?|ep|steps?)|final|delta|thinking|"
    r"reasoning|laser"
)
#: Every letter and digit with `-` between: to seek these takes half the time of one pattern with groups.
_GLUED = {f"{letter}-{digit}": f"{letter}{digit}" for letter, digit in product(ascii_lowercase, digits)}
_ADAPTERS = "-(q?lora|dora|adapters?|peft)-"
_MERGES = "-(merged?|slerp|ties|dare|stock|linear|moe)-"


def name_matches(
    models: pl.DataFrame,
    other_names: pl.DataFrame,
    masked: pl.DataFrame,
    builders: pl.DataFrame,
    edges: pl.DataFrame,
) -> pl.DataFrame:
    """Say which model the name of a model points to, for those of which nobody tells and for masked ones.

    models: model_id, architecture, created_at, downloads_30d, is_maker (its account is that of a registered
    organization, which makes the family that the name tells, if it tells one), is_settled (an edge or a
    register tells of it); one row a listed model. other_names: model_id, seen_id (an id that it bears
    elsewhere, or bore). masked: child_id, fold; models that declare a base and are treated as if neither they
    nor any author of their fold did. builders: parent_id, fold, authors (how many accounts of the fold have a
    child of it that is told; building on one's own does not count). edges: child_id, parent_id; all that is
    told.

    Gives child_id, fold (null where nothing is told), parent_id, relation and rule (all three null for masked
    models that no rule says anything of); one row a child.
    """
    listed = _keyed(models)
    silent = listed.filter(~pl.col("is_settled")).with_columns(fold=pl.lit(UNMASKED, pl.Int64))
    declaring = listed.join(masked, left_on="model_id", right_on="child_id", how="inner")
    children = _parsed(pl.concat([silent, declaring])).with_row_index("row")
    found = _found(children, _entries(listed, other_names), builders)
    found = found.join(children.select("row", "fold", child_id="model_id"), on="row", how="right")
    is_masked = pl.col("fold") != UNMASKED
    matches = found.filter(is_masked | pl.col("parent_id").is_not_null()).select(
        "child_id", pl.when(is_masked).then("fold").alias("fold"), "parent_id", "relation", "rule"
    )
    return _without_circles(matches, edges).sort("child_id")


def _found(children: pl.DataFrame, entries: pl.DataFrame, builders: pl.DataFrame) -> pl.DataFrame:
    """Give each child what the first rule that finds something finds: row, parent_id, relation, rule."""
    keyed = {
        "account_in_name": _by_account_in_name(children),
        "format": children.filter(pl.col("formats") != "").with_columns(key="stripped_key", turn=pl.lit(0)),
        "same_name": _by_same_name(children, entries),
        "training": _by_training(children),
        "base_in_name": _by_base_in_name(children, _known_names(entries, builders)),
    }
    wanted = pl.concat(frame.select("key", "fold") for frame in keyed.values()).unique()
    pool = _placed(entries, builders, wanted)
    relation_and_condition = {
        "account_in_name": (_format_relation(), pl.col("told_account") == pl.col("account_parent")),
        "format": (_format_relation(), _telling()),
        "same_name": (pl.lit("copy"), _is_original() & _telling()),
        "training": (_training_relation(), _telling()),
        "base_in_name": (_training_relation(), pl.col("is_known")),
    }
    found = [
        _first(keyed[rule], pool, relation, condition).with_columns(rule=pl.lit(rule), rule_turn=pl.lit(turn))
        for turn, (rule, (relation, condition)) in enumerate(relation_and_condition.items())
    ]
    in_turn = pl.concat(found).sort("row", "rule_turn")
    return in_turn.unique("row", keep="first", maintain_order=True).drop("rule_turn")


def _by_account_in_name(children: pl.DataFrame) -> pl.DataFrame:
    """`bartowski/google_gemma-2-9b-it-GGUF`, `RichardErkhov/google_-_gemma-2b-gguf`: account first."""
    before = pl.col("model_id").str.to_lowercase().str.extract("/([^_/]+)_(?:-_)?[^_]")
    keyed = children.filter(pl.col("model_id").str.contains("_", literal=True)).with_columns(
        told_account=before
    )
    length = _separated(pl.col("told_account")).str.len_chars() + 1
    key = _glued(pl.col("stripped").str.slice(length))
    return keyed.drop_nulls("told_account").with_columns(key=key, turn=pl.lit(0))


def _by_same_name(children: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Names that several models have; one of them may be a re-upload of another."""
    # Numbers are told apart in half the time; a name that shares only its number finds no other model.
    shared = entries.select("key").filter(pl.col("key").hash().is_duplicated()).unique()
    return children.join(shared, on="key", how="semi").with_columns(turn=pl.lit(0))


def _by_training(children: pl.DataFrame) -> pl.DataFrame:
    """The name without what tells its training, with as few parts taken off as possible."""
    shorter = children.with_columns(left="stripped")
    keyed = []
    for turn in range(TRAINING_PARTS):
        before = pl.col("left")
        shorter = shorter.with_columns(left=before.str.replace(f"-(?:{_TRAININGS})$", ""), before=before)
        shorter = shorter.filter(pl.col("left") != pl.col("before"))
        keyed.append(
            shorter.with_columns(key=_glued(pl.col("left")), turn=pl.lit(turn)).drop("left", "before")
        )
    return pl.concat(keyed)


def _by_base_in_name(children: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Names of known bases that are part of the name of a stranger's model, the longest first."""
    name = pl.concat_str(pl.lit("-"), "stripped", pl.lit("-"))
    patterns = known["pattern"].unique().sort().implode()
    return (
        children.filter(~pl.col("is_maker"))
        .with_columns(pattern=name.str.extract_many(patterns, overlapping=True))
        .filter(pl.col("pattern").list.len() > 0)
        .explode("pattern")
        .drop("key")
        .join(known, on="pattern", how="inner")
        .filter(pl.col("key") != pl.col("stripped_key"))
        .with_columns(turn=-pl.col("key").str.len_bytes().cast(pl.Int32))
        .drop("pattern")
    )


def _known_names(entries: pl.DataFrame, builders: pl.DataFrame) -> pl.DataFrame:
    """Give how the bases that may be known are spelled: pattern (`-name-`) and key.

    They are those on which KNOWN_FROM_AUTHORS authors build, and those of makers that are downloaded and have
    a number or three parts in their name, so that no common word is taken for one. Names are given as they
    are, and with `llama3` and `llama-3` exchanged.
    """
    built_on = builders.group_by("parent_id").agg(pl.col("authors").sum())
    built_on = built_on.filter(pl.col("authors") >= KNOWN_FROM_AUTHORS)
    is_downloaded = pl.col("downloads_30d").fill_null(KNOWN_FROM_DOWNLOADS) >= KNOWN_FROM_DOWNLOADS
    makers = entries.filter(pl.col("is_maker") & is_downloaded)
    bases = pl.concat(
        [
            entries.join(built_on, on="parent_id", how="semi"),
            makers.filter(pl.col("key").str.contains(r"\d|-.*-")),
        ]
    ).filter(pl.col("key").str.len_bytes() >= SHORTEST_BASE)
    apart = pl.col("name").str.replace_all(r"([a-z])(\d)", "${1}-${2}")
    spelled = pl.concat(
        bases.select("key", pattern=pl.concat_str(pl.lit("-"), spelling, pl.lit("-")))
        for spelling in (pl.col("name"), pl.col("key"), apart)
    )
    return spelled.unique()


def _placed(entries: pl.DataFrame, builders: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Give the candidates of the wanted keys and folds, with `place` among those of one name and `is_known`.

    First the makers of their families, then by how many authors of other folds build on it, then by
    downloads, then those that bear the very name, then by id. Known is a maker's model, or one that
    KNOWN_FROM_AUTHORS authors of other folds build on.
    """
    standing = ["key", "fold", "is_maker", "authors", "downloads_30d", "rank", "parent_id"]
    candidates = entries.join(wanted, on="key", how="inner")
    whole = builders.group_by("parent_id").agg(whole=pl.col("authors").sum())
    own = builders.rename({"authors": "own"})
    return (
        candidates.join(whole, on="parent_id", how="left")
        .join(own, on=["parent_id", "fold"], how="left")
        .with_columns(authors=pl.col("whole").fill_null(0) - pl.col("own").fill_null(0))
        .with_columns(pl.col("downloads_30d").fill_null(0))
        .sort(standing, descending=[False, False, True, True, True, False, False])
        .unique(["key", "fold", "parent_id"], keep="first", maintain_order=True)
        .with_columns(
            place=pl.int_range(pl.len()).over("key", "fold"),
            is_known=pl.col("is_maker") | (pl.col("authors") >= KNOWN_FROM_AUTHORS),
        )
        .drop("authors", "whole", "own", "downloads_30d", "rank", "name")
    )


def _first(keyed: pl.DataFrame, pool: pl.DataFrame, relation: pl.Expr, condition: pl.Expr) -> pl.DataFrame:
    """Give each child the first candidate of one of its keys that nothing speaks against.

    Keys by turn; of candidates of one turn first one of the own account, then by place, then by id. Columns
    of the candidate end in `_parent`. Gives row, parent_id, relation.
    """
    pairs = keyed.join(pool, on=["key", "fold"], how="inner", suffix="_parent")
    is_own = pl.col("account") == pl.col("account_parent")
    return (
        pairs.filter((is_own | (pl.col("place") < SAME_NAMES)) & _is_plausible() & condition)
        .sort("row", "turn", is_own, "place", "parent_id", descending=[False, False, True, False, False])
        .unique("row", keep="first", maintain_order=True)
        .select("row", "parent_id", relation=relation)
    )


def _is_plausible() -> pl.Expr:
    """Another model, at most a day younger than the child, of its architecture if both tell one."""
    is_other = pl.col("model_id") != pl.col("parent_id")
    agrees = (pl.col("architecture") == pl.col("architecture_parent")).fill_null(value=True)
    in_order = pl.col("created_at_parent") <= pl.col("created_at") + pl.duration(days=1)
    return is_other & agrees & in_order.fill_null(value=True)


def _is_original() -> pl.Expr:
    """Of two of one name: the child's account deals in copies, or the other is its maker's or older."""
    is_older = (pl.col("created_at_parent") < pl.col("created_at")).fill_null(value=False)
    of_equals = is_older & (pl.col("is_maker_parent") == pl.col("is_maker"))
    is_copy = pl.col("account").is_in(_REUPLOADERS) | (pl.col("is_maker_parent") & ~pl.col("is_maker"))
    is_other = pl.col("account") != pl.col("account_parent")
    return (is_copy | of_equals) & is_other & ~pl.col("account_parent").is_in(_REUPLOADERS)


def _telling() -> pl.Expr:
    """The name is a known base's, or long enough, or the candidate is one's own."""
    is_long = pl.col("key").str.len_bytes() >= TELLING_LENGTH
    return pl.col("is_known") | is_long | (pl.col("account") == pl.col("account_parent"))


def _format_relation() -> pl.Expr:
    is_unchanged = pl.col("formats").str.contains(f"^({_UNCHANGED}|-)*$")
    return pl.when(is_unchanged).then(pl.lit("copy")).otherwise(pl.lit("quantized"))


def _training_relation() -> pl.Expr:
    told = pl.concat_str(pl.lit("-"), "stripped", pl.lit("-"))
    return (
        pl.when(~pl.col("formats").str.contains(f"^({_UNCHANGED}|-)*$"))
        .then(pl.lit("quantized"))
        .when(told.str.contains(_ADAPTERS))
        .then(pl.lit("adapter"))
        .when(told.str.contains(_MERGES))
        .then(pl.lit("merge"))
        .otherwise(pl.lit("finetune"))
    )


def _keyed(models: pl.DataFrame) -> pl.DataFrame:
    """Add account and name in lower case, the name with `-` for every sign, and key, in which `llama-3` is
    `llama3`. Who re-uploads is nobody's maker.
    """
    model_id = pl.col("model_id").str.to_lowercase()
    account = model_id.str.extract("^([^/]*)/").fill_null("")
    keyed = models.with_columns(account=account, name=_separated(model_id.str.replace("^[^/]*/", "")))
    is_maker = pl.col("is_maker") & ~pl.col("account").is_in(_REUPLOADERS)
    return keyed.with_columns(key=_glued(pl.col("name")), is_maker=is_maker)


def _parsed(keyed: pl.DataFrame) -> pl.DataFrame:
    """Add formats (the parts of the name that tell one), stripped (the name without them), stripped_key."""
    behind = pl.col("name").str.extract(f"((?:-(?:{_FORMATS}))+)$").fill_null("")
    before = pl.col("name").str.extract(_FORMAT_BEFORE).fill_null("")
    return (
        keyed.with_columns(behind=behind, before=before)
        .with_columns(
            formats=pl.concat_str("before", "behind").str.strip_chars("-"),
            stripped=pl.col("name").str.strip_suffix(pl.col("behind")).str.replace(_FORMAT_BEFORE, ""),
        )
        .with_columns(stripped_key=_glued(pl.col("stripped")))
        .drop("behind", "before", "name", "is_settled", "downloads_30d")
    )


def _separated(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("[^a-z0-9]{2,}|[^a-z0-9-]", "-").str.strip_chars("-")


def _glued(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(_GLUED)


def _entries(listed: pl.DataFrame, other_names: pl.DataFrame) -> pl.DataFrame:
    """Every listed model as a candidate, under each of its names.

    Those are its id, the ids that it bears elsewhere, and its name without `-hf`, `-bf16` and the like.
    `rank` puts them in this order.
    """
    facts = ["account", "architecture", "created_at", "downloads_30d", "is_maker", "name", "key"]
    own = listed.select(*facts, parent_id="model_id")
    borne = listed.drop("account", "name", "key").join(other_names, on="model_id", how="inner")
    borne = _keyed(borne.rename({"model_id": "parent_id", "seen_id": "model_id"}))
    plain = own.filter(pl.col("name").str.contains(f"-(?:{_UNCHANGED})$"))
    plain = plain.with_columns(name=pl.col("name").str.replace(f"(?:-(?:{_UNCHANGED}))+$", ""))
    plain = plain.with_columns(key=_glued(pl.col("name")))
    ways = (own, borne.select(own.columns), plain)
    return pl.concat(way.with_columns(rank=pl.lit(rank)) for rank, way in enumerate(ways))


def _without_circles(matches: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Leave out what would make a model its own ancestor: a name is never held against what is told."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy, and only this function needs it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ends = ["child_id", "parent_id"]
    inferred = matches.filter(pl.col("fold").is_null()).select(ends)
    edges = pl.concat([inferred, told.select(ends)])
    for _ in range(TRIMS):  # who has no child or no parent is in no circle; that is nearly everybody
        edges = edges.join(edges.select(child_id="parent_id").unique(), on="child_id", how="semi")
        edges = edges.join(edges.select(parent_id="child_id").unique(), on="parent_id", how="semi")
    nodes = pl.concat([edges["child_id"], edges["parent_id"]]).unique().sort()
    child, parent = (nodes.search_sorted(edges[end]).to_numpy() for end in ends)
    graph = coo_array((np.ones(len(child)), (child, parent)), shape=(len(nodes), len(nodes)))
    _, circle = connected_components(graph.tocsr(), directed=True, connection="strong")
    circles = pl.DataFrame({"model_id": nodes, "circle": circle})
    closing = (
        inferred.join(circles.rename({"model_id": "child_id"}), on="child_id")
        .join(circles.rename({"model_id": "parent_id"}), on="parent_id", suffix="_parent")
        .filter(pl.col("circle") == pl.col("circle_parent"))
    )
    is_inferred = pl.col("fold").is_null()
    kept = matches.filter(is_inferred).join(closing, on="child_id", how="anti")
    return pl.concat([kept, matches.filter(~is_inferred)])
