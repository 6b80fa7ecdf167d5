"""Gradient descent: the loop, its steps, and what is kept of it."""
