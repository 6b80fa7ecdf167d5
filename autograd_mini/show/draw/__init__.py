"""Pictures of graphs. Read dot.py first: it says what a picture has, and leads to the rest."""

from autograd_mini.show.draw.dot import draw as draw
from autograd_mini.show.draw.dot import path as path
