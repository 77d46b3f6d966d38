# made by s2sad 0.1.0 from examples/neuron.py:directional_curvature
# source: sha256 22cb5a696db10951
# options: grad; wrt w
# again: s2sad gen examples/neuron.py:directional_curvature --mode reverse --wrt w -o generated/neuron_directional_curvature_grad.py

import numpy as np


def neuron_hvp_fwd(w, x, b, t, w_dot):
    z_dot = np.dot(w_dot, x)
    z = np.dot(w, x) + b
    exp_z = np.exp(-z)
    exp_z_dot = -z_dot * exp_z
    y = 1 / (1 + exp_z)
    y_dot = -y * y * exp_z_dot
    y_bar_dot = y_dot
    y_bar = y - t
    z_bar_dot = (2 * y * y_dot * y_bar + y * y * y_bar_dot) * exp_z + y * y * y_bar * exp_z_dot
    value = z_bar_dot * x
    return value, (z_dot, exp_z, exp_z_dot, y, y_dot, y_bar_dot, y_bar)


def neuron_hvp_bwd(value_bar, saved, x):
    z_dot, exp_z, exp_z_dot, y, y_dot, y_bar_dot, y_bar = saved
    z_bar_dot_bar = value_bar @ x  # return z_bar_dot * x
    # z_bar_dot = (2 * y * y_dot * y_bar + y * y * y_bar_dot) * exp_z + y * y * y_bar * exp_z_dot
    t_bar = z_bar_dot_bar * exp_z
    t_bar_1 = t_bar * y_bar
    y_dot_bar = 2 * y * t_bar_1
    y_bar_dot_bar = y * y * t_bar
    exp_z_bar = (2 * y * y_dot * y_bar + y * y * y_bar_dot) * z_bar_dot_bar
    t_bar_2 = z_bar_dot_bar * exp_z_dot
    y_bar_1 = 2 * t_bar_1 * y_dot + 2 * y * t_bar * y_bar_dot + 2 * y * t_bar_2 * y_bar
    y_bar_bar = 2 * y * y_dot * t_bar + y * y * t_bar_2
    exp_z_dot_bar = y * y * y_bar * z_bar_dot_bar
    y_bar_1 += y_bar_bar  # y_bar = y - t
    y_dot_bar += y_bar_dot_bar  # y_bar_dot = y_dot
    y_bar_1 -= 2 * y * y_dot_bar * exp_z_dot  # y_dot = -y * y * exp_z_dot
    exp_z_dot_bar -= y * y * y_dot_bar
    exp_z_bar -= y * y * y_bar_1  # y = 1 / (1 + exp_z)
    exp_z_bar -= z_dot * exp_z_dot_bar  # exp_z_dot = -z_dot * exp_z
    z_bar = -exp_z_bar * exp_z  # exp_z = np.exp(-z)
    return z_bar * x  # z = np.dot(w, x) + b


def directional_curvature_grad(w, x, b, t, v):
    """How the loss curves in the direction v of the weights: v·H v. Its gradient is a third derivative.

    w: (m,), x: (m,), v: (m,)
    """
    # primal
    t_1, neuron_hvp_saved = neuron_hvp_fwd(w, x, b, t, v)
    # adjoint
    t_1_bar = v  # return np.dot(v, s2sad.hvp(neuron)(w, x, b, t, v))
    return neuron_hvp_bwd(t_1_bar, neuron_hvp_saved, x)
