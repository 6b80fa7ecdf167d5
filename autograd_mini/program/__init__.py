"""The gradient as a program: what a function computes, written down as straight-line NumPy."""

from autograd_mini.program.compiled import Compiled as Compiled
from autograd_mini.program.compiled import compile as compile
from autograd_mini.program.errors import CannotCompileError as CannotCompileError
