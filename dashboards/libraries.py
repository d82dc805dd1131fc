"""Scripts of others that the site carries: read out of installed packages while the site is built, so that no
page asks another host for them. What Plotly brings, its own package gives; here is DataTables.

The package itables carries DataTables as a module, and modules do not load from disk (file://). So it becomes
a classic script: its export at the end is replaced by a name on `window`.
"""

import re
from importlib.metadata import distribution
from pathlib import Path

_EXPORT = re.compile(r"\bexport\s*\{([^{}]*)\};?")
_DEFAULT = re.compile(r"(?:^|,)\s*([\w$]+)\s+as\s+default\s*(?:,|$)")
#: What a module may do and a classic script may not.
_MODULE_ONLY = re.compile(r"(?:^|[;}\n])\s*import\s*[\w${*\"']|\bimport\.meta\b")


class LibraryError(RuntimeError):
    """A package does not hold what is taken out of it; another version of it may."""


def datatables() -> str:
    """Give DataTables as a classic script that sets window.DataTable."""
    package = distribution("itables")  # not imported: that would take seconds
    origin = f"itables {package.version}"
    bundle = Path(str(package.locate_file("itables/html/dt_bundle.js")))
    if not bundle.is_file():
        raise LibraryError(f"{origin} has no html/dt_bundle.js.")
    return classic_script(bundle.read_text(encoding="utf-8"), "DataTable", origin)


def classic_script(source: str, name: str, origin: str) -> str:
    """Turn a bundled module into a script that puts its default export on window under a name."""
    exports = _EXPORT.findall(source)
    if len(exports) != 1:
        raise LibraryError(f"The bundle of {origin} has {len(exports)} lists of exports; it takes one.")
    default = _DEFAULT.search(exports[0])
    if default is None:
        raise LibraryError(f"The bundle of {origin} exports no default: {exports[0][:200]}.")
    if _MODULE_ONLY.search(source):
        raise LibraryError(f"The bundle of {origin} imports something, so it cannot be a classic script.")
    body = _EXPORT.sub(lambda _: f"window.{name}={default.group(1)};", source)
    return f'(() => {{"use strict";\n{body}\n}})();\n'  # modules are always strict
