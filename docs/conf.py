"""How Sphinx builds these pages. Docstrings are plain text with `code`; here they become reST."""

import re
import runpy
import sys
from gettext import translation
from importlib.metadata import metadata
from importlib.metadata import version as version_of
from importlib.resources import files
from pathlib import Path
from typing import Any

from autograd_mini import to_html

sys.path.insert(0, str(Path(__file__).parent))
from links import link

project = "autograd_mini"
URLS = dict(url.split(", ", 1) for url in metadata("autograd-mini").get_all("Project-URL") or [])
author = "The autograd_mini developers"
html_show_copyright = False
version = release = version_of("autograd-mini")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_copybutton"]
copybutton_exclude = ".linenos, .gp, .go, .gt"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"autograd_mini {version}"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_favicon = "_static/favicon.svg"
html_theme_options: dict[str, Any] = {"top_of_page_buttons": ["view", "edit"]}
if "Source" in URLS:  # without it, a page shows its text, and nothing leads to where it is edited
    html_theme_options |= {"source_repository": URLS["Source"], "source_branch": "main"}
    html_theme_options |= {"source_directory": "docs/"}
myst_heading_anchors = 3
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
suppress_warnings = ["misc.highlighting_failure"]  # a session with a traceback is no Python file

MARKUP = re.compile(r"(?<!\\)[*_|\\]")


def setup(app: Any) -> None:
    """Tell Sphinx to pass each docstring through `as_restructured_text`."""
    app.connect("source-read", as_a_page)
    app.connect("autodoc-process-docstring", as_restructured_text)
    app.connect("autodoc-skip-member", without_docstring_of_its_own)
    app.connect("html-page-context", in_russian)
    app.connect("doctree-resolved", link)
    app.connect("build-finished", with_the_page_of_a_neuron)


OWN_WORDS = {  # of the theme, which Sphinx has no Russian for
    "Next": "Дальше",
    "Previous": "Назад",
    "Home": "К началу",
    "Back to top": "Наверх",
    "Contents": "Содержание",
    "Hide navigation sidebar": "Скрыть навигацию",
    "Hide table of contents sidebar": "Скрыть содержание",
    "Toggle site navigation sidebar": "Показать навигацию",
    "Toggle table of contents sidebar": "Показать содержание",
    "Toggle Light / Dark / Auto color theme": "Светлая, тёмная или сама",
    "Skip to content": "К содержанию",
    "Light mode": "Светлая",
    "Dark mode": "Тёмная",
    "Auto light/dark, in light mode": "Сама, сейчас светлая",
    "Auto light/dark, in dark mode": "Сама, сейчас тёмная",
    "View this page": "Исходный текст",
    "Edit this page": "Править",
}


def in_russian(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell browsers and screen readers that a Russian page is one, and say Sphinx's words so."""
    if page.startswith("tutorial/ru/"):
        sphinx = translation("sphinx", str(files("sphinx") / "locale"), ["ru"])
        say = lambda text: OWN_WORDS.get(text) or sphinx.gettext(text)
        context |= {"language": "ru", "_": say, "gettext": say, "ngettext": sphinx.ngettext}


def with_the_page_of_a_neuron(app: Any, error: Exception | None) -> None:
    """Write the pages that step through a neuron, which the tutorial links to, into the site."""
    lesson = runpy.run_path(str(Path(__file__).parents[1] / "examples" / "draw_lesson.py"))
    for language, name in {"en": "neuron.html", "ru": "neuron-ru.html"}.items():
        to_html(lesson["one_neuron"](), Path(app.outdir) / name, language=language)


def as_a_page(app: Any, page: str, source: list[str]) -> None:
    """Close a block right after its output: doctest needs the blank line, a reader does not.

    What stands outside of docs is a page of the site as well.
    """
    source[0] = source[0].replace("\n\n```\n", "\n```\n")
    source[0] = source[0].replace("(../CONTRIBUTING.md)", "(contributing.md)")


def without_docstring_of_its_own(
    app: Any, what: str, name: str, member: object, skip: bool, options: Any
) -> bool | None:
    """Leave out the fields of named tuples, which the class describes; None leaves the default."""
    return True if str(member.__doc__).startswith("Alias for field number") else None


def as_restructured_text(
    app: Any, what: str, name: str, member: object, options: Any, lines: list[str]
) -> None:
    r"""Escape, outside `code` and examples, what reStructuredText takes for markup.

    >>> lines = ["Take *args with `*args`.", "", ">>> 2 ** 3", "8"]
    >>> as_restructured_text(None, "function", "f", None, None, lines)
    >>> lines
    ['Take \\*args with `*args`.', '', '>>> 2 ** 3', '8']
    """
    example = False
    code = False
    for i, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if example or line.startswith("    "):
            continue
        parts = line.split("`")
        for j, part in enumerate(parts):
            if not code:
                parts[j] = MARKUP.sub(r"\\\g<0>", part)
            code = code != (j < len(parts) - 1)
        lines[i] = "`".join(parts)
