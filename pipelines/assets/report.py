"""What a finished run tells: what failed and which exit code that is, what was asked, what was published.

Here: reading Dagster's result. Not here: printing (cli), running.
"""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import dagster as dg

DATA_WRONG, SOURCE_FAILED, NOT_PUBLISHED, LOCKED, SQL_WRONG, INTERRUPTED = 3, 4, 5, 6, 7, 130
_EXIT_CODE_OF = {
    "PayloadError": DATA_WRONG,
    "RegisterError": DATA_WRONG,
    "ContractError": DATA_WRONG,
    "CheckError": DATA_WRONG,
    "LoadError": DATA_WRONG,
    "WarehouseError": DATA_WRONG,
    "DagsterAssetCheckFailedError": DATA_WRONG,
    "TransientError": SOURCE_FAILED,
    "PermanentError": SOURCE_FAILED,
    "PastDayError": SOURCE_FAILED,
    "QuotaError": SOURCE_FAILED,
    "GarbledError": SOURCE_FAILED,
    "LockTimeoutError": LOCKED,
}
INTERRUPTED_WORDS = "Interrupted. What is landed stays; run the same command again to go on."
_INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


def requests(result: "dg.ExecuteInProcessResult") -> dict[str, str]:
    """Say how many requests a live run made, by source and host."""
    requests = {}
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        if event.asset_key and "requests" in metadata:
            by_host: Any = metadata["requests"].value
            words = [f"{count:,} requests to {host}" for host, count in sorted(by_host.items())]
            requests[event.asset_key.path[-1]] = ", ".join(words) or "no request"
    return requests


def sources_in_trouble(result: "dg.ExecuteInProcessResult") -> list[str]:
    """Say which live sources brought nothing new, and why; what they had before was published."""
    return [
        f"{data.asset_key.path[-1]}: {data.metadata['reason'].value}"
        for data in result.get_asset_check_evaluations()
        if data.check_name == "is_whole" and not data.passed
    ]


def explain(result: "dg.ExecuteInProcessResult") -> tuple[str, int]:
    """Say what failed, in the words of the error itself, and which exit code that is."""
    checks = [
        f"{data.asset_key.to_user_string()}: check {data.check_name} found "
        f"{data.metadata['bad_rows'].value} bad rows: {data.metadata['sample'].value}"
        for data in result.get_asset_check_evaluations()
        if not data.passed and data.severity.value == "ERROR" and "bad_rows" in data.metadata
    ]
    if checks:
        return "\n".join([*checks, "Nothing was published; the last release stays."]), DATA_WRONG
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None:
            name = (error.cls_name or "").rpartition(".")[2]
            if name in _INTERRUPTIONS:
                return INTERRUPTED_WORDS, INTERRUPTED
            if name in _EXIT_CODE_OF or error.cause is None:
                words = re.sub(rf"^[\w.]*\b{name}: ", "", error.message.strip())
                return words, _EXIT_CODE_OF.get(name, 1)
            error = error.cause
    return "The run failed; `make ui` shows its log.", 1


def release_metadata(result: "dg.ExecuteInProcessResult") -> dict[str, Any]:
    for event in result.get_asset_materialization_events():
        if event.asset_key and event.asset_key.path[-1] == "release":
            metadata = event.step_materialization_data.materialization.metadata
            return {name: value.value for name, value in metadata.items()}
    return {}
