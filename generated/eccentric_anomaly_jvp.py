# made by s2sad 0.1.0 from examples/kepler.py:eccentric_anomaly
# source: sha256 5303263a01726b6e
# options: jvp; wrt M,e
# again: s2sad gen examples/kepler.py:eccentric_anomaly --mode forward --wrt M,e -o generated/eccentric_anomaly_jvp.py

import math


def eccentric_anomaly_jvp(M, e, M_dot, e_dot):
    t = math.sin(M)
    E_dot = (1 + e * math.cos(M)) * M_dot + e_dot * t
    E = M + e * t
    step_dot = 0.0
    step = 1.0
    while abs(step) > 1e-13:
        t_1 = math.sin(E)
        t_2 = math.cos(E)
        step = (E - e * t_1 - M) / (1 - e * t_2)
        step_dot = (
            (1 - e * t_2) * E_dot - e_dot * t_1 - M_dot - step * (e * (E_dot * t_1) - e_dot * t_2)
        ) / (1 - e * t_2)
        E_dot -= step_dot
        E = E - step
    return E, E_dot
