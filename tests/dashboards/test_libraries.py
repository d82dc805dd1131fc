"""DataTables taken out of its package: a classic script, or an error that says what is not as expected."""

import pytest

from dashboards.libraries import LibraryError, classic_script, datatables


def test_datatables_becomes_a_script_that_sets_one_name() -> None:
    script = datatables()
    assert script.startswith('(() => {"use strict";')
    assert script.count("window.DataTable=") == 1
    assert "export{" not in script
    assert "DataTables" in script[-20_000:], "the licences stay at the end"


def test_the_default_export_is_what_gets_the_name() -> None:
    script = classic_script(
        "const a=1,b=2;export{a as other,b as default,a as more};/* licence */", "Table", "x"
    )
    assert script == '(() => {"use strict";\nconst a=1,b=2;window.Table=b;/* licence */\n})();\n'


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("const a=1;", "0 lists of exports"),
        ("const a=1;export{a as default};export{a as b};", "2 lists of exports"),
        ("const a=1;export{a as other};", "exports no default"),
        ('import x from"y";const a=1;export{a as default};', "imports something"),
    ],
)
def test_another_shape_of_the_bundle_is_refused(source: str, complaint: str) -> None:
    with pytest.raises(LibraryError, match=complaint):
        classic_script(source, "Table", "itables 9")
