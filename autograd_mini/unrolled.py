"""The order of a graph and its backward pass once more, for speed alone.

Nothing here means anything that `backprop` and `pull` do not say: the same order, the same
shares, the same bits, as a test shows. What they ask of a node by name is read here where it
lies, and a few ops of numbers are pulled through without a call of their rules.

This file knows the slots of a node, and which ops are sums, products and relu. It must not know
any other op.
"""

from typing import Any

import numpy as np

from autograd_mini.data import ndarray
from autograd_mini.pull import has_nan

PRODUCT, SUM, DIFFERENCE, RELU = 1, 2, 3, 4
KINDS = {"multiply": PRODUCT, "add": SUM, "subtract": DIFFERENCE, "relu": RELU}
"""Ops of the table that are pulled through here, where all is numbers."""
CHOOSES, SCALES, SLOPES = 1, 2, 3
"""What an op may do to a 0: choose it, choose it by a constant 0, and have it meet infinity."""
_RESULT = object()  # in a stack: what stands below has all its args before it in the order
_NUMBERS = frozenset((float, np.float64, int))


def arguments_first(root: Any) -> dict[Any, Any]:
    """The nodes of `backprop.results_first`, from its last to its first, as keys of a table.

    The last arg is entered at once, and a node whose args are all there already is left at once.
    What was entered and not left waits for its args, so no arg of theirs can be one of those.
    """
    table: dict[Any, Any] = {None: None}
    stack: list[Any] = []
    push, pop = stack.append, stack.pop
    node = root
    while True:
        op = node.op
        if op is None:
            table[node] = None
        elif op.wide:
            push(node)
            push(_RESULT)
            for arg in node._a:
                if arg not in table:
                    push(arg)
        else:
            arg = node._a
            if op.binary:
                other = node._b
                if other not in table:
                    push(node)
                    push(_RESULT)
                    if arg not in table:
                        push(arg)
                    node = other
                    continue
            if arg not in table:
                push(node)
                push(_RESULT)
                node = arg
                continue
            table[node] = None
        while stack:
            node = pop()
            if node is _RESULT:
                table[pop()] = None
            elif node not in table:
                break
        else:
            break
    del table[None]
    return table


def pull_back(root: Any, seed: Any) -> tuple[dict[Any, Any], bool]:
    """As `backprop.pull_back` with the pull of each op, from the results to their args.

    Gives the table, and whether nans in it may be a chosen 0 times infinity: a leaf, or an op
    that chooses once more, was given one after an op that chose and then one that has slopes.
    """
    table = arguments_first(root)
    table[root] = seed
    unreached = chose = sloped = spoiled = False
    for node in reversed(table):
        g = table[node]
        if g is None:
            unreached = True
            continue
        op = node.op
        if op is None:
            if sloped and has_nan(g):
                spoiled = True
            continue
        kind = op.kind
        if kind and (type(node._out) is float or _of_numbers(node)):
            a, b = node._a, node._b
            if kind == PRODUCT:
                if a is not None:
                    old = table[a]
                    table[a] = g * node._y if old is None else old + g * node._y
                elif not node._x:
                    chose = True
                if b is not None:
                    old = table[b]
                    table[b] = g * node._x if old is None else old + g * node._x
                elif not node._y:
                    chose = True
                sloped = chose
            elif kind == RELU:
                old = table[a]
                share = g if node._x > 0 else 0.0
                table[a] = share if old is None else old + share
                if sloped and g != g:
                    spoiled = True
                chose = True
            else:
                if a is not None:
                    old = table[a]
                    table[a] = g if old is None else old + g
                if b is not None:
                    share = g if kind == SUM else -g
                    old = table[b]
                    table[b] = share if old is None else old + share
        else:
            zeros = op.zeros
            if zeros == CHOOSES:
                if sloped and has_nan(g):
                    spoiled = True
                chose = True
            elif zeros:
                if zeros == SCALES and _may_be_zero(node):
                    chose = True
                sloped = chose
            op.pull(node, g, table)
    if unreached:
        table = {node: g for node, g in table.items() if g is not None}
    return table, spoiled


def _may_be_zero(node: Any) -> bool:
    """Whether a product has a constant with a 0 in it; an array may have one."""
    factor = node._y if node._b is None else node._x if node._a is None else 1.0
    return type(factor) is ndarray or not factor


def _of_numbers(node: Any) -> bool:
    """Whether an op was given numbers in double precision."""
    return type(node._x) in _NUMBERS and (node._y is None or type(node._y) in _NUMBERS)
