from functools import partial


def decay(rate, offset, t):
    return offset - rate * t * t


def difference(rate, t):
    curve = partial(decay, rate * rate, 1.0)
    shifted = partial(decay, rate, offset=t)
    return curve(t) - shifted(t=2.0)


at = {"rate": 0.7, "t": 1.2}


# --- grad ---
def decay_bwd(y_bar, t):
    rate_bar = -y_bar * t * t  # return offset - rate * t * t
    offset_bar = y_bar
    return rate_bar, offset_bar


def with_given_bwd(y_bar, t):
    t_1_bar = y_bar
    rate_bar, offset_bar = decay_bwd(t_1_bar, t)
    return rate_bar, offset_bar


def decay_bwd_1(y_bar, rate, t):
    t_bar = -y_bar * t  # return offset - rate * t * t
    rate_bar = t_bar * t
    t_bar_1 = rate * t_bar - rate * t * y_bar
    offset_bar = y_bar
    return rate_bar, offset_bar, t_bar_1


def difference_grad(rate, t):
    # primal
    curve = rate * rate, 1.0
    # adjoint
    t_2_bar = -1.0  # return curve(t) - shifted(t=2.0)
    shifted_rate_bar, shifted_offset_bar = with_given_bwd(t_2_bar, 2.0)
    t_1_bar = 1.0
    curve_0_bar, curve_1_bar, t_bar = decay_bwd_1(t_1_bar, curve[0], t)
    t_bar += shifted_offset_bar
    # return curve(t) - shifted(t=2.0); curve = partial(decay, rate * rate, 1.0)
    rate_bar = shifted_rate_bar + 2 * rate * curve_0_bar
    return rate_bar, t_bar


# --- jvp ---
def decay_jvp(rate, offset, t, rate_dot, offset_dot, t_dot):
    return offset - rate * t * t, offset_dot - (
        (rate_dot * t + rate * t_dot) * t + rate * t * t_dot
    )


def decay_jvp_1(rate, offset, t, rate_dot, offset_dot):
    return offset - rate * t * t, offset_dot - rate_dot * t * t


def with_given_jvp(rate, offset, rate_dot, offset_dot, *, t):
    t_1, t_1_dot = decay_jvp_1(rate, offset, t, rate_dot, offset_dot)
    return t_1, t_1_dot


def difference_jvp(rate, t, rate_dot, t_dot):
    curve_dot = 2 * rate * rate_dot, 0.0
    curve = rate * rate, 1.0
    shifted_rate_dot = rate_dot
    shifted_rate = rate
    shifted_offset_dot = t_dot
    shifted_offset = t
    t_1, t_1_dot = decay_jvp(curve[0], curve[1], t, curve_dot[0], curve_dot[1], t_dot)
    t_2, t_2_dot = with_given_jvp(
        shifted_rate, shifted_offset, shifted_rate_dot, shifted_offset_dot, t=2.0
    )
    return t_1 - t_2, t_1_dot - t_2_dot
