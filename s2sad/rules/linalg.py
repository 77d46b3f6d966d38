"""Linear algebra (Giles 2008, An extended collection of matrix derivative results).

Functions that read one triangle of a symmetric matrix have the derivative of what they read: the lower triangle.
"""

from __future__ import annotations

from s2sad.ir import Expr
from s2sad.kind import Array
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.products import transposed
from s2sad.rules.registry import attribute, linear, rule, sharing, stand_in, view
from s2sad.rules.when import all_of, false, number, rank, real, scalar
from s2sad.syntax import template

__all__: list[str] = []

linear("y = np.linalg.solve(a, b)", "b_bar = np.linalg.solve(_matrix_transpose(a), y_bar)")
rule("y = np.linalg.solve(a, b)", "dy = np.linalg.solve(a, db - da @ y)")
rule("y = np.linalg.inv(a)", "dy = -y @ da @ y")
rule("y = np.linalg.det(a)", "dy = np.sum(da * (y * np.linalg.inv(a).T if y else _cofactors(a)))", when=scalar("y"))
rule("y = np.linalg.det(a)", "dy = np.sum(da * _cofactors(a), axis=(-2, -1))")
rule(
    "y = np.linalg.slogdet(a)",
    "dy = (0 * y[0], np.sum(da * _matrix_transpose(np.linalg.inv(a)), axis=(-2, -1)))",
)

# What is read of `a`, as a symmetric matrix; the lower triangle with half the diagonal.
_READ = "(np.tril(da) + _matrix_transpose(np.tril(da, -1)))"
_HALF = "((np.tri(np.shape(a)[-1]) + np.tri(np.shape(a)[-1], k=-1)) / 2)"
rule(
    "y = np.linalg.cholesky(a)",
    f"dy = y @ (np.linalg.inv(y) @ {_READ} @ _matrix_transpose(np.linalg.inv(y)) * {_HALF})",
)
_ROTATED = f"_matrix_transpose(y[1]) @ {_READ} @ y[1]"
rule(
    "y = np.linalg.eigh(a, UPLO='L')",
    f"dy = (np.diagonal({_ROTATED}), y[1] @ (_inverse_gaps(y[0]) * ({_ROTATED})))",
    when=rank(a=2),
)
rule(
    "y = np.linalg.eigvalsh(a, UPLO='L')",
    f"dy = np.diagonal(_matrix_transpose(np.linalg.eigh(a)[1]) @ {_READ} @ np.linalg.eigh(a)[1])",
    when=rank(a=2),
)
# Full rank is presumed.
rule(
    "y = np.linalg.pinv(a)",
    "dy = y @ y.T @ da.T @ (np.eye(len(a)) - a @ y) + (np.eye(len(y)) - y @ a) @ da.T @ y.T @ y - y @ da @ y",
    when=all_of(rank(a=2), real("a")),
)
# Q'dQ is skew: the lower triangle of Q'dA inv(R) and its mirror image. A wide matrix has no square R.
_TURN = "(y[0].T @ da @ np.linalg.inv(y[1]))"
_SKEW = f"(np.tril({_TURN}, -1) - np.tril({_TURN}, -1).T)"
rule(
    "y = np.linalg.qr(a, mode='reduced')",
    f"dy = (y[0] @ {_SKEW} + (da - y[0] @ (y[0].T @ da)) @ np.linalg.inv(y[1]), y[0].T @ da - {_SKEW} @ y[1])",
    when=all_of(number("mode", "reduced"), rank(a=2), real("a")),
)
_LEFT = "np.linalg.svd(a, full_matrices=False)[0]"
_RIGHT = "np.linalg.svd(a, full_matrices=False)[2]"
rule(
    "y = np.linalg.svd(a, full_matrices=True, compute_uv=True)",
    f"dy = np.diagonal({_LEFT}.T @ da @ {_RIGHT}.T)",
    when=all_of(false("compute_uv"), rank(a=2), real("a")),
)
# Townsend 2016, Differentiating the singular value decomposition; singular values different and none zero.
_CORE = "(y[0].T @ da @ y[2].T)"
_GAPS = "_inverse_gaps(y[1] * y[1])"
rule(
    "y = np.linalg.svd(a, full_matrices=True, compute_uv=True)",
    f"dy = (y[0] @ ({_GAPS} * ({_CORE} * y[1] + y[1][:, None] * {_CORE}.T)) + (da @ y[2].T - y[0] @ {_CORE}) / y[1], "
    f"np.diagonal({_CORE}), "
    f"({_GAPS} * (y[1][:, None] * {_CORE} + {_CORE}.T * y[1])).T @ y[2] + (y[0].T @ da - {_CORE} @ y[2]) / y[1][:, None])",
    when=all_of(false("full_matrices"), rank(a=2), real("a")),
)
linear("y = np.matrix_transpose(x)", "x_bar = _matrix_transpose(y_bar)")
attribute(mT="np.matrix_transpose")
view("np.matrix_transpose")
sharing("np.linalg.matrix_power")
rule("y = np.linalg.matrix_power(a, n)", "dy = da", when=number("n", 1))
rule("y = np.linalg.matrix_power(a, n)", "dy = da @ a + a @ da", when=number("n", 2))
rule("y = np.linalg.matrix_power(a, n)", "dy = da @ a @ a + a @ da @ a + a @ a @ da", when=number("n", 3))
rule("y = np.linalg.matrix_power(a, n)", "dy = -y @ da @ y", when=number("n", -1))
# Random samples are not positive definite.
stand_in(cholesky="np.linalg.inv")


def _matrix_transpose(args: tuple[Expr, ...], kind_of: KindOf) -> Expr:
    (x,) = args
    kind = kind_of(x)
    if isinstance(kind, Array) and len(kind.shape) == 2:
        return transposed(x)
    return template("np.swapaxes(x, -1, -2)", x=x)


helper(
    "_matrix_transpose",
    '''
def _matrix_transpose(x):
    """Each matrix of a stack transposed."""
    return np.swapaxes(x, -1, -2)
''',
    _matrix_transpose,
)
linear("y = _matrix_transpose(x)", "x_bar = _matrix_transpose(y_bar)")
helper(
    "_cofactors",
    '''
def _cofactors(a):
    """The cofactors of `a`, the derivative of its determinant, also where it is singular."""
    u, s, vh = np.linalg.svd(a)
    sign = np.asarray(np.linalg.det(u) * np.linalg.det(vh))
    return sign[..., None, None] * np.conj((u * _product_of_others(s, -1)[..., None, :]) @ vh)
''',
    lambda args, kind_of: None,
    needs=("_product_of_others",),
)
helper(
    "_inverse_gaps",
    '''
def _inverse_gaps(w):
    """One over the difference of each two eigenvalues, zero on the diagonal."""
    eye = np.eye(len(w))
    return 1 / (w - w[:, None] + eye) - eye
''',
    lambda args, kind_of: None,
)
helper(
    "_cofactors_forward",
    '''
def _cofactors_forward(t, a):
    """The tangent of the cofactors of `a` for its tangent `t`, also where `a` is singular."""
    u, s, vh = np.linalg.svd(a)
    sign = np.asarray(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    eye = np.eye(np.shape(a)[-1])
    others = (1 - eye) * _product_of_others(np.where(eye, 1, s[..., None, :]), -1)
    turned = np.conj(np.swapaxes(u, -1, -2)) @ t @ np.conj(np.swapaxes(vh, -1, -2))
    diagonal = others @ np.diagonal(turned, axis1=-2, axis2=-1)[..., None]
    return sign * (np.conj(u) @ (eye * diagonal - others * np.swapaxes(turned, -1, -2)) @ np.conj(vh))
''',
    lambda args, kind_of: None,
    needs=("_product_of_others",),
)

# ------------------------------------------------- where the helpers are differentiated

rule("y = _inverse_gaps(w)", "dy = (dw[:, None] - dw) * y * y")
rule("y = _cofactors(a)", "dy = _cofactors_forward(da, a)")
linear("y = _cofactors_forward(t, a)", "t_bar = _cofactors_forward(y_bar, a)")
# The third derivative of a determinant is written with the inverse: of a singular matrix it is an error.
_B = "_matrix_transpose(np.linalg.inv(a))"
_DB = f"({_B} @ _matrix_transpose(da) @ {_B})"
_SUM = "np.sum({0} * {1}, axis=(-2, -1), keepdims=True)"
_T = "_matrix_transpose(t)"
rule(
    "y = _cofactors_forward(t, a)",
    f"dy = _cofactors_forward(dt, a) + y * {_SUM.format('da', _B)} - np.linalg.det(a)[..., None, None] * ("
    f"{_SUM.format(_DB, 't')} * {_B} + {_SUM.format(_B, 't')} * {_DB} - {_DB} @ {_T} @ {_B} - {_B} @ {_T} @ {_DB})",
)
