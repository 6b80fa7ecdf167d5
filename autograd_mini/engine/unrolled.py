"""One step forward, one step back and the order of a graph once more, for speed alone.

Skip it on a first reading: nothing here means anything that `Op.call`, `pull` and `backprop` do
not say, as a test shows by their bits. What they ask of a node by name is read here where it
lies, for ops of one, two and three arrays and no keywords; a few ops of numbers are pulled
through without a call of their rules. It makes graphs of numbers 2.3 times, and the lesson's
step 1.1 to 1.2 times as fast.

This file knows the slots of a node. It must not know any op by name.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.engine.arguments import retried
from autograd_mini.engine.arrays import PLAIN, Array, constant, ndarray
from autograd_mini.engine.backprop import add_shares
from autograd_mini.engine.guard import has_nan
from autograd_mini.engine.modes import blocks
from autograd_mini.engine.pull import fitted, shares

PRODUCT, SUM, DIFFERENCE, RELU = 1, 2, 3, 4
QUICK = {"": 0, "product": PRODUCT, "sum": SUM, "difference": DIFFERENCE, "relu": RELU}
"""What `Op.quick` says: pulled through here without a call of its rules, where all is numbers."""
CHOOSES, SCALES, SLOPES = 1, 2, 3
"""What an op may do to a 0: choose it, choose it by a constant 0, and have it meet infinity."""
_RESULT = object()  # in a stack: what stands below has all its args before it in the order
_NUMBERS = frozenset((float, np.float64, int))


# ----------------------------------------------------------------------------- one step forward
def forward_for(op: Any, Value: Any, record: Callable[..., Any]) -> Callable[..., Any]:
    """What `op.call` does where no block is open, with the `Value` and `record` of above."""
    forward, scalar, general = op.run, op.run_numbers, op.call

    def one(x: Array) -> Any:
        if type(x) is not Value:
            return forward(x)
        if blocks:
            return general(x)
        raw = x._out
        try:
            out = scalar(raw) if type(raw) is float else forward(raw)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = retried(op, error, (raw,))
        return record(op, out, x, None, raw, None)

    def two(x: Array, y: Array) -> Any:
        if blocks:
            return general(x, y)
        a = b = None
        if type(x) is Value:
            a = x
            x = x._out
            if type(y) is Value:
                b = y
                y = y._out
            elif type(y) not in PLAIN:
                y = constant(op.name, y)
        elif type(y) is Value:
            b = y
            y = y._out
            if type(x) not in PLAIN:
                x = constant(op.name, x)
        else:
            return forward(x, y)
        try:
            if type(x) is float and type(y) is float:
                out = scalar(x, y)
            else:
                out = forward(x, y)
        except (ArithmeticError, ValueError, TypeError) as error:
            out = retried(op, error, (x, y))
        return record(op, out, a, b, x, y)

    def three(x: Array, y: Array, z: Array) -> Any:
        if blocks:
            return general(x, y, z)
        a = b = c = None
        if type(x) is Value:
            a, x = x, x._out
        if type(y) is Value:
            b, y = y, y._out
        if type(z) is Value:
            c, z = z, z._out
        if type(x) is type(y) is type(z) is ndarray and not (a is b is c is None):
            try:
                out = forward(x, y, z)
            except (ArithmeticError, ValueError, TypeError, IndexError) as error:
                out = retried(op, error, (x, y, z))
            if type(out) is ndarray and out.ndim:
                return record(op, out, (a, b, c), None, (x, y, z), None)
        return general(*(x if v is None else v for v, x in ((a, x), (b, y), (c, z))))

    if op.wide:
        return three if op.three and not op.has_constants else general
    return two if op.binary else one


# -------------------------------------------------------------------------------- one step back
def pull_for(op: Any) -> Callable[[Any, Any, dict[Any, Any]], None]:
    """How a node of `op` is pulled through, into a table that has None for what is not reached.

    It is `add_shares(shares(node, g), gradients)`; ops of ours of up to three arrays have short
    paths.
    """

    def any_number(node: Any, g: Array, gradients: dict[Any, Any]) -> None:
        add_shares(shares(node, g), gradients)

    def one(node: Any, g: Array, gradients: dict[Any, Any]) -> None:
        a, x, out = node._arg, node._raw, node._out
        if type(g) is float and type(out) is np.float64:
            g = np.float64(g)
        try:
            share = rule(g, out, x)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if type(share) is not float or type(x) is not float:
            share = fitted(op, 0, share, x, out)
        old = gradients[a]
        gradients[a] = share if old is None else old + share

    def two(node: Any, g: Array, gradients: dict[Any, Any]) -> None:
        a, b, x, y, out = node._arg, node._arg2, node._raw, node._raw2, node._out
        if type(g) is float and type(out) is np.float64:
            g = np.float64(g)  # beside float32 it counts
        try:
            share_a = None if a is None else rule(g, out, x, y)
            share_b = None if b is None else rule_b(g, out, x, y)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if a is not None:
            if type(share_a) is not float or type(x) is not float:
                share_a = fitted(op, 0, share_a, x, out)
            old = gradients[a]
            gradients[a] = share_a if old is None else old + share_a
        if b is not None:
            if type(share_b) is not float or type(y) is not float:
                share_b = fitted(op, 1, share_b, y, out)
            old = gradients[b]
            gradients[b] = share_b if old is None else old + share_b

    def worded(node: Any, g: Array, gradients: dict[Any, Any]) -> None:
        (a,), (x,), out = node._arg, node._raw, node._out
        if type(g) is float and type(out) is np.float64:
            g = np.float64(g)
        try:
            share = fitted(op, 0, rule(g, out, x, **(node._arg2 or {})), x, out)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        old = gradients[a]
        gradients[a] = share if old is None else old + share

    def three(node: Any, g: Array, gradients: dict[Any, Any]) -> None:
        (a, b, c), (x, y, z), out = node._arg, node._raw, node._out
        try:
            share_a = None if a is None else rule(g, out, x, y, z)
            share_b = None if b is None else rule_b(g, out, x, y, z)
            share_c = None if c is None else rule_c(g, out, x, y, z)
        except (ArithmeticError, ValueError):
            any_number(node, g, gradients)
            return
        if a is not None:
            share_a = fitted(op, 0, share_a, x, out)
            old = gradients[a]
            gradients[a] = share_a if old is None else old + share_a
        if b is not None:
            share_b = fitted(op, 1, share_b, y, out)
            old = gradients[b]
            gradients[b] = share_b if old is None else old + share_b
        if c is not None:
            share_c = fitted(op, 2, share_c, z, out)
            old = gradients[c]
            gradients[c] = share_c if old is None else old + share_c

    rule, rule_b, rule_c = (*op.rules, None, None, None)[:3]
    if not op.trusted or op.sequence or op.arity > 3:
        return any_number
    if op.wide:
        return three if op.three else worded if op.arity == 1 else any_number
    return two if op.binary else one


# ---------------------------------------------------------------------- the order, and all steps
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
            for arg in node._arg:
                if arg not in table:
                    push(arg)
        else:
            arg = node._arg
            if op.binary:
                other = node._arg2
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


def pull_back(root: Any, seed: Array) -> tuple[dict[Any, Any], bool]:
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
            a, b = node._arg, node._arg2
            if kind == PRODUCT:
                if a is not None:
                    old = table[a]
                    table[a] = g * node._raw2 if old is None else old + g * node._raw2
                elif not node._raw:
                    chose = True
                if b is not None:
                    old = table[b]
                    table[b] = g * node._raw if old is None else old + g * node._raw
                elif not node._raw2:
                    chose = True
                sloped = chose
            elif kind == RELU:
                old = table[a]
                share = g if node._raw > 0 else 0.0
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


def _of_numbers(node: Any) -> bool:
    """Whether an op was given numbers in double precision."""
    return type(node._raw) in _NUMBERS and (node._raw2 is None or type(node._raw2) in _NUMBERS)


def _may_be_zero(node: Any) -> bool:
    """Whether a product has a constant with a 0 in it; an array may have one."""
    factor = node._raw2 if node._arg2 is None else node._raw if node._arg is None else 1.0
    return type(factor) is ndarray or not factor
