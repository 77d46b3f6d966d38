# made by s2sad 0.1.0 from examples/kepler.py:eccentric_anomaly
# source: sha256 5303263a01726b6e
# options: grad; wrt M,e
# again: s2sad gen examples/kepler.py:eccentric_anomaly --mode reverse --wrt M,e -o generated/eccentric_anomaly_grad.py

import math


def eccentric_anomaly_grad(M, e):
    # primal
    sin_M = math.sin(M)
    E = M + e * sin_M
    step = 1.0
    sin_E_saved = []
    cos_E_saved = []
    step_saved = []
    while abs(step) > 1e-13:
        sin_E = math.sin(E)
        sin_E_saved.append(sin_E)
        cos_E = math.cos(E)
        cos_E_saved.append(cos_E)
        step = (E - e * sin_E - M) / (1 - e * cos_E)
        step_saved.append(step)
        E = E - step
    # adjoint
    E_bar = 1.0
    M_bar = 0.0
    e_bar = 0.0
    for sin_E, cos_E, step in zip(
        reversed(sin_E_saved), reversed(cos_E_saved), reversed(step_saved)
    ):
        step_bar = -E_bar  # E = E - step
        # step = (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
        t_bar_2 = step_bar / (1 - e * cos_E)
        M_bar -= t_bar_2
        t_bar_3 = -step * t_bar_2
        E_bar += (1 - e * cos_E) * t_bar_2 + e * t_bar_3 * sin_E
        e_bar += -t_bar_2 * sin_E - t_bar_3 * cos_E
    M_bar += (1 + e * math.cos(M)) * E_bar  # E = M + e * math.sin(M)
    e_bar += E_bar * sin_M
    return M_bar, e_bar
