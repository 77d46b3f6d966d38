def polynomial(x, *coefficients, **options):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return options.get("scale", 1.0) * y


def curve(x, a, b):
    return polynomial(x, a, b, 2.0, scale=a) - polynomial(x, b, x)


at = {"x": 0.7, "a": 1.2, "b": -0.4}


# --- grad ---
def polynomial_1_fwd(x, coefficients, options):
    y = 0.0
    y_saved = []
    for c in coefficients:
        y_saved.append(y)
        y = y * x + c
    value = 1.0 * y
    return value, y_saved


def polynomial_1_bwd(value_bar, y_saved, x):
    y_bar = value_bar
    coefficients_bar = []
    x_bar = 0.0
    for y in reversed(y_saved):
        x_bar += y * y_bar  # y = y * x + c
        c_bar = y_bar
        y_bar *= x
        coefficients_bar.append(c_bar)
    coefficients_bar = coefficients_bar[::-1]
    return x_bar, coefficients_bar


def polynomial_fwd(x, coefficients, options):
    y = 0.0
    y_saved = []
    for c in coefficients:
        y_saved.append(y)
        y = y * x + c
    value = options["scale"] * y
    return value, (y, y_saved)


def polynomial_bwd(value_bar, saved, x, options):
    y, y_saved = saved
    scale_bar = value_bar * y  # return options.get("scale", 1.0) * y
    y_bar = options["scale"] * value_bar
    coefficients_bar = []
    x_bar = 0.0
    for y_1 in reversed(y_saved):
        x_bar += y_1 * y_bar  # y = y * x + c
        c_bar = y_bar
        y_bar *= x
        coefficients_bar.append(c_bar)
    coefficients_bar = coefficients_bar[::-1]
    return x_bar, coefficients_bar, {"scale": scale_bar}


def curve_grad(x, a, b):
    # primal
    t_3 = {"scale": a}
    t, polynomial_saved = polynomial_fwd(x, (a, b, 2.0), t_3)
    t_1, polynomial_saved_1 = polynomial_1_fwd(x, (b, x), {})
    # adjoint
    t_1_bar = -1.0  # return polynomial(x, a, b, 2.0, scale=a) - polynomial(x, b, x)
    x_bar, coefficients_bar = polynomial_1_bwd(t_1_bar, polynomial_saved_1, x)
    x_bar += coefficients_bar[1]
    t_bar = 1.0
    b_bar = coefficients_bar[0]
    x_bar_1, coefficients_bar_1, options_bar = polynomial_bwd(t_bar, polynomial_saved, x, t_3)
    x_bar += x_bar_1
    b_bar += coefficients_bar_1[1]
    a_bar = coefficients_bar_1[0] + options_bar["scale"]
    return x_bar, a_bar, b_bar


# --- jvp ---
def polynomial_jvp(x, coefficients, options, x_dot, coefficients_dot, options_dot):
    y_dot = 0.0
    y = 0.0
    for c, c_dot in zip(coefficients, coefficients_dot):
        y_dot = y_dot * x + y * x_dot + c_dot
        y = y * x + c
    return options["scale"] * y, options_dot["scale"] * y + options["scale"] * y_dot


def polynomial_1_jvp(x, coefficients, options, x_dot, coefficients_dot):
    y_dot = 0.0
    y = 0.0
    for c, c_dot in zip(coefficients, coefficients_dot):
        y_dot = y_dot * x + y * x_dot + c_dot
        y = y * x + c
    return 1.0 * y, y_dot


def curve_jvp(x, a, b, x_dot, a_dot, b_dot):
    t, t_dot = polynomial_jvp(
        x, (a, b, 2.0), {"scale": a}, x_dot, (a_dot, b_dot, 0.0), {"scale": a_dot}
    )
    t_1, t_1_dot = polynomial_1_jvp(x, (b, x), {}, x_dot, (b_dot, x_dot))
    return t - t_1, t_dot - t_1_dot
