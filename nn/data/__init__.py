"""Digits, and mini-batches of them."""
