"""What those who look at a graph share: the graph read once, and numbers and ops as words."""

from autograd_mini.show.graph.reading import Graph as Graph
from autograd_mini.show.graph.reading import read as read
