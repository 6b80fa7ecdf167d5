"""A layout of our own, for where no Graphviz is: DOT source in, SVG like Graphviz's out.

Read svg.py first: it says what a picture is made of, and leads to the rest.
"""

from autograd_mini.show.layout.svg import svg_of as svg_of
