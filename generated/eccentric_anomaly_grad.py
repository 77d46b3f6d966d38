# made by s2sad 0.1.0 from examples/kepler.py:eccentric_anomaly
# source: sha256 5303263a01726b6e
# options: grad; wrt M,e
# again: s2sad gen examples/kepler.py:eccentric_anomaly --mode reverse --wrt M,e -o generated/eccentric_anomaly_grad.py

import math


def eccentric_anomaly_grad(M, e):
    # primal
    t = math.sin(M)
    E = M + e * t
    step = 1.0
    t_1_saved = []
    t_2_saved = []
    step_saved = []
    while abs(step) > 1e-13:
        t_1 = math.sin(E)
        t_1_saved.append(t_1)
        t_2 = math.cos(E)
        t_2_saved.append(t_2)
        step = (E - e * t_1 - M) / (1 - e * t_2)
        step_saved.append(step)
        E = E - step
    # adjoint
    E_bar = 1.0
    M_bar = 0.0
    e_bar = 0.0
    for t_1, t_2, step in zip(reversed(t_1_saved), reversed(t_2_saved), reversed(step_saved)):
        step_bar = -E_bar  # E = E - step
        # step = (E - e * math.sin(E) - M) / (1 - e * math.cos(E))
        t_bar_2 = step_bar / (1 - e * t_2)
        M_bar -= t_bar_2
        t_bar_3 = -(step * t_bar_2)
        E_bar += (1 - e * t_2) * t_bar_2 + e * t_bar_3 * t_1
        e_bar += -(t_bar_2 * t_1) - t_bar_3 * t_2
    M_bar += (1 + e * math.cos(M)) * E_bar  # E = M + e * math.sin(M)
    e_bar += E_bar * t
    return M_bar, e_bar
