# made by s2sad 0.1.0 from examples/kepler.py:eccentric_anomaly
# source: sha256 5303263a01726b6e
# options: jvp; wrt M,e
# again: s2sad gen examples/kepler.py:eccentric_anomaly --mode forward --wrt M,e -o generated/eccentric_anomaly_jvp.py

import math


def eccentric_anomaly_jvp(M, e, M_dot, e_dot):
    sin_M = math.sin(M)
    E_dot = (1 + e * math.cos(M)) * M_dot + e_dot * sin_M
    E = M + e * sin_M
    step_dot = 0.0
    step = 1.0
    while abs(step) > 1e-13:
        sin_E = math.sin(E)
        cos_E = math.cos(E)
        step = (E - e * sin_E - M) / (1 - e * cos_E)
        step_dot = (
            (1 - e * cos_E) * E_dot
            - e_dot * sin_E
            - M_dot
            - step * (e * E_dot * sin_E - e_dot * cos_E)
        ) / (1 - e * cos_E)
        E_dot -= step_dot
        E = E - step
    return E, E_dot
