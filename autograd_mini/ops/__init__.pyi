# Made from the declarations by `python docs/stubs.py`; do not edit.
from collections.abc import Sequence
from types import ModuleType
from typing import Any, overload
from inspect import Signature

from numpy.typing import ArrayLike

from autograd_mini.engine.op import Op
from autograd_mini.engine.value import Value
from autograd_mini.ops import plain as plain

__all__ = ['add', 'subtract', 'multiply', 'divide', 'negative', 'positive', 'power', 'square', 'sqrt', 'cbrt', 'reciprocal', 'exp', 'expm1', 'exp2', 'log', 'log1p', 'log2', 'log10', 'logaddexp', 'logaddexp2', 'sin', 'cos', 'tan', 'arcsin', 'arccos', 'arctan', 'sinh', 'cosh', 'tanh', 'arcsinh', 'arccosh', 'arctanh', 'hypot', 'arctan2', 'deg2rad', 'rad2deg', 'sinc_derivative', 'sinc', 'absolute', 'sign', 'heaviside', 'copysign', 'maximum', 'minimum', 'fmax', 'fmin', 'clip_between', 'clip', 'where', 'nan_to_num', 'floor', 'ceil', 'trunc', 'rint', 'floor_divide', 'mod', 'fmod', 'mean', 'var', 'std', 'prod', 'ptp', 'logsumexp', 'average', 'nansum', 'nanprod', 'nanmean', 'nanmax', 'nanmin', 'cumsum', 'cumprod', 'trapezoid', 'diff', 'permute', 'sort', 'partition', 'quantile', 'percentile', 'median', 'reshape', 'ravel', 'transpose', 'swapaxes', 'moveaxis', 'expand_dims', 'real', 'matrix_transpose', 'squeeze', 'broadcast_to', 'astype', 'concatenate', 'stack', 'scatter', 'getitem', 'index_set', 'index_add', 'vstack', 'hstack', 'dstack', 'column_stack', 'tile', 'repeat', 'flip', 'fliplr', 'flipud', 'rot90', 'roll', 'pad', 'take', 'take_along_axis', 'delete', 'append', 'tril', 'triu', 'diagonal', 'trace', 'matrix_diagonal', 'matrix_trace', 'diag', 'diagflat', 'matmul', 'dot', 'matrix_power', 'multi_dot', 'affine', 'einsum', 'tensordot', 'inner', 'outer', 'outer_of_vectors', 'vdot', 'vecdot', 'kron', 'cross', 'cross_of_vectors', 'convolve_all', 'convolve', 'correlate', 'interp', 'inv', 'solve', 'pinv', 'cofactors', 'det', 'slogdet_stacked', 'cholesky_lower', 'cholesky', 'qr_stacked', 'eigh_stacked', 'weighted_eigh', 'eigvalsh', 'svd_stacked', 'weighted_svd', 'svdvals', 'power_norm', 'vector_norm', 'matrix_norm', 'norm', 'sigmoid', 'relu', 'softplus', 'step', 'softmax', 'log_softmax', 'quadratic_cost', 'cross_entropy', 'binary_cross_entropy']
FAMILIES: tuple[ModuleType, ...]
TABLE: dict[str, Op]

def signature_of(op: Op) -> Signature: ...

class _add(Op):
    """The sum of two, element by element.
    
    It is np.add of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g`.
    Share of y, for the gradient g of the result: `g`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.add(1.0, 0.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

add: _add

class _subtract(Op):
    """The difference of two, element by element.
    
    It is np.subtract of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g`.
    Share of y, for the gradient g of the result: `-g`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.subtract(1.0, 0.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

subtract: _subtract

class _multiply(Op):
    """The product of two, element by element.
    
    It is np.multiply of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g * y`.
    Share of y, for the gradient g of the result: `g * x`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.multiply(1.0, 0.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

multiply: _multiply

class _divide(Op):
    """The quotient of two, element by element.
    
    It is np.divide of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g / y`.
    Share of y, for the gradient g of the result: `-g * out / y`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.divide(1.0, 2.0), 4) + 0.0
    np.float64(0.5)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

divide: _divide

class _negative(Op):
    """The negative of each element.
    
    It is np.negative of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `-g`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.negative(1.0), 4) + 0.0
    np.float64(-1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

negative: _negative

class _positive(Op):
    """Each element as it is, in a new array.
    
    It is np.positive, np.conjugate of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.positive(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

positive: _positive

class _power(Op):
    """`x` to the power `y`, element by element.
    
    It is np.power of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: g y xʸ⁻¹.
    Share of y, for the gradient g of the result: g xʸ ln x.
    At 0, 0 the derivative is taken as 0, 0.
    At 0, 2 the derivative is taken as 0, 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.power(1.0, 0.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

power: _power

class _square(Op):
    """The square of each element.
    
    It is np.square of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * (2 * x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.square(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

square: _square

class _sqrt(Op):
    """The square root of each element.
    
    It is np.sqrt of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * 0.5 / out`.
    At 0 the derivative is taken as inf.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sqrt(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

sqrt: _sqrt

class _cbrt(Op):
    """The cube root of each element.
    
    It is np.cbrt of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / (3 * out * out)`.
    At 0 the derivative is taken as inf.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cbrt(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

cbrt: _cbrt

class _reciprocal(Op):
    """1 over each element.
    
    It is np.reciprocal of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `-(g * out) * out`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.reciprocal(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

reciprocal: _reciprocal

class _exp(Op):
    """e to the power of each element.
    
    It is np.exp of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * out`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.exp(1.0), 4) + 0.0
    np.float64(2.7183)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

exp: _exp

class _expm1(Op):
    """exp(x) − 1, exact for small x too.
    
    It is np.expm1 of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * np.exp(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.expm1(1.0), 4) + 0.0
    np.float64(1.7183)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

expm1: _expm1

class _exp2(Op):
    """2 to the power of each element.
    
    It is np.exp2 of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * (out * math.log(2))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.exp2(1.0), 4) + 0.0
    np.float64(2.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

exp2: _exp2

class _log(Op):
    """The natural logarithm of each element.
    
    It is np.log of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / x`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.log(1.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

log: _log

class _log1p(Op):
    """log(1 + x), exact for small x too.
    
    It is np.log1p of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / (1 + x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.log1p(1.0), 4) + 0.0
    np.float64(0.6931)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

log1p: _log1p

class _log2(Op):
    """The logarithm to base 2 of each element.
    
    It is np.log2 of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / (x * math.log(2))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.log2(1.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

log2: _log2

class _log10(Op):
    """The logarithm to base 10 of each element.
    
    It is np.log10 of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / (x * math.log(10))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.log10(1.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

log10: _log10

class _logaddexp(Op):
    """log(exp(x) + exp(y)), without overflow.
    
    It is np.logaddexp of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g * part_of_sum(np.exp, x, out)`.
    Share of y, for the gradient g of the result: `g * part_of_sum(np.exp, y, out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.logaddexp(1.0, 0.0), 4) + 0.0
    np.float64(1.3133)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

logaddexp: _logaddexp

class _logaddexp2(Op):
    """log2(2ˣ + 2ʸ), without overflow.
    
    It is np.logaddexp2 of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g * part_of_sum(np.exp2, x, out)`.
    Share of y, for the gradient g of the result: `g * part_of_sum(np.exp2, y, out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.logaddexp2(1.0, 0.0), 4) + 0.0
    np.float64(1.585)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

logaddexp2: _logaddexp2

class _sin(Op):
    """The sine of each element, in radians.
    
    It is np.sin of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * np.cos(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sin(1.0), 4) + 0.0
    np.float64(0.8415)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

sin: _sin

class _cos(Op):
    """The cosine of each element, in radians.
    
    It is np.cos of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `-g * np.sin(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cos(1.0), 4) + 0.0
    np.float64(0.5403)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

cos: _cos

class _tan(Op):
    """The tangent of each element, in radians.
    
    It is np.tan of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * (1 + out * out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.tan(1.0), 4) + 0.0
    np.float64(1.5574)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

tan: _tan

class _arcsin(Op):
    """The angle, in radians, whose sine each element is.
    
    It is np.arcsin of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / np.sqrt((1 - x) * (1 + x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arcsin(0.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

arcsin: _arcsin

class _arccos(Op):
    """The angle, in radians, whose cosine each element is.
    
    It is np.arccos of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `-g / np.sqrt((1 - x) * (1 + x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arccos(0.0), 4) + 0.0
    np.float64(1.5708)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

arccos: _arccos

class _arctan(Op):
    """The angle, in radians, whose tangent each element is.
    
    It is np.arctan of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / (1 + x * x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arctan(1.0), 4) + 0.0
    np.float64(0.7854)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

arctan: _arctan

class _sinh(Op):
    """The hyperbolic sine of each element.
    
    It is np.sinh of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * np.cosh(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sinh(1.0), 4) + 0.0
    np.float64(1.1752)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

sinh: _sinh

class _cosh(Op):
    """The hyperbolic cosine of each element.
    
    It is np.cosh of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * np.sinh(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cosh(1.0), 4) + 0.0
    np.float64(1.5431)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

cosh: _cosh

class _tanh(Op):
    """The hyperbolic tangent of each element, a number from −1 to 1.
    
    It is np.tanh of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * (1 - out * out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.tanh(1.0), 4) + 0.0
    np.float64(0.7616)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

tanh: _tanh

class _arcsinh(Op):
    """The number whose hyperbolic sine each element is.
    
    It is np.arcsinh of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / np.hypot(1.0, x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arcsinh(1.0), 4) + 0.0
    np.float64(0.8814)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

arcsinh: _arcsinh

class _arccosh(Op):
    """The number, at least 0, whose hyperbolic cosine each element is.
    
    It is np.arccosh of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / np.sqrt((x - 1) * (x + 1))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arccosh(2.0), 4) + 0.0
    np.float64(1.317)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

arccosh: _arccosh

class _arctanh(Op):
    """The number whose hyperbolic tangent each element is.
    
    It is np.arctanh of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g / ((1 - x) * (1 + x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arctanh(0.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

arctanh: _arctanh

class _hypot(Op):
    """√(x² + y²), without overflow.
    
    It is np.hypot of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g * kinked(out, x / out)`.
    Share of y, for the gradient g of the result: `g * kinked(out, y / out)`.
    At 0, 0 the derivative is taken as 0, 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.hypot(1.0, 2.0), 4) + 0.0
    np.float64(2.2361)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

hypot: _hypot

class _arctan2(Op):
    """The angle, in radians, of the point (y over x).
    
    It is np.arctan2 of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g * _over_square(x, x, y)`.
    Share of y, for the gradient g of the result: `-g * _over_square(y, x, y)`.
    At 0, 0 the derivative is taken as 0, 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.arctan2(1.0, 2.0), 4) + 0.0
    np.float64(0.4636)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

arctan2: _arctan2

class _deg2rad(Op):
    """Degrees as radians.
    
    It is np.deg2rad, np.radians of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * (math.pi / 180)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.deg2rad(1.0), 4) + 0.0
    np.float64(0.0175)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

deg2rad: _deg2rad

class _rad2deg(Op):
    """Radians as degrees.
    
    It is np.rad2deg, np.degrees of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * (180 / math.pi)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.rad2deg(1.0), 4) + 0.0
    np.float64(57.2958)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

rad2deg: _rad2deg

class _sinc_derivative(Op):
    """The n-th derivative of sinc.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * sinc_derivative(x, n=n + 1)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sinc_derivative(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), n=3), 4) + 0.0
    array([[ 3.8696,  0.    , -4.1848],
           [ 3.0676, -3.8696,  4.1848]])
    """

    @overload
    def __call__(self, x: Value, n: int) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, n: int) -> Any: ...

sinc_derivative: _sinc_derivative

class _sinc(Op):
    """sin(πx) / (πx), and 1 at 0.
    
    It is np.sinc of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * sinc_derivative(x, n=1)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sinc(1.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

sinc: _sinc

class _absolute(Op):
    """The absolute value of each element.
    
    It is np.absolute, np.fabs of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * np.sign(x)`.
    At 0 the derivative is taken as 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.absolute(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

absolute: _absolute

class _sign(Op):
    """−1, 0 or 1, the sign of each element.
    
    It is np.sign of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.zeros_like(x)`.
    At 0 the derivative is taken as 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sign(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

sign: _sign

class _heaviside(Op):
    """0 for x below 0, 1 above, and `y` at 0.
    
    It is np.heaviside of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `np.zeros_like(x)`.
    Share of y, for the gradient g of the result: `chosen(x == 0, g)`.
    At 0, 0.5 the derivative is taken as 0, 1.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.heaviside(1.0, 0.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

heaviside: _heaviside

class _copysign(Op):
    """The size of `x` with the sign of `y`.
    
    It is np.copysign of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g * np.sign(x) * np.sign(out)`.
    Share of y, for the gradient g of the result: `np.zeros_like(y)`.
    At 0, 1 the derivative is taken as 0, 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.copysign(1.0, 2.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

copysign: _copysign

class _maximum(Op):
    """The larger of two, element by element; nan if either is.
    
    It is np.maximum of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `_larger(g, x, y)`.
    Share of y, for the gradient g of the result: `_larger(g, y, x)`.
    At 1, 1 the derivative is taken as 0.5, 0.5.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.maximum(0.0, -3.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

maximum: _maximum

class _minimum(Op):
    """The smaller of two, element by element; nan if either is.
    
    It is np.minimum of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `_larger(g, -x, -y)`.
    Share of y, for the gradient g of the result: `_larger(g, -y, -x)`.
    At 1, 1 the derivative is taken as 0.5, 0.5.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.minimum(0.0, -3.0), 4) + 0.0
    np.float64(-3.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

minimum: _minimum

class _fmax(Op):
    """The larger of two, element by element; of nan and a number, the number.
    
    It is np.fmax of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `_larger_number(g, x, y)`.
    Share of y, for the gradient g of the result: `_larger_number(g, y, x)`.
    At 1, 1 the derivative is taken as 0.5, 0.5.
    At nan, 1 the derivative is taken as 0, 1.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.fmax(0.0, -3.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

fmax: _fmax

class _fmin(Op):
    """The smaller of two, element by element; of nan and a number, the number.
    
    It is np.fmin of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `_larger_number(g, -x, -y)`.
    Share of y, for the gradient g of the result: `_larger_number(g, -y, -x)`.
    At 1, 1 the derivative is taken as 0.5, 0.5.
    At nan, 1 the derivative is taken as 0, 1.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.fmin(0.0, -3.0), 4) + 0.0
    np.float64(-3.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

fmin: _fmin

class _clip_between(Op):
    """Each element, moved to the nearest end where it lies outside `low` to `high`.
    
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `chosen((x >= low) & (x <= high) | (x != x), g)`.
    Share of low, for the gradient g of the result: `chosen((x < low) & (low < high), g)`.
    Share of high, for the gradient g of the result: `chosen((x > high) | (low >= high) & (x < low), g)`.
    At 1, -1, 1 the derivative is taken as 1, 0, 0.
    At -1, -1, 1 the derivative is taken as 1, 0, 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.clip_between(0.0, -5.0, 5.800000000000001), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, low: Value | ArrayLike, high: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, low: Value, high: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, low: Value | ArrayLike, high: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> Any: ...

clip_between: _clip_between

class _clip(Op):
    """Each element, moved to the nearest end where it lies outside `min` to `max`.
    
    It is np.clip of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.clip(1.0, a_min=-1.0, a_max=2.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, a_min: Any = ..., a_max: Any = ..., min: Any = ..., max: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, a_min: Any = ..., a_max: Any = ..., min: Any = ..., max: Any = ...) -> Any: ...

clip: _clip

class _where(Op):
    """Elements of `x` where the condition holds, and of `y` elsewhere.
    
    It is np.where of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of y, for the gradient g of the result: `chosen(condition, g)`.
    Share of z, for the gradient g of the result: `chosen(np.logical_not(condition), g)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.where(True, 0.0, 2.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, z: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value | ArrayLike, z: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Any: ...

where: _where

class _nan_to_num(Op):
    """nan and infinities replaced by numbers.
    
    It is np.nan_to_num of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `chosen(np.isfinite(x), g)`.
    At nan the derivative is taken as 0.
    At inf the derivative is taken as 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.nan_to_num(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), nan=1.0, posinf=2.0, neginf=-2.0), 4) + 0.0
    array([[ 1.,  0.,  2.],
           [ 3., -1., -2.]])
    """

    @overload
    def __call__(self, x: Value, *, nan: Any = ..., posinf: Any = ..., neginf: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *, nan: Any = ..., posinf: Any = ..., neginf: Any = ...) -> Any: ...

nan_to_num: _nan_to_num

class _floor(Op):
    """The largest whole number not above each element.
    
    It is np.floor of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.zeros_like(out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.floor(2.3), 4) + 0.0
    np.float64(2.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

floor: _floor

class _ceil(Op):
    """The smallest whole number not below each element.
    
    It is np.ceil of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.zeros_like(out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.ceil(2.3), 4) + 0.0
    np.float64(3.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

ceil: _ceil

class _trunc(Op):
    """Each element without its fraction.
    
    It is np.trunc, np.fix of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.zeros_like(out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.trunc(2.3), 4) + 0.0
    np.float64(2.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

trunc: _trunc

class _rint(Op):
    """The nearest whole number, the even one of two.
    
    It is np.rint of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.zeros_like(out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.rint(2.3), 4) + 0.0
    np.float64(2.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

rint: _rint

class _round(Op):
    """Each element rounded to `decimals` digits after the point.
    
    It is np.round, np.around of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.zeros_like(out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.round(np.array([[2.3, 3.3, 4.3], [-2.7, -3.7, -4.7]]), decimals=-1), 4) + 0.0
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """

    @overload
    def __call__(self, x: Value, decimals: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, decimals: Any = ...) -> Any: ...

round: _round

class _floor_divide(Op):
    """The quotient of two, rounded down.
    
    It is np.floor_divide of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `np.zeros_like(out)`.
    Share of y, for the gradient g of the result: `np.zeros_like(out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.floor_divide(0.5, 2.0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

floor_divide: _floor_divide

class _mod(Op):
    """The remainder of x / y, with the sign of `y`.
    
    It is np.remainder of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g`.
    Share of y, for the gradient g of the result: `-g * np.floor_divide(x, y)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.mod(0.5, 2.0), 4) + 0.0
    np.float64(0.5)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

mod: _mod

class _fmod(Op):
    """The remainder of x / y, with the sign of `x`.
    
    It is np.fmod of Values.
    Numbers and arrays of any shapes that broadcast.
    Share of x, for the gradient g of the result: `g`.
    Share of y, for the gradient g of the result: `-g * np.trunc(x / y)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.fmod(0.5, 2.0), 4) + 0.0
    np.float64(0.5)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

fmod: _fmod

class _sum(Op):
    """The sum of all elements, or of those along axes.
    
    It is np.sum of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.broadcast_to(folded(g, x, axis, keepdims), np.shape(x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sum(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(3.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

sum: _sum

class _mean(Op):
    """The mean of all elements, or of those along axes.
    
    It is np.mean of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `_sum_x(wide(g) / max(_count(x, axis), 1), out, x, axis, keepdims=keepdims)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.mean(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

mean: _mean

class _var(Op):
    """The variance of all elements, or of those along axes.
    
    It is np.var of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: 2 g (x − mean) / (n − ddof), of n numbers.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.var(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(0.6667)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, ddof: float = ..., keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, ddof: float = ..., keepdims: Any = ...) -> Any: ...

var: _var

class _std(Op):
    """The standard deviation of all elements, or of those along axes.
    
    It is np.std of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g (x − mean) / ((n − ddof) out), of n numbers.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.std(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(0.8165)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, ddof: float = ..., keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, ddof: float = ..., keepdims: Any = ...) -> Any: ...

std: _std

class _prod(Op):
    """The product of all elements, or of those along axes.
    
    It is np.prod of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.prod(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

prod: _prod

class _max(Op):
    """The largest element, of all or along axes.
    
    It is np.max, np.amax of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g where x is `out`, in equal parts where several are; 0 elsewhere.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.max(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(2.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

max: _max

class _min(Op):
    """The smallest element, of all or along axes.
    
    It is np.min, np.amin of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g where x is `out`, in equal parts where several are; 0 elsewhere.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.min(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

min: _min

class _ptp(Op):
    """The largest element minus the smallest, of all or along axes.
    
    It is np.ptp of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.ptp(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), axis=-1), 4) + 0.0
    array([2., 5.])
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

ptp: _ptp

class _logsumexp(Op):
    """log Σ exp(x), of all elements or along axes, without overflow.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g softmax(x).
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.logsumexp(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
    np.float64(2.4076)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

logsumexp: _logsumexp

class _average(Op):
    """The mean with weights, of all elements or along axes.
    
    It is np.average of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.average(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(1.5)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., weights: Any = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., weights: Any = ..., *, keepdims: Any = ...) -> Any: ...

average: _average

class _nansum(Op):
    """The sum of what is not nan.
    
    It is np.nansum of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.nansum(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    np.float64(3.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

nansum: _nansum

class _nanprod(Op):
    """The product of what is not nan.
    
    It is np.nanprod of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.nanprod(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

nanprod: _nanprod

class _nanmean(Op):
    """The mean of what is not nan.
    
    It is np.nanmean of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.nanmean(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

nanmean: _nanmean

class _nanmax(Op):
    """The largest of what is not nan.
    
    It is np.nanmax of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.nanmax(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    np.float64(2.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

nanmax: _nanmax

class _nanmin(Op):
    """The smallest of what is not nan.
    
    It is np.nanmin of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.nanmin(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

nanmin: _nanmin

class _cumsum(Op):
    """The running sum along an axis, or of all elements in a row.
    
    It is np.cumsum of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: the sums of g from its end back.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cumsum(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
    array([1., 1., 3., 6.])
    """

    @overload
    def __call__(self, x: Value, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | None = ...) -> Any: ...

cumsum: _cumsum

class _cumprod(Op):
    """The running product along an axis, or of all elements in a row.
    
    It is np.cumprod of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cumprod(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
    array([1., 0., 0., 0.])
    """

    @overload
    def __call__(self, x: Value, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | None = ...) -> Any: ...

cumprod: _cumprod

class _trapezoid(Op):
    """The area under the polygon through the points (x, y).
    
    It is np.trapezoid of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.trapezoid(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(4.0)
    """

    @overload
    def __call__(self, y: Value, x: Any = ..., dx: Any = ..., axis: int = ...) -> Value: ...
    @overload
    def __call__(self, y: ArrayLike, x: Any = ..., dx: Any = ..., axis: int = ...) -> Any: ...

trapezoid: _trapezoid

class _diff(Op):
    """The differences between neighbours along an axis, `n` times.
    
    It is np.diff of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.diff(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
    array([-1.,  2.,  1.])
    """

    @overload
    def __call__(self, x: Value, n: int = ..., axis: int = ..., prepend: Any = ..., append: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, n: int = ..., axis: int = ..., prepend: Any = ..., append: Any = ...) -> Any: ...

diff: _diff

class _permute(Op):
    """Elements in another order along an axis.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `permute(g, np.argsort(order, axis), axis)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.permute(np.array([1.0, 0.0, 2.0]), order=np.array([2, 0, 1]), axis=0), 4) + 0.0
    array([2., 1., 0.])
    """

    @overload
    def __call__(self, x: Value, order: Any, axis: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, order: Any, axis: Any) -> Any: ...

permute: _permute

class _sort(Op):
    """The elements along an axis, the smallest first.
    
    It is np.sort of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sort(np.array([1.0, 0.0, 2.0, 3.0, -1.0])), 4) + 0.0
    array([-1.,  0.,  1.,  2.,  3.])
    """

    @overload
    def __call__(self, x: Value, axis: int | None = ..., kind: Any = ..., *, stable: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | None = ..., kind: Any = ..., *, stable: Any = ...) -> Any: ...

sort: _sort

class _partition(Op):
    """The elements along an axis, with the `kth` smallest in place and the smaller ones before.
    
    It is np.partition of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.partition(np.array([1.0, 0.0, 2.0, 3.0, -1.0]), kth=2), 4) + 0.0
    array([-1.,  0.,  1.,  2.,  3.])
    """

    @overload
    def __call__(self, x: Value, kth: Any, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, kth: Any, axis: int | None = ...) -> Any: ...

partition: _partition

class _quantile(Op):
    """The numbers below which the shares `q` of the elements lie.
    
    It is np.quantile of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.quantile(np.array([1.0, 0.0, 2.0]), q=0.25), 4) + 0.0
    np.float64(0.5)
    """

    @overload
    def __call__(self, x: Value, q: Any, axis: int | tuple[int, ...] | None = ..., *, method: str = ..., keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, q: Any, axis: int | tuple[int, ...] | None = ..., *, method: str = ..., keepdims: Any = ...) -> Any: ...

quantile: _quantile

class _percentile(Op):
    """The numbers below which `q` percent of the elements lie.
    
    It is np.percentile of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.percentile(np.array([1.0, 0.0, 2.0]), q=np.float64(25.0)), 4) + 0.0
    np.float64(0.5)
    """

    @overload
    def __call__(self, x: Value, q: Any, axis: int | tuple[int, ...] | None = ..., *, method: str = ..., keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, q: Any, axis: int | tuple[int, ...] | None = ..., *, method: str = ..., keepdims: Any = ...) -> Any: ...

percentile: _percentile

class _median(Op):
    """The number in the middle of all elements, or of those along axes.
    
    It is np.median of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.median(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(1.5)
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

median: _median

class _reshape(Op):
    """The same elements in another shape.
    
    It is np.reshape of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `_reshape(g, np.shape(x), order)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.reshape(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), shape=(3, 2)), 4) + 0.0
    array([[ 1.,  0.],
           [ 2.,  3.],
           [-1., -2.]])
    """

    @overload
    def __call__(self, x: Value, *shape: Any, order: str = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *shape: Any, order: str = ...) -> Any: ...

reshape: _reshape

class _ravel(Op):
    """All elements along one axis.
    
    It is np.ravel of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.ravel(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), order='F'), 4) + 0.0
    array([ 1.,  3.,  0., -1.,  2., -2.])
    """

    @overload
    def __call__(self, x: Value, order: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, order: Any = ...) -> Any: ...

ravel: _ravel

class _transpose(Op):
    """The axes in reverse, or in the given order.
    
    It is np.transpose of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g, its axes put back.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> (np.round(ops.transpose(np.array([[[1.0, 0.0, 2.0, 3.0], [-1.0, -2.0, -3.0, 0.5], [1.5, 2.5, -0.5, -1.5]], [[-2.5, 0.75, 1.25, 0.25], [1.75, 2.25, -0.25, 2.75], [-0.75, -1.25, -1.75, -2.25]]]), axes=(1, 2, 0)), 4) + 0.0).tolist()
    [[[1.0, -2.5], [0.0, 0.75], [2.0, 1.25], [3.0, 0.25]], [[-1.0, 1.75], [-2.0, 2.25], [-3.0, -0.25], [0.5, 2.75]], [[1.5, -0.75], [2.5, -1.25], [-0.5, -1.75], [-1.5, -2.25]]]
    """

    @overload
    def __call__(self, x: Value, *axes: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *axes: Any) -> Any: ...

transpose: _transpose

class _swapaxes(Op):
    """Two axes exchanged.
    
    It is np.swapaxes of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.swapaxes(g, axis1, axis2)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> (np.round(ops.swapaxes(np.array([[[1.0, 0.0, 2.0, 3.0], [-1.0, -2.0, -3.0, 0.5], [1.5, 2.5, -0.5, -1.5]], [[-2.5, 0.75, 1.25, 0.25], [1.75, 2.25, -0.25, 2.75], [-0.75, -1.25, -1.75, -2.25]]]), axis1=0, axis2=-1), 4) + 0.0).tolist()
    [[[1.0, -2.5], [-1.0, 1.75], [1.5, -0.75]], [[0.0, 0.75], [-2.0, 2.25], [2.5, -1.25]], [[2.0, 1.25], [-3.0, -0.25], [-0.5, -1.75]], [[3.0, 0.25], [0.5, 2.75], [-1.5, -2.25]]]
    """

    @overload
    def __call__(self, x: Value, axis1: Any, axis2: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis1: Any, axis2: Any) -> Any: ...

swapaxes: _swapaxes

class _moveaxis(Op):
    """Axes moved to other places.
    
    It is np.moveaxis of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.moveaxis(g, destination, source)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> (np.round(ops.moveaxis(np.array([[[1.0, 0.0, 2.0, 3.0], [-1.0, -2.0, -3.0, 0.5], [1.5, 2.5, -0.5, -1.5]], [[-2.5, 0.75, 1.25, 0.25], [1.75, 2.25, -0.25, 2.75], [-0.75, -1.25, -1.75, -2.25]]]), source=0, destination=-1), 4) + 0.0).tolist()
    [[[1.0, -2.5], [0.0, 0.75], [2.0, 1.25], [3.0, 0.25]], [[-1.0, 1.75], [-2.0, 2.25], [-3.0, -0.25], [0.5, 2.75]], [[1.5, -0.75], [2.5, -1.25], [-0.5, -1.75], [-1.5, -2.25]]]
    """

    @overload
    def __call__(self, x: Value, source: Any, destination: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, source: Any, destination: Any) -> Any: ...

moveaxis: _moveaxis

class _expand_dims(Op):
    """An axis of length 1 put in.
    
    It is np.expand_dims of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.reshape(g, np.shape(x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> (np.round(ops.expand_dims(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), axis=1), 4) + 0.0).tolist()
    [[[1.0, 0.0, 2.0]], [[3.0, -1.0, -2.0]]]
    """

    @overload
    def __call__(self, x: Value, axis: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: Any) -> Any: ...

expand_dims: _expand_dims

class _real(Op):
    """The real part, which is all that a Value has.
    
    It is np.real of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.real(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

real: _real

class _matrix_transpose(Op):
    """The last two axes exchanged.
    
    It is np.matrix_transpose, np.linalg.matrix_transpose of Values.
    Shapes (m,n) -> (n,m).
    Share of x, for the gradient g of the result: `np.swapaxes(g, -1, -2)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.matrix_transpose(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]])), 4) + 0.0
    array([[ 1.,  3.],
           [ 0., -1.],
           [ 2., -2.]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

matrix_transpose: _matrix_transpose

class _squeeze(Op):
    """Axes of length 1 left out.
    
    It is np.squeeze of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `np.reshape(g, np.shape(x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.squeeze(np.array([[[1.0], [0.0], [2.0]]])), 4) + 0.0
    array([1., 0., 2.])
    """

    @overload
    def __call__(self, x: Value, axis: int | tuple[int, ...] | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int | tuple[int, ...] | None = ...) -> Any: ...

squeeze: _squeeze

class _broadcast_to(Op):
    """The array repeated along axes up to a shape.
    
    It is np.broadcast_to of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g, summed over the axes that were added or stretched.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.broadcast_to(np.array([1.0, 0.0, 2.0]), shape=(2, 3)), 4) + 0.0
    array([[1., 0., 2.],
           [1., 0., 2.]])
    """

    @overload
    def __call__(self, x: Value, shape: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, shape: Any) -> Any: ...

broadcast_to: _broadcast_to

class _astype(Op):
    """The same numbers in another floating-point dtype.
    
    It is np.astype of Values.
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `astype(g, getattr(x, 'dtype', np.float64))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.astype(np.array([1.0, 0.0, 2.0]), dtype=np.float64), 4) + 0.0
    array([1., 0., 2.])
    """

    @overload
    def __call__(self, x: Value, dtype: Any, copy: bool = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, dtype: Any, copy: bool = ...) -> Any: ...

astype: _astype

class _concatenate(Op):
    """Arrays joined along an axis that they have.
    
    It is np.concatenate of Values.
    It takes a list of arrays.
    Share of arrays, for the gradient g of the result: the part of g where each array stands.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.concatenate([np.array([1.0, 0.0]), np.array([0.0, 2.0, 3.0]), np.array([2.0])]), 4) + 0.0
    array([1., 0., 0., 2., 3., 2.])
    """

    @overload
    def __call__(self, arrays: Sequence[Value], axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any], axis: int | None = ...) -> Any: ...

concatenate: _concatenate

class _stack(Op):
    """Arrays of one shape joined along a new axis.
    
    It is np.stack of Values.
    It takes a list of arrays.
    Share of arrays, for the gradient g of the result: the part of g where each array stands.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.stack([np.array([1.0, 0.0]), np.array([0.0, 2.0]), np.array([2.0, 3.0])]), 4) + 0.0
    array([[1., 0.],
           [0., 2.],
           [2., 3.]])
    """

    @overload
    def __call__(self, arrays: Sequence[Value], axis: int = ...) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any], axis: int = ...) -> Any: ...

stack: _stack

class _scatter(Op):
    """Zeros of `shape`, with the elements of `g` added at an index.
    
    A number or an array of any shape.
    Share of g, for the gradient g of the result: g[index].
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.scatter(1.0, index=1, shape=(4,)), 4) + 0.0
    array([0., 1., 0., 0.])
    """

    @overload
    def __call__(self, g: Value, index: Any, shape: tuple[int, ...]) -> Value: ...
    @overload
    def __call__(self, g: ArrayLike, index: Any, shape: tuple[int, ...]) -> Any: ...

scatter: _scatter

class _getitem(Op):
    """The elements at an index, a slice or a mask.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `scatter(g, index, np.shape(x))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.getitem(np.array([1.0, 0.0, 2.0, 3.0]), index=1), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, index: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, index: Any) -> Any: ...

getitem: _getitem

class _index_set(Op):
    """`x` with `y` written at an index.
    
    Shapes (x),(y) -> (x).
    Share of x, for the gradient g of the result: `index_set(g, 0.0, index)`.
    Share of y, for the gradient g of the result: take from g what was written, in the shape of y: NumPy lets it have more axes of length 1.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.index_set(np.array([1.0, 0.0, 2.0, 3.0]), 0.0, index=1), 4) + 0.0
    array([1., 0., 2., 3.])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, index: Any) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, index: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, index: Any) -> Any: ...

index_set: _index_set

class _index_add(Op):
    """`x` with `y` added at an index.
    
    Shapes (x),(y) -> (x).
    Share of x, for the gradient g of the result: `g`.
    Share of y, for the gradient g of the result: `_getitem(g, index)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.index_add(np.array([1.0, 0.0, 2.0, 3.0]), 0.0, index=1), 4) + 0.0
    array([1., 0., 2., 3.])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, index: Any) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, index: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, index: Any) -> Any: ...

index_add: _index_add

class _vstack(Op):
    """Arrays joined one below the other.
    
    It is np.vstack of Values.
    It takes a list of arrays.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.vstack([np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])]), 4) + 0.0
    array([[1., 0., 2.],
           [0., 2., 3.]])
    """

    @overload
    def __call__(self, arrays: Sequence[Value]) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any]) -> Any: ...

vstack: _vstack

class _hstack(Op):
    """Arrays joined side by side.
    
    It is np.hstack of Values.
    It takes a list of arrays.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.hstack([np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])]), 4) + 0.0
    array([1., 0., 2., 0., 2., 3.])
    """

    @overload
    def __call__(self, arrays: Sequence[Value]) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any]) -> Any: ...

hstack: _hstack

class _dstack(Op):
    """Arrays joined one behind the other.
    
    It is np.dstack of Values.
    It takes a list of arrays.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> (np.round(ops.dstack([np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])]), 4) + 0.0).tolist()
    [[[1.0, 0.0], [0.0, 2.0], [2.0, 3.0]]]
    """

    @overload
    def __call__(self, arrays: Sequence[Value]) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any]) -> Any: ...

dstack: _dstack

class _column_stack(Op):
    """Vectors as the columns of a matrix.
    
    It is np.column_stack of Values.
    It takes a list of arrays.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.column_stack([np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])]), 4) + 0.0
    array([[1., 0.],
           [0., 2.],
           [2., 3.]])
    """

    @overload
    def __call__(self, arrays: Sequence[Value]) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any]) -> Any: ...

column_stack: _column_stack

class _tile(Op):
    """The array laid side by side `reps` times.
    
    It is np.tile of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.tile(np.array([1.0, 0.0, 2.0]), reps=2), 4) + 0.0
    array([1., 0., 2., 1., 0., 2.])
    """

    @overload
    def __call__(self, x: Value, reps: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, reps: Any) -> Any: ...

tile: _tile

class _repeat(Op):
    """Each element `repeats` times in a row.
    
    It is np.repeat of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.repeat(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), repeats=2), 4) + 0.0
    array([ 1.,  1.,  0.,  0.,  2.,  2.,  3.,  3., -1., -1., -2., -2.])
    """

    @overload
    def __call__(self, x: Value, repeats: Any, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, repeats: Any, axis: int | None = ...) -> Any: ...

repeat: _repeat

class _flip(Op):
    """The elements along axes in reverse order.
    
    It is np.flip of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.flip(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    array([2., 0., 1.])
    """

    @overload
    def __call__(self, x: Value, axis: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: Any = ...) -> Any: ...

flip: _flip

class _fliplr(Op):
    """Each row in reverse order.
    
    It is np.fliplr of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.fliplr(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]])), 4) + 0.0
    array([[ 2.,  0.,  1.],
           [-2., -1.,  3.]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

fliplr: _fliplr

class _flipud(Op):
    """The rows in reverse order.
    
    It is np.flipud of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.flipud(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]])), 4) + 0.0
    array([[ 3., -1., -2.],
           [ 1.,  0.,  2.]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

flipud: _flipud

class _rot90(Op):
    """The first two axes turned by `k` right angles.
    
    It is np.rot90 of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.rot90(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), k=-1), 4) + 0.0
    array([[ 3.,  1.],
           [-1.,  0.],
           [-2.,  2.]])
    """

    @overload
    def __call__(self, x: Value, k: int = ..., axes: Sequence[int] = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, k: int = ..., axes: Sequence[int] = ...) -> Any: ...

rot90: _rot90

class _roll(Op):
    """The elements moved along axes; what leaves at one end comes in at the other.
    
    It is np.roll of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.roll(np.array([1.0, 0.0, 2.0, 3.0]), shift=1), 4) + 0.0
    array([3., 1., 0., 2.])
    """

    @overload
    def __call__(self, x: Value, shift: Any, axis: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, shift: Any, axis: Any = ...) -> Any: ...

roll: _roll

class _pad(Op):
    """The array with elements added around it.
    
    It is np.pad of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.pad(np.array([1.0, 0.0, 2.0]), pad_width=2), 4) + 0.0
    array([0., 0., 1., 0., 2., 0., 0.])
    """

    @overload
    def __call__(self, x: Value, pad_width: Any, mode: str = ..., *, constant_values: Any = ..., reflect_type: str = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, pad_width: Any, mode: str = ..., *, constant_values: Any = ..., reflect_type: str = ...) -> Any: ...

pad: _pad

class _take(Op):
    """The elements or rows of given numbers.
    
    It is np.take of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.take(np.array([1.0, 0.0, 2.0, 3.0]), indices=[0, 2, 2, -1]), 4) + 0.0
    array([1., 2., 2., 3.])
    """

    @overload
    def __call__(self, x: Value, indices: Any, axis: int | None = ..., *, mode: str = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, indices: Any, axis: int | None = ..., *, mode: str = ...) -> Any: ...

take: _take

class _take_along_axis(Op):
    """For each place along an axis, the element of a given number.
    
    It is np.take_along_axis of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.take_along_axis(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), indices=np.array([[2, 0], [1, 1]]), axis=1), 4) + 0.0
    array([[ 2.,  1.],
           [-1., -1.]])
    """

    @overload
    def __call__(self, x: Value, indices: Any, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, indices: Any, axis: int | None = ...) -> Any: ...

take_along_axis: _take_along_axis

class _delete(Op):
    """The array without some rows or elements.
    
    It is np.delete of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.delete(np.array([1.0, 0.0, 2.0, 3.0]), obj=1), 4) + 0.0
    array([1., 2., 3.])
    """

    @overload
    def __call__(self, x: Value, obj: Any, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, obj: Any, axis: int | None = ...) -> Any: ...

delete: _delete

class _append(Op):
    """`values` joined to the end of `x`.
    
    It is np.append of Values.
    Shapes (n),(m) -> (p).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.append(np.array([1.0, 0.0, 2.0]), np.array([[0.0, 2.0], [3.0, -1.0]])), 4) + 0.0
    array([ 1.,  0.,  2.,  0.,  2.,  3., -1.])
    """

    @overload
    def __call__(self, x: Value, values: Value | ArrayLike, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, values: Value, axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, values: ArrayLike, axis: int | None = ...) -> Any: ...

append: _append

class _tril(Op):
    """A matrix with zeros above a diagonal.
    
    It is np.tril of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.tril(np.array([[1.0, 0.0], [2.0, 3.0]])), 4) + 0.0
    array([[1., 0.],
           [2., 3.]])
    """

    @overload
    def __call__(self, x: Value, k: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, k: int = ...) -> Any: ...

tril: _tril

class _triu(Op):
    """A matrix with zeros below a diagonal.
    
    It is np.triu of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.triu(np.array([[1.0, 0.0], [2.0, 3.0]])), 4) + 0.0
    array([[1., 0.],
           [0., 3.]])
    """

    @overload
    def __call__(self, x: Value, k: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, k: int = ...) -> Any: ...

triu: _triu

class _diagonal(Op):
    """The diagonal of each matrix.
    
    It is np.diagonal of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.diagonal(np.array([[1.0, 0.0], [2.0, 3.0]])), 4) + 0.0
    array([1., 3.])
    """

    @overload
    def __call__(self, x: Value, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Any: ...

diagonal: _diagonal

class _trace(Op):
    """The sum of the diagonal of each matrix.
    
    It is np.trace of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.trace(np.array([[1.0, 0.0], [2.0, 3.0]])), 4) + 0.0
    np.float64(4.0)
    """

    @overload
    def __call__(self, x: Value, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Any: ...

trace: _trace

class _matrix_diagonal(Op):
    """The diagonal of each matrix, of the last two axes.
    
    It is np.linalg.diagonal of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.matrix_diagonal(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]])), 4) + 0.0
    array([ 1., -1.])
    """

    @overload
    def __call__(self, x: Value, *, offset: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *, offset: int = ...) -> Any: ...

matrix_diagonal: _matrix_diagonal

class _matrix_trace(Op):
    """The sum of the diagonal of each matrix, of the last two axes.
    
    It is np.linalg.trace of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.matrix_trace(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]])), 4) + 0.0
    np.float64(0.0)
    """

    @overload
    def __call__(self, x: Value, *, offset: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *, offset: Any = ...) -> Any: ...

matrix_trace: _matrix_trace

class _diag(Op):
    """The diagonal of a matrix, or the matrix of a diagonal.
    
    It is np.diag of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.diag(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    array([[1., 0., 0.],
           [0., 0., 0.],
           [0., 0., 2.]])
    """

    @overload
    def __call__(self, x: Value, k: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, k: int = ...) -> Any: ...

diag: _diag

class _diagflat(Op):
    """The matrix whose diagonal is given.
    
    It is np.diagflat of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.diagflat(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    array([[1., 0., 0.],
           [0., 0., 0.],
           [0., 0., 2.]])
    """

    @overload
    def __call__(self, x: Value, k: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, k: int = ...) -> Any: ...

diagflat: _diagflat

class _matmul(Op):
    """The matrix product, of stacks of matrices too.
    
    It is np.matmul, np.linalg.matmul of Values.
    Shapes (m?,n),(n,p?) -> (m?,p?).
    Share of x, for the gradient g of the result: g yᵀ.
    Share of y, for the gradient g of the result: xᵀ g.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.matmul(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(6.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

matmul: _matmul

class _dot(Op):
    """The sum of products along the last axis of `x` and the last but one of `y`.
    
    It is np.dot of Values.
    Shapes (m?,n),(n,p?) -> (m?,p?).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.dot(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(6.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

dot: _dot

class _matrix_power(Op):
    """A square matrix times itself, `n` times in all.
    
    It is np.linalg.matrix_power of Values.
    Shapes (m,m) -> (m,m).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.matrix_power(np.array([[7.0, 0.0], [-1.0, 12.5]]), n=-2), 4) + 0.0
    array([[0.0204, 0.    ],
           [0.0025, 0.0064]])
    """

    @overload
    def __call__(self, x: Value, n: int) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, n: int) -> Any: ...

matrix_power: _matrix_power

class _multi_dot(Op):
    """The product of several matrices, in the order of the fewest multiplications.
    
    It is np.linalg.multi_dot of Values.
    It takes a list of arrays.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.multi_dot([np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), np.array([[0.0, 2.0, 3.0, -1.0], [-2.0, -3.0, 0.5, 1.5], [2.5, -0.5, -1.5, -2.5]]), np.array([[2.0, 3.0], [-1.0, -2.0], [-3.0, 0.5], [1.5, 2.5]])]), 4) + 0.0
    array([[  0.  ,  -2.  ],
           [-49.75, -22.  ]])
    """

    @overload
    def __call__(self, arrays: Sequence[Value]) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any]) -> Any: ...

multi_dot: _multi_dot

class _affine(Op):
    """x Wᵀ + b: weighted sums and biases of a layer, `W` with a row for each neuron.
    
    Shapes (n),(m,n),(m) -> (m).
    Share of x, for the gradient g of the result: `_product(g, W)`.
    Share of W, for the gradient g of the result: gᵀ x, summed over the examples.
    Share of b, for the gradient g of the result: `g`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.affine(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0], [-3.0, 0.5, 1.5], [2.5, -0.5, -1.5]]), np.array([[0.0, 2.0, 3.0], [-1.0, -2.0, -3.0]]), np.array([2.0, 3.0])), 4) + 0.0
    array([[ 8. , -4. ],
           [-6. ,  8. ],
           [ 7.5,  0.5],
           [-3.5,  6. ]])
    """

    @overload
    def __call__(self, x: Value, W: Value | ArrayLike, b: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, W: Value, b: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, W: Value | ArrayLike, b: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, W: ArrayLike, b: ArrayLike) -> Any: ...

affine: _affine

class _einsum(Op):
    """Sums of products by Einstein's convention.
    
    It takes a list of arrays.
    Share of arrays, for the gradient g of the result: `[_einsum_share(i, g, arrays, subscripts) for i in places]`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.einsum([np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), np.array([[0.0, 2.0], [3.0, -1.0], [-2.0, -3.0]])], subscripts='ij,jk->ik'), 4) + 0.0
    array([[-4., -4.],
           [ 1., 13.]])
    """

    @overload
    def __call__(self, arrays: Sequence[Value], subscripts: str, optimize: Any = ...) -> Value: ...
    @overload
    def __call__(self, arrays: Sequence[Any], subscripts: str, optimize: Any = ...) -> Any: ...

einsum: _einsum

class _tensordot(Op):
    """Sums of products over pairs of axes.
    
    It is np.tensordot, np.linalg.tensordot of Values.
    Shapes …,… -> ….
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.tensordot(np.array([[[1.0, 0.0], [2.0, 3.0], [-1.0, -2.0]], [[-3.0, 0.5], [1.5, 2.5], [-0.5, -1.5]]]), np.array([[[0.0, 2.0], [3.0, -1.0]], [[-2.0, -3.0], [0.5, 1.5]], [[2.5, -0.5], [-1.5, -2.5]]])), 4) + 0.0
    array([[-2.  ,  6.  ],
           [ 0.75, -3.25]])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, axes: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, axes: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, axes: Any = ...) -> Any: ...

tensordot: _tensordot

class _inner(Op):
    """The sums of products along the last axes.
    
    It is np.inner of Values.
    Shapes (m?,n),(p?,n) -> (m?,p?).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.inner(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(6.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

inner: _inner

class _outer(Op):
    """All products of an element of one and an element of the other.
    
    It is np.outer of Values.
    Shapes (m),(n) -> (m,n).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.outer(np.array([1.0, 0.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    array([[0., 2., 3.],
           [0., 0., 0.]])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

outer: _outer

class _outer_of_vectors(Op):
    """All products of an element of one vector and an element of the other.
    
    It is np.linalg.outer of Values.
    Shapes (m),(n) -> (m,n).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.outer_of_vectors(np.array([1.0, 0.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    array([[0., 2., 3.],
           [0., 0., 0.]])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

outer_of_vectors: _outer_of_vectors

class _vdot(Op):
    """The sum of products of all elements.
    
    It is np.vdot of Values.
    Shapes (n),(n) -> ().
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.vdot(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(6.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

vdot: _vdot

class _vecdot(Op):
    """The sums of products along an axis.
    
    It is np.vecdot, np.linalg.vecdot of Values.
    Shapes (n),(n) -> ().
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.vecdot(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    np.float64(6.0)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, *, axis: int = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, *, axis: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, *, axis: int = ...) -> Any: ...

vecdot: _vecdot

class _kron(Op):
    """Each element of `x` times the whole of `y`, as blocks.
    
    It is np.kron of Values.
    Shapes (m,n),(p,q) -> (r,s).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.kron(np.array([[1.0, 0.0], [2.0, 3.0]]), np.array([[0.0, 2.0, 3.0], [-1.0, -2.0, -3.0]])), 4) + 0.0
    array([[ 0.,  2.,  3.,  0.,  0.,  0.],
           [-1., -2., -3.,  0.,  0.,  0.],
           [ 0.,  4.,  6.,  0.,  6.,  9.],
           [-2., -4., -6., -3., -6., -9.]])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

kron: _kron

class _cross(Op):
    """The vector at right angles to two.
    
    It is np.cross of Values.
    Shapes (3),(3) -> (3).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cross(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
    array([-4., -3.,  2.])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, axisa: int = ..., axisb: int = ..., axisc: int = ..., axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, axisa: int = ..., axisb: int = ..., axisc: int = ..., axis: int | None = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, axisa: int = ..., axisb: int = ..., axisc: int = ..., axis: int | None = ...) -> Any: ...

cross: _cross

class _cross_of_vectors(Op):
    """The vector at right angles to two of three elements.
    
    It is np.linalg.cross of Values.
    Shapes (3),(3) -> (3).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cross_of_vectors(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), np.array([[0.0, 2.0, 3.0], [-1.0, -2.0, -3.0]])), 4) + 0.0
    array([[-4., -3.,  2.],
           [-1., 11., -7.]])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, *, axis: int = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, *, axis: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, *, axis: int = ...) -> Any: ...

cross_of_vectors: _cross_of_vectors

class _convolve_all(Op):
    """The convolution of two vectors, as far as either reaches.
    
    Shapes (n),(m) -> (p).
    Share of x, for the gradient g of the result: `np.convolve(g, y[::-1], 'valid')`.
    Share of y, for the gradient g of the result: `np.convolve(g, x[::-1], 'valid')`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.convolve_all(np.array([1.0, 0.0, 2.0, 3.0]), np.array([0.0, 2.0])), 4) + 0.0
    array([0., 2., 0., 4., 6.])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

convolve_all: _convolve_all

class _convolve(Op):
    """The convolution of two vectors.
    
    It is np.convolve of Values.
    Shapes (n),(m) -> (p).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.convolve(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0])), 4) + 0.0
    array([0., 2., 0., 4.])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, mode: str = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, mode: str = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, mode: str = ...) -> Any: ...

convolve: _convolve

class _correlate(Op):
    """The sums of products of one vector moved along another.
    
    It is np.correlate of Values.
    Shapes (n),(m) -> (p).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.correlate(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0])), 4) + 0.0
    array([0., 4.])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike, mode: str = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value, mode: str = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, mode: str = ...) -> Any: ...

correlate: _correlate

class _interp(Op):
    """The polygon through the points (xp, fp), read at `x`.
    
    Shapes (m),(n) -> (m).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.interp(np.array([1.0, 2.0, 3.0, -1.0]), np.array([0.0, 2.0, 3.0]), xp=[-2.0, 0.0, 1.5]), 4) + 0.0
    array([2.6667, 3.    , 3.    , 1.    ])
    """

    @overload
    def __call__(self, x: Value, fp: Value | ArrayLike, *, xp: Any, left: Any = ..., right: Any = ..., period: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, fp: Value, *, xp: Any, left: Any = ..., right: Any = ..., period: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, fp: ArrayLike, *, xp: Any, left: Any = ..., right: Any = ..., period: Any = ...) -> Any: ...

interp: _interp

class _inv(Op):
    """The inverse of each matrix.
    
    It is np.linalg.inv of Values.
    Shapes (n,n) -> (n,n).
    Share of x, for the gradient g of the result: `-np.matmul(np.matmul(_t(out), g), _t(out))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.inv(np.array([[7.0]])), 4) + 0.0
    array([[0.1429]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

inv: _inv

class _solve(Op):
    """The solution x of A x = b.
    
    It is np.linalg.solve of Values.
    Shapes (n,n),(n,p?) -> (n,p?).
    Share of x, for the gradient g of the result: −x⁻ᵀ g outᵀ.
    Share of y, for the gradient g of the result: x⁻ᵀ g.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.solve(np.array([[7.0, -1.0], [0.5, 11.5]]), np.array([0.0, 2.0])), 4) + 0.0
    array([0.0247, 0.1728])
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

solve: _solve

class _pinv(Op):
    """The pseudo-inverse of each matrix.
    
    It is np.linalg.pinv of Values.
    Shapes (m,n) -> (n,m).
    Share of x, for the gradient g of the result: follow G. Golub and V. Pereyra, SIAM Journal on Numerical Analysis 10 (1973), eq. 4.12.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.pinv(np.array([[7.0, -1.0], [0.5, 11.5]])), 4) + 0.0
    array([[ 0.142 ,  0.0123],
           [-0.0062,  0.0864]])
    """

    @overload
    def __call__(self, x: Value, rcond: Any = ..., *, rtol: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, rcond: Any = ..., *, rtol: Any = ...) -> Any: ...

pinv: _pinv

class _cofactors(Op):
    """The matrix of cofactors, which is the derivative of the determinant.
    
    Shapes (n,n) -> (n,n).
    Share of x, for the gradient g of the result: with c for `out` and d for det x: (⟨g, c⟩ c - c gᵀ c) / d; else minor by minor.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cofactors(np.array([[7.0]])), 4) + 0.0
    array([[1.]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

cofactors: _cofactors

class _det(Op):
    """The determinant of each matrix.
    
    It is np.linalg.det of Values.
    Shapes (n,n) -> ().
    Share of x, for the gradient g of the result: `np.expand_dims(g, (-1, -2)) * cofactors(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.det(np.array([[7.0]])), 4) + 0.0
    np.float64(7.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

det: _det

class _slogdet_stacked(Op):
    """The sign and the logarithm of the determinant, in one array.
    
    Shapes (n,n) -> (2).
    Share of x, for the gradient g of the result: h x⁻ᵀ, for the gradient h of the logarithm.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.slogdet_stacked(np.array([[7.0]])), 4) + 0.0
    array([1.    , 1.9459])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

slogdet_stacked: _slogdet_stacked

class _cholesky_lower(Op):
    """The lower triangular L with L Lᵀ = A, from the lower half of A.
    
    Shapes (n,n) -> (n,n).
    Share of x, for the gradient g of the result: follow I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cholesky_lower(np.array([[7.0]])), 4) + 0.0
    array([[2.6458]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

cholesky_lower: _cholesky_lower

class _cholesky(Op):
    """The triangular L with L Lᵀ = A.
    
    It is np.linalg.cholesky of Values.
    Shapes (n,n) -> (n,n).
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cholesky(np.array([[7.0, -1.0], [0.5, 11.5]])), 4) + 0.0
    array([[2.6458, 0.    ],
           [0.189 , 3.3859]])
    """

    @overload
    def __call__(self, x: Value, *, upper: bool = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *, upper: bool = ...) -> Any: ...

cholesky: _cholesky

class _qr_stacked(Op):
    """Q and R with Q R = A, in one array.
    
    Shapes (m,n) -> (p,k).
    Share of x, for the gradient g of the result: follow S. Walter and L. Lehmann, Algorithmic differentiation of linear algebra functions.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.qr_stacked(np.array([[7.0]])), 4) + 0.0
    array([[1.],
           [7.]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

qr_stacked: _qr_stacked

class _eigh_stacked(Op):
    """Eigenvalues and eigenvectors of symmetric matrices, in one array.
    
    Shapes (n,n) -> (m,n).
    Share of x, for the gradient g of the result: V (K ∘ Vᵀ h + diag g) Vᵀ, for g of the values, h of V, and Kᵢⱼ = 1 / (wⱼ − wᵢ).
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.eigh_stacked(np.array([[7.0]])), 4) + 0.0
    array([[7.],
           [1.],
           [0.],
           [0.]])
    """

    @overload
    def __call__(self, x: Value, UPLO: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, UPLO: Any = ...) -> Any: ...

eigh_stacked: _eigh_stacked

class _weighted_eigh(Op):
    """V diag(g) Vᵀ of the eigenvectors V.
    
    Shapes (n,n),(n) -> (n,n).
    Share of x, for the gradient g of the result: follow A. Lewis and H. Sendov, Twice differentiable spectral functions (2001).
    Share of g, for the gradient g of the result: the diagonal of Vᵀ G V.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.weighted_eigh(np.array([[7.0, -1.0], [0.5, 11.5]]), np.array([0.0, 2.0])), 4) + 0.0
    array([[0.0238, 0.2169],
           [0.2169, 1.9762]])
    """

    @overload
    def __call__(self, x: Value, g: Value | ArrayLike, UPLO: Any = ..., *, slopes: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, g: Value, UPLO: Any = ..., *, slopes: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, g: ArrayLike, UPLO: Any = ..., *, slopes: Any = ...) -> Any: ...

weighted_eigh: _weighted_eigh

class _eigvalsh(Op):
    """The eigenvalues of symmetric matrices, the smallest first.
    
    It is np.linalg.eigvalsh of Values.
    Shapes (n,n) -> (n).
    Share of x, for the gradient g of the result: `as_read(weighted_eigh(x, g, UPLO, slopes=_slopes(g, out)), UPLO)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.eigvalsh(np.array([[7.0, -1.0], [0.5, 11.5]])), 4) + 0.0
    array([ 6.9451, 11.5549])
    """

    @overload
    def __call__(self, x: Value, UPLO: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, UPLO: Any = ...) -> Any: ...

eigvalsh: _eigvalsh

class _svd_stacked(Op):
    """The three parts of the singular value decomposition, in one array.
    
    Shapes (m,n) -> (p,k).
    Share of x, for the gradient g of the result: follow J. Townsend, Differentiating the singular value decomposition (2016).
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.svd_stacked(np.array([[7.0]])), 4) + 0.0
    array([[7.],
           [1.],
           [1.],
           [0.],
           [0.]])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

svd_stacked: _svd_stacked

class _weighted_svd(Op):
    """U diag(g) Vᵀ of the singular vectors.
    
    Shapes (m,n),(k) -> (m,n).
    Share of x, for the gradient g of the result: as `_weighted_eigh_x`; the skew part of what G turns meets the sums of values.
    Share of g, for the gradient g of the result: the diagonal of Uᵀ G V.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.weighted_svd(np.array([[7.0, -1.0], [0.5, 11.5]]), np.array([0.0, 2.0])), 4) + 0.0
    array([[1.9906, 0.0296],
           [0.1912, 0.0028]])
    """

    @overload
    def __call__(self, x: Value, g: Value | ArrayLike, *, slopes: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, g: Value, *, slopes: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, g: ArrayLike, *, slopes: Any = ...) -> Any: ...

weighted_svd: _weighted_svd

class _svdvals(Op):
    """The singular values of each matrix, the largest first.
    
    It is np.linalg.svdvals of Values.
    Shapes (m,n) -> (k).
    Share of x, for the gradient g of the result: `weighted_svd(x, g, slopes=_slopes(g, out))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.svdvals(np.array([[7.0, -1.0], [0.5, 11.5]])), 4) + 0.0
    array([11.5442,  7.0165])
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

svdvals: _svdvals

class _power_norm(Op):
    """(Σ |x|ᵖ)^(1/p), of all elements or along axes.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: g sign(x) (|x| / out)ᵖ⁻¹.
    At 0 the derivative is taken as 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.power_norm(np.array([1.0, 2.0, 3.0])), 4) + 0.0
    np.float64(3.7417)
    """

    @overload
    def __call__(self, x: Value, p: float = ..., axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, p: float = ..., axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Any: ...

power_norm: _power_norm

class _vector_norm(Op):
    """The norm of all elements, or of those along axes.
    
    It is np.linalg.vector_norm of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.vector_norm(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), axis=1, ord=2), 4) + 0.0
    array([3.7417, 8.775 ])
    """

    @overload
    def __call__(self, x: Value, *, axis: int | tuple[int, ...] | None = ..., keepdims: Any = ..., ord: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *, axis: int | tuple[int, ...] | None = ..., keepdims: Any = ..., ord: Any = ...) -> Any: ...

vector_norm: _vector_norm

class _matrix_norm(Op):
    """The norm of each matrix.
    
    It is np.linalg.matrix_norm of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.matrix_norm(np.array([[7.0, -1.0, 0.5], [-0.5, 12.75, 0.25]]), ord='fro'), 4) + 0.0
    np.float64(14.5988)
    """

    @overload
    def __call__(self, x: Value, *, keepdims: Any = ..., ord: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, *, keepdims: Any = ..., ord: Any = ...) -> Any: ...

matrix_norm: _matrix_norm

class _norm(Op):
    """The norm of a vector or a matrix.
    
    It is np.linalg.norm of Values.
    A number or an array of any shape.
    It is composed of other ops.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.norm(np.array([1.0, -1.0, 0.5])), 4) + 0.0
    np.float64(1.5)
    """

    @overload
    def __call__(self, x: Value, ord: Any = ..., axis: int | tuple[int, ...] | None = ..., keepdims: Any = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, ord: Any = ..., axis: int | tuple[int, ...] | None = ..., keepdims: Any = ...) -> Any: ...

norm: _norm

class _sigmoid(Op):
    """1 / (1 + exp(−x)), a number from 0 to 1.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * out * (1 - out)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.sigmoid(1.0), 4) + 0.0
    np.float64(0.7311)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

sigmoid: _sigmoid

class _relu(Op):
    """Each element, or 0 where it is negative.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `chosen(x > 0, g)`.
    At 0 the derivative is taken as 0.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.relu(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

relu: _relu

class _softplus(Op):
    """log(1 + exp(x)), a smooth relu.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g * sigmoid(x)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.softplus(1.0), 4) + 0.0
    np.float64(1.3133)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

softplus: _softplus

class _step(Op):
    """1 where x is above 0, and 0 elsewhere: a neuron that fires or does not.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g`.
    The derivative is a declared one, not the true one.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.step(1.0), 4) + 0.0
    np.float64(1.0)
    """

    @overload
    def __call__(self, x: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike) -> Any: ...

step: _step

class _softmax(Op):
    """exp(x) over its sum along an axis: shares that add up to 1.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `out * (g - np.sum(g * out, axis=axis, keepdims=True))`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.softmax(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    array([0.2447, 0.09  , 0.6652])
    """

    @overload
    def __call__(self, x: Value, axis: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int = ...) -> Any: ...

softmax: _softmax

class _log_softmax(Op):
    """The logarithm of softmax, without overflow.
    
    A number or an array of any shape.
    Share of x, for the gradient g of the result: `g - np.exp(out) * np.sum(g, axis=axis, keepdims=True)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.log_softmax(np.array([1.0, 0.0, 2.0])), 4) + 0.0
    array([-1.4076, -2.4076, -0.4076])
    """

    @overload
    def __call__(self, x: Value, axis: int = ...) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, axis: int = ...) -> Any: ...

log_softmax: _log_softmax

class _quadratic_cost(Op):
    """The mean over examples of the squared distances between `a` and `y`.
    
    Shapes (n?,k),(n?,k) -> ().
    Share of a, for the gradient g of the result: `wide(g) * (2 / _examples(a)) * (a - y)`.
    Share of y, for the gradient g of the result: `wide(g) * (2 / _examples(a)) * (y - a)`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.quadratic_cost(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0], [-3.0, 0.5, 1.5], [2.5, -0.5, -1.5]]), np.array([[0.0, 2.0, 3.0], [-1.0, -2.0, -3.0], [0.5, 1.5, 2.5], [-0.5, -1.5, -2.5]])), 4) + 0.0
    np.float64(12.3125)
    """

    @overload
    def __call__(self, a: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, a: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, a: ArrayLike, y: ArrayLike) -> Any: ...

quadratic_cost: _quadratic_cost

class _cross_entropy(Op):
    """The mean over examples of −log of the share that softmax gives the right label.
    
    Shapes (n?,k) -> ().
    Share of x, for the gradient g of the result: g (softmax(x) − 1 at the label) / n, of n examples.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.cross_entropy(np.array([[1.0, 0.0, 2.0, 3.0], [-1.0, -2.0, -3.0, 0.5], [1.5, 2.5, -0.5, -1.5]]), labels=np.array([0, 3, 1])), 4) + 0.0
    np.float64(1.0304)
    """

    @overload
    def __call__(self, x: Value, labels: Any) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, labels: Any) -> Any: ...

cross_entropy: _cross_entropy

class _binary_cross_entropy(Op):
    """The mean of −y log σ(x) − (1 − y) log(1 − σ(x)): `x` before the sigmoid.
    
    Shapes (n?,k),(n?,k) -> ().
    Share of x, for the gradient g of the result: `wide(g) * (1 / np.size(x)) * (sigmoid(x) - y)`.
    Share of y, for the gradient g of the result: `wide(g) * (1 / np.size(x)) * -x`.
    
    >>> import numpy as np
    >>> from autograd_mini import ops
    >>> np.round(ops.binary_cross_entropy(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0], [-3.0, 0.5, 1.5], [2.5, -0.5, -1.5]]), np.array([[0.0, 2.0, 3.0], [-1.0, -2.0, -3.0], [0.5, 1.5, 2.5], [-0.5, -1.5, -2.5]])), 4) + 0.0
    np.float64(-0.3041)
    """

    @overload
    def __call__(self, x: Value, y: Value | ArrayLike) -> Value: ...
    @overload
    def __call__(self, x: Value | ArrayLike, y: Value) -> Value: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike) -> Any: ...

binary_cross_entropy: _binary_cross_entropy
