"""What backpropagation is: the order of a graph, a Value, an Op, and one step back."""
