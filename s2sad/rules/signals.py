"""Convolutions, Fourier transforms, interpolation, and gradients on a grid."""

from __future__ import annotations

from s2sad.ir import Expr
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import linear, rule
from s2sad.rules.when import all_of, none, real, scalars, told, vector

__all__: list[str] = []


def _stays(args: tuple[Expr, ...], kind_of: KindOf) -> None:
    return None


# ------------------------------------------------------------------ convolutions

linear(
    "y = np.convolve(a, v, mode='full')",
    "a_bar = _convolve_back(y_bar, v, a, mode)",
    "v_bar = _convolve_back(y_bar, a, v, mode)",
)
linear(
    "y = _convolve_back(t, v, a, mode)",
    "t_bar = np.convolve(y_bar, v, mode)",
    "v_bar = _convolve_back(t, y_bar, v, mode)",
    "a_bar = 0",
)
rule(
    "y = np.correlate(a, v, mode='valid')",
    "dy = np.convolve(da, v[::-1], mode) + np.convolve(a, dv[::-1], mode)",
    when=all_of(real("a"), real("v")),
)
helper(
    "_convolve_back",
    '''
def _convolve_back(t, v, a, mode):
    """The adjoint of `a` for the adjoint `t` of its convolution with `v`."""
    shorter = min(len(a), len(v))
    start = {"full": 0, "same": (shorter - 1) // 2, "valid": shorter - 1}[mode]
    full = np.zeros(len(a) + len(v) - 1, np.result_type(t, v))
    full[start : start + len(t)] = t
    windows = np.lib.stride_tricks.sliding_window_view(full, len(v))
    return windows @ v
''',
    _stays,
    fresh=True,
)

# ------------------------------------------------------------- Fourier transforms

# The matrices of these transforms are symmetric, so that each is its own transpose.
for _name in ("fft", "ifft"):
    linear(
        f"y = np.fft.{_name}(a, n=None, axis=-1, norm=None)",
        f"a_bar = np.fft.{_name}(y_bar, axis=axis, norm=norm)",
        when=all_of(none("n"), told("a")),
    )
for _name, _axes in (("fft2", "(-2, -1)"), ("ifft2", "(-2, -1)"), ("fftn", "None"), ("ifftn", "None")):
    linear(
        f"y = np.fft.{_name}(a, s=None, axes={_axes}, norm=None)",
        f"a_bar = np.fft.{_name}(y_bar, axes=axes, norm=norm)",
        when=all_of(none("s"), told("a")),
    )
linear(
    "y = np.fft.rfft(a, n=None, axis=-1, norm=None)",
    "a_bar = _rfft_back(y_bar, a, axis, norm)",
    when=all_of(none("n"), told("a")),
)
linear("y = _rfft_back(t, a, axis, norm)", "t_bar = np.fft.rfft(y_bar, axis=axis, norm=norm)", "a_bar = 0")
linear("y = np.fft.fftshift(x, axes=None)", "x_bar = np.fft.ifftshift(y_bar, axes=axes)")
linear("y = np.fft.ifftshift(x, axes=None)", "x_bar = np.fft.fftshift(y_bar, axes=axes)")
helper(
    "_rfft_back",
    '''
def _rfft_back(t, a, axis, norm):
    """The adjoint of the real `a` for the adjoint `t` of the upper half of its Fourier transform."""
    return np.real(np.fft.fft(t, n=np.shape(a)[axis], axis=axis, norm=norm))
''',
    _stays,
)

for _name in ("np.fft.fftfreq", "np.fft.rfftfreq"):
    rule(f"y = {_name}(n, d=1.0)", "dy = -y * dd / d")

# ----------------------------------------------------------------- interpolation

rule(
    "y = np.interp(x, xp, fp)",
    "dy = np.interp(x, xp, dfp) + _interp_slope(x, xp, fp) * (dx - np.interp(x, xp, dxp))",
)
linear("y = np.interp(x, xp, fp)", "fp_bar = _interp_back(y_bar, x, xp)")
rule(
    "y = _interp_slope(x, xp, fp)",
    "dy = 0 * dx + _interp_slope(x, xp, dfp) - y * _interp_slope(x, xp, dxp)",
)
linear("y = _interp_slope(x, xp, fp)", "fp_bar = _interp_slope_back(y_bar, x, xp)")
rule(
    "y = _interp_back(t, x, xp)",
    "dy = _interp_back(dt, x, xp) + _interp_slope_back(t * (dx - np.interp(x, xp, dxp)), x, xp)",
)
linear("y = _interp_back(t, x, xp)", "t_bar = np.interp(x, xp, y_bar)")
rule(
    "y = _interp_slope_back(t, x, xp)",
    "dy = 0 * dx + _interp_slope_back(dt - t * _interp_slope(x, xp, dxp), x, xp)",
)
linear("y = _interp_slope_back(t, x, xp)", "t_bar = _interp_slope(x, xp, y_bar)")
helper(
    "_interp_slope",
    '''
def _interp_slope(x, xp, fp):
    """The slope of the straight lines through `xp`, `fp` at `x`: zero outside, at a point that of the line on its right."""
    xp, fp = np.asarray(xp), np.asarray(fp)
    k = np.clip(np.searchsorted(xp, x, "right") - 1, 0, len(xp) - 2)
    inside = (x >= xp[0]) & (x <= xp[-1])
    return np.where(inside, (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k]), 0.0)[()]
''',
    _stays,
)
helper(
    "_interp_back",
    '''
def _interp_back(t, x, xp):
    """The adjoint of the values at `xp` for the adjoint `t` of what is interpolated at `x`."""
    xp = np.asarray(xp)
    k = np.clip(np.searchsorted(xp, x, "right") - 1, 0, len(xp) - 2)
    weight = np.clip((x - xp[k]) / (xp[k + 1] - xp[k]), 0.0, 1.0)
    y = np.zeros(len(xp))
    np.add.at(y, k, (1 - weight) * t)
    np.add.at(y, k + 1, weight * t)
    return y
''',
    _stays,
    fresh=True,
)
helper(
    "_interp_slope_back",
    '''
def _interp_slope_back(t, x, xp):
    """The adjoint of the values at `xp` for the adjoint `t` of the slope at `x`."""
    xp = np.asarray(xp)
    k = np.clip(np.searchsorted(xp, x, "right") - 1, 0, len(xp) - 2)
    t = np.where((x >= xp[0]) & (x <= xp[-1]), t / (xp[k + 1] - xp[k]), 0.0)
    y = np.zeros(len(xp))
    np.add.at(y, k + 1, t)
    np.add.at(y, k, -t)
    return y
''',
    _stays,
    fresh=True,
)

# ----------------------------------------------------------------------- on a grid

_LINE = vector("f", "axis")
_SPACED = all_of(scalars("h", 1), _LINE)
linear(
    "y = np.gradient(f, *h, axis=None)",
    "f_bar = _gradient_back(y_bar, 1.0, axis)",
    when=all_of(scalars("h", 0), _LINE),
)
linear("y = np.gradient(f, *h, axis=None)", "f_bar = _gradient_back(y_bar, h[0], axis)", when=_SPACED)
rule("y = np.gradient(f, *h, axis=None)", "dy = np.gradient(df, h[0], axis=axis) - y * dh[0] / h[0]", when=_SPACED)
rule("y = _gradient_back(t, h, axis)", "dy = _gradient_back(dt, h, axis) - y * dh / h")
linear("y = _gradient_back(t, h, axis)", "t_bar = np.gradient(y_bar, h, axis=axis)")
helper(
    "_gradient_back",
    '''
def _gradient_back(t, h, axis):
    """The adjoint of values on a grid for the adjoint `t` of their gradient along an axis."""
    t = np.moveaxis(t, 0 if axis is None else axis, 0) / h
    y = np.zeros_like(t)
    y[2:] += t[1:-1] / 2
    y[:-2] -= t[1:-1] / 2
    y[1] += t[0]
    y[0] -= t[0]
    y[-1] += t[-1]
    y[-2] -= t[-1]
    return np.moveaxis(y, 0, 0 if axis is None else axis)
''',
    _stays,
    fresh=True,
)
