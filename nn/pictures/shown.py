"""A figure that shows itself in a notebook, whatever Matplotlib's backend is.

This file knows Matplotlib, so it is imported when a picture is asked for. It must not know what
any picture is about.
"""

import io

from matplotlib.figure import Figure


class Shown(Figure):
    """A figure that is a picture at the end of a cell."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=100)
        return buffer.getvalue()
