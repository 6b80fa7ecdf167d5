"""Make a link of each `name` in the guides that the reference has an entry for.

`draw`, `to_html(C)`, `nn.fit`, `Value.grad` and `ops.sigmoid(z)` are such names. It must not touch
the reference itself, nor words that are names of something else as well, such as `path`, unless
they are called.
"""

import re
from typing import Any

import nn
from autograd_mini import Value, functional, ops, testing
from autograd_mini import __all__ as public

_NAME = re.compile(r"([A-Za-z][\w.]*)(\(.*\))?", re.S)
MODULES = {"files", "ops"}
WORDS = {"case", "grad", "path"}  # linked only where they are called


def entries() -> dict[str, str]:
    """What a page may write, and the entry of the reference that it means.

    >>> found = entries()
    >>> found["draw"], found["nn.fit"], found["Value.grad"], found["ops.sigmoid"]
    ('autograd_mini.draw', 'nn.fit', 'autograd_mini.Value.grad', 'autograd_mini.ops.sigmoid')
    >>> found["grad"], found["check_op"]
    ('autograd_mini.functional.grad', 'autograd_mini.testing.check_op')
    """
    found = {name: f"autograd_mini.{name}" for name in public if name not in MODULES}
    found |= {name: f"autograd_mini.functional.{name}" for name in functional.__all__}
    found |= {name: f"autograd_mini.testing.{name}" for name in testing.__all__}
    found |= {f"testing.{name}": f"autograd_mini.testing.{name}" for name in testing.__all__}
    found |= {f"nn.{name}": f"nn.{name}" for name in nn.__all__}
    found |= {f"ops.{name}": f"autograd_mini.ops.{name}" for name in ops.TABLE}
    found |= {f"Value.{x}": f"autograd_mini.Value.{x}" for x in dir(Value) if x[0] != "_"}
    return found | {full: full for full in found.values()}


ENTRIES = entries()


def meant(text: str) -> str:
    """The entry that a piece of code in a text means, or "".

    >>> meant("to_html(C)"), meant("path"), meant("path(a, b)"), meant("w.grad + 1")
    ('autograd_mini.to_html', '', 'autograd_mini.path', '')
    """
    match = _NAME.fullmatch(text)
    if match is None or (match[1] in WORDS and not match[2]):
        return ""
    return ENTRIES.get(match[1], "")


def link(app: Any, doctree: Any, page: str) -> None:
    """Replace such literals by links, on every page outside the reference."""
    from docutils import nodes  # only who builds the pages has it

    if page.startswith("api/"):
        return
    known = app.env.domains["py"].objects
    for literal in list(doctree.findall(nodes.literal)):
        entry = known.get(meant(literal.astext()))
        above: Any = literal.parent
        while above is not None and not isinstance(above, nodes.reference | nodes.title):
            above = above.parent
        if entry is None or above is not None:
            continue
        address = f"{app.builder.get_relative_uri(page, entry.docname)}#{entry.node_id}"
        reference = nodes.reference("", "", internal=True, refuri=address)
        literal.replace_self(reference)
        reference += literal
