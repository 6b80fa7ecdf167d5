"""Where operators and methods of Value are looked up; the ops attach them.

What there is stands in methods.pyi, which is made from the declarations. This file knows that
there are such; it must not know any.
"""


class Methods:
    """The operators and methods that the ops give to a Value."""

    __slots__ = ()
