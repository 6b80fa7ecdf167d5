"""What happened, shown: graphs, listings, explanations, pictures, pages. They only read."""
