# Made from the declarations by `python docs/stubs.py`; do not edit.
from typing import Any, Self

from numpy.typing import ArrayLike

from autograd_mini.engine.value import Value
from autograd_mini.ops.shape import At

class Methods:
    """The operators and methods that the ops give to a Value."""

    __slots__ = ()
    @property
    def T(self) -> Value: ...
    @property
    def mT(self) -> Value: ...
    @property
    def real(self) -> Value: ...
    @property
    def at(self) -> At: ...
    def astype(self, dtype: Any, copy: bool = ...) -> Any: ...
    def copy(self) -> Value: ...
    def flatten(self) -> Value: ...
    def conj(self) -> Value: ...
    def conjugate(self) -> Value: ...
    def __divmod__(self, other: Value | ArrayLike) -> tuple[Value, Value]: ...
    def __rdivmod__(self, other: Value | ArrayLike) -> tuple[Value, Value]: ...
    def __add__(self, other: Value | ArrayLike, /) -> Value:
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
    __iadd__ = __add__
    def __radd__(self, other: Value | ArrayLike, /) -> Value:
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
    def __sub__(self, other: Value | ArrayLike, /) -> Value:
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
    __isub__ = __sub__
    def __rsub__(self, other: Value | ArrayLike, /) -> Value:
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
    def __mul__(self, other: Value | ArrayLike, /) -> Value:
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
    __imul__ = __mul__
    def __rmul__(self, other: Value | ArrayLike, /) -> Value:
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
    def __truediv__(self, other: Value | ArrayLike, /) -> Value:
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
    __itruediv__ = __truediv__
    def __rtruediv__(self, other: Value | ArrayLike, /) -> Value:
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
    def __neg__(self) -> Value:
        """The negative of each element.
        
        It is np.negative of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `-g`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.negative(1.0), 4) + 0.0
        np.float64(-1.0)
        """
    def __pos__(self) -> Value:
        """Each element as it is, in a new array.
        
        It is np.positive, np.conjugate of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.positive(1.0), 4) + 0.0
        np.float64(1.0)
        """
    def __pow__(self, other: Value | ArrayLike, /) -> Value:
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
    __ipow__ = __pow__
    def __rpow__(self, other: Value | ArrayLike, /) -> Value:
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
    def sqrt(self) -> Value:
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
    def exp(self) -> Value:
        """e to the power of each element.
        
        It is np.exp of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g * out`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.exp(1.0), 4) + 0.0
        np.float64(2.7183)
        """
    def log(self) -> Value:
        """The natural logarithm of each element.
        
        It is np.log of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g / x`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.log(1.0), 4) + 0.0
        np.float64(0.0)
        """
    def sin(self) -> Value:
        """The sine of each element, in radians.
        
        It is np.sin of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g * np.cos(x)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.sin(1.0), 4) + 0.0
        np.float64(0.8415)
        """
    def cos(self) -> Value:
        """The cosine of each element, in radians.
        
        It is np.cos of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `-g * np.sin(x)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.cos(1.0), 4) + 0.0
        np.float64(0.5403)
        """
    def tanh(self) -> Value:
        """The hyperbolic tangent of each element, a number from −1 to 1.
        
        It is np.tanh of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g * (1 - out * out)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.tanh(1.0), 4) + 0.0
        np.float64(0.7616)
        """
    def __abs__(self) -> Value:
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
    def abs(self) -> Value:
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
    def clip(self, a_min: Any = ..., a_max: Any = ..., min: Any = ..., max: Any = ...) -> Value:
        """Each element, moved to the nearest end where it lies outside `min` to `max`.
        
        It is np.clip of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.clip(1.0, a_min=-1.0, a_max=2.0), 4) + 0.0
        np.float64(1.0)
        """
    def round(self, decimals: Any = ...) -> Value:
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
    def __round__(self, decimals: Any = ...) -> Value:
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
    def __floordiv__(self, other: Value | ArrayLike, /) -> Value:
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
    __ifloordiv__ = __floordiv__
    def __rfloordiv__(self, other: Value | ArrayLike, /) -> Value:
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
    def __mod__(self, other: Value | ArrayLike, /) -> Value:
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
    __imod__ = __mod__
    def __rmod__(self, other: Value | ArrayLike, /) -> Value:
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
    def sum(self, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value:
        """The sum of all elements, or of those along axes.
        
        It is np.sum of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `np.broadcast_to(folded(g, x, axis, keepdims), np.shape(x))`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.sum(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(3.0)
        """
    def mean(self, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value:
        """The mean of all elements, or of those along axes.
        
        It is np.mean of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `_sum_x(wide(g) / max(_count(x, axis), 1), out, x, axis, keepdims=keepdims)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.mean(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(1.0)
        """
    def var(self, axis: int | tuple[int, ...] | None = ..., *, ddof: float = ..., keepdims: Any = ...) -> Value:
        """The variance of all elements, or of those along axes.
        
        It is np.var of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: 2 g (x − mean) / (n − ddof), of n numbers.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.var(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(0.6667)
        """
    def std(self, axis: int | tuple[int, ...] | None = ..., *, ddof: float = ..., keepdims: Any = ...) -> Value:
        """The standard deviation of all elements, or of those along axes.
        
        It is np.std of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: g (x − mean) / ((n − ddof) out), of n numbers.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.std(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(0.8165)
        """
    def prod(self, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value:
        """The product of all elements, or of those along axes.
        
        It is np.prod of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.prod(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(0.0)
        """
    def max(self, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value:
        """The largest element, of all or along axes.
        
        It is np.max, np.amax of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: g where x is `out`, in equal parts where several are; 0 elsewhere.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.max(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(2.0)
        """
    def min(self, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value:
        """The smallest element, of all or along axes.
        
        It is np.min, np.amin of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: g where x is `out`, in equal parts where several are; 0 elsewhere.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.min(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(0.0)
        """
    def logsumexp(self, axis: int | tuple[int, ...] | None = ..., *, keepdims: Any = ...) -> Value:
        """log Σ exp(x), of all elements or along axes, without overflow.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: g softmax(x).
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.logsumexp(np.array([1.0, 0.0, 2.0]), axis=0), 4) + 0.0
        np.float64(2.4076)
        """
    def cumsum(self, axis: int | None = ...) -> Value:
        """The running sum along an axis, or of all elements in a row.
        
        It is np.cumsum of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: the sums of g from its end back.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.cumsum(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
        array([1., 1., 3., 6.])
        """
    def cumprod(self, axis: int | None = ...) -> Value:
        """The running product along an axis, or of all elements in a row.
        
        It is np.cumprod of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.cumprod(np.array([1.0, 0.0, 2.0, 3.0])), 4) + 0.0
        array([1., 0., 0., 0.])
        """
    def reshape(self, *shape: Any, order: str = ...) -> Value:
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
    def ravel(self, order: Any = ...) -> Value:
        """All elements along one axis.
        
        It is np.ravel of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.ravel(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), order='F'), 4) + 0.0
        array([ 1.,  3.,  0., -1.,  2., -2.])
        """
    def transpose(self, *axes: Any) -> Value:
        """The axes in reverse, or in the given order.
        
        It is np.transpose of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: g, its axes put back.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> (np.round(ops.transpose(np.array([[[1.0, 0.0, 2.0, 3.0], [-1.0, -2.0, -3.0, 0.5], [1.5, 2.5, -0.5, -1.5]], [[-2.5, 0.75, 1.25, 0.25], [1.75, 2.25, -0.25, 2.75], [-0.75, -1.25, -1.75, -2.25]]]), axes=(1, 2, 0)), 4) + 0.0).tolist()
        [[[1.0, -2.5], [0.0, 0.75], [2.0, 1.25], [3.0, 0.25]], [[-1.0, 1.75], [-2.0, 2.25], [-3.0, -0.25], [0.5, 2.75]], [[1.5, -0.75], [2.5, -1.25], [-0.5, -1.75], [-1.5, -2.25]]]
        """
    def swapaxes(self, axis1: Any, axis2: Any) -> Value:
        """Two axes exchanged.
        
        It is np.swapaxes of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `np.swapaxes(g, axis1, axis2)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> (np.round(ops.swapaxes(np.array([[[1.0, 0.0, 2.0, 3.0], [-1.0, -2.0, -3.0, 0.5], [1.5, 2.5, -0.5, -1.5]], [[-2.5, 0.75, 1.25, 0.25], [1.75, 2.25, -0.25, 2.75], [-0.75, -1.25, -1.75, -2.25]]]), axis1=0, axis2=-1), 4) + 0.0).tolist()
        [[[1.0, -2.5], [-1.0, 1.75], [1.5, -0.75]], [[0.0, 0.75], [-2.0, 2.25], [2.5, -1.25]], [[2.0, 1.25], [-3.0, -0.25], [-0.5, -1.75]], [[3.0, 0.25], [0.5, 2.75], [-1.5, -2.25]]]
        """
    def squeeze(self, axis: int | tuple[int, ...] | None = ...) -> Value:
        """Axes of length 1 left out.
        
        It is np.squeeze of Values.
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `np.reshape(g, np.shape(x))`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.squeeze(np.array([[[1.0], [0.0], [2.0]]])), 4) + 0.0
        array([1., 0., 2.])
        """
    def __getitem__(self, index: Any) -> Value:
        """The elements at an index, a slice or a mask.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `scatter(g, index, np.shape(x))`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.getitem(np.array([1.0, 0.0, 2.0, 3.0]), index=1), 4) + 0.0
        np.float64(0.0)
        """
    def repeat(self, repeats: Any, axis: int | None = ...) -> Value:
        """Each element `repeats` times in a row.
        
        It is np.repeat of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.repeat(np.array([[1.0, 0.0, 2.0], [3.0, -1.0, -2.0]]), repeats=2), 4) + 0.0
        array([ 1.,  1.,  0.,  0.,  2.,  2.,  3.,  3., -1., -1., -2., -2.])
        """
    def take(self, indices: Any, axis: int | None = ..., *, mode: str = ...) -> Value:
        """The elements or rows of given numbers.
        
        It is np.take of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.take(np.array([1.0, 0.0, 2.0, 3.0]), indices=[0, 2, 2, -1]), 4) + 0.0
        array([1., 2., 2., 3.])
        """
    def diagonal(self, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Value:
        """The diagonal of each matrix.
        
        It is np.diagonal of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.diagonal(np.array([[1.0, 0.0], [2.0, 3.0]])), 4) + 0.0
        array([1., 3.])
        """
    def trace(self, offset: int = ..., axis1: int = ..., axis2: int = ...) -> Value:
        """The sum of the diagonal of each matrix.
        
        It is np.trace of Values.
        A number or an array of any shape.
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.trace(np.array([[1.0, 0.0], [2.0, 3.0]])), 4) + 0.0
        np.float64(4.0)
        """
    def __matmul__(self, other: Value | ArrayLike, /) -> Value:
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
    __imatmul__ = __matmul__
    def __rmatmul__(self, other: Value | ArrayLike, /) -> Value:
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
    def dot(self, y: Value | ArrayLike) -> Value:
        """The sum of products along the last axis of `x` and the last but one of `y`.
        
        It is np.dot of Values.
        Shapes (m?,n),(n,p?) -> (m?,p?).
        It is composed of other ops.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.dot(np.array([1.0, 0.0, 2.0]), np.array([0.0, 2.0, 3.0])), 4) + 0.0
        np.float64(6.0)
        """
    def sigmoid(self) -> Value:
        """1 / (1 + exp(−x)), a number from 0 to 1.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g * out * (1 - out)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.sigmoid(1.0), 4) + 0.0
        np.float64(0.7311)
        """
    def relu(self) -> Value:
        """Each element, or 0 where it is negative.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `chosen(x > 0, g)`.
        At 0 the derivative is taken as 0.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.relu(1.0), 4) + 0.0
        np.float64(1.0)
        """
    def softplus(self) -> Value:
        """log(1 + exp(x)), a smooth relu.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g * sigmoid(x)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.softplus(1.0), 4) + 0.0
        np.float64(1.3133)
        """
    def step(self) -> Value:
        """1 where x is above 0, and 0 elsewhere: a neuron that fires or does not.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g`.
        The derivative is a declared one, not the true one.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.step(1.0), 4) + 0.0
        np.float64(1.0)
        """
    def softmax(self, axis: int = ...) -> Value:
        """exp(x) over its sum along an axis: shares that add up to 1.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `out * (g - np.sum(g * out, axis=axis, keepdims=True))`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.softmax(np.array([1.0, 0.0, 2.0])), 4) + 0.0
        array([0.2447, 0.09  , 0.6652])
        """
    def log_softmax(self, axis: int = ...) -> Value:
        """The logarithm of softmax, without overflow.
        
        A number or an array of any shape.
        Share of x, for the gradient g of the result: `g - np.exp(out) * np.sum(g, axis=axis, keepdims=True)`.
        
        >>> import numpy as np
        >>> from autograd_mini import ops
        >>> np.round(ops.log_softmax(np.array([1.0, 0.0, 2.0])), 4) + 0.0
        array([-1.4076, -2.4076, -0.4076])
        """
    def __lt__(self, other: Any, /) -> Any: ...
    def __le__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...
    def __ge__(self, other: Any, /) -> Any: ...
    def __eq__(self, other: Any, /) -> Any: ...
    def __ne__(self, other: Any, /) -> Any: ...
    def argmax(self, axis: Any = ..., **keywords: Any) -> Any: ...
    def argmin(self, axis: Any = ..., **keywords: Any) -> Any: ...
    def argsort(self, axis: Any = ..., **keywords: Any) -> Any: ...
    def all(self, axis: Any = ..., **keywords: Any) -> Any: ...
    def any(self, axis: Any = ..., **keywords: Any) -> Any: ...
