"""Pages that are made from the code agree with it."""

import importlib.util
from pathlib import Path

from autograd_mini import ops

DOCS = Path(__file__).parent.parent / "docs"


def test_the_table_of_ops_is_up_to_date_and_whole() -> None:
    spec = importlib.util.spec_from_file_location("op_table", DOCS / "op_table.py")
    assert spec is not None
    assert spec.loader is not None
    op_table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(op_table)
    page = op_table.table()
    assert (DOCS / "ops.md").read_text(encoding="utf-8") == page, "run python docs/op_table.py"
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    names = {line.split(" | ")[0].removeprefix("| ") for line in rows}
    assert {op.name for op in ops.TABLE.values()} <= names
