"""The pictures of nn: the only room that knows Matplotlib."""
