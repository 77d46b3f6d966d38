"""Constants of the module are written into the file."""

import math

import numpy as np

at = {"x": 0.7}

RATE = 0.25
TAPS = np.array([1.0, 2.0])


def module_data(x):
    return np.sum(TAPS * math.exp(-RATE * x))


# --- forward ---
import math
import numpy as np

TAPS = None  # given when s2sad loads this file

RATE = 0.25


def module_data_jvp(x, x_dot):
    t = math.exp(-RATE * x)
    return np.sum(TAPS * t), -np.sum(TAPS * (RATE * x_dot * t))


# --- reverse ---
import math
import numpy as np

TAPS = None  # given when s2sad loads this file

RATE = 0.25


def module_data_grad(x):
    t = math.exp(-RATE * x)
    return -RATE * np.sum(TAPS) * t  # return np.sum(TAPS * math.exp(-RATE * x))
