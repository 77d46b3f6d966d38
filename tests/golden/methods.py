"""Methods become functions of the attributes that they read."""

at = {"x": 0.7, "k": 1.5}
wrt = ("x", "k")


class Spring:
    """A spring; a subclass makes it harder."""

    SCALE = 0.5

    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return self.SCALE * self.k * x**2


class Hard(Spring):
    @property
    def cubic(self):
        return self.k**2

    def energy(self, x):
        return super().energy(x) + self.cubic * x**4


def methods(x, k):
    spring = Hard(k)
    return spring.energy(x)


# --- forward ---
Hard_SCALE = 0.5


def Spring_energy_jvp(self_k, x, self_k_dot, x_dot):
    return (
        Hard_SCALE * self_k * x**2,
        Hard_SCALE * self_k_dot * x**2 + 2 * Hard_SCALE * self_k * x * x_dot,
    )


def Hard_cubic_jvp(self_k, self_k_dot):
    return self_k**2, 2 * self_k * self_k_dot


def Hard_energy_jvp(self_k, x, self_k_dot, x_dot):
    t, t_dot = Spring_energy_jvp(self_k, x, self_k_dot, x_dot)
    t_1, t_1_dot = Hard_cubic_jvp(self_k, self_k_dot)
    return t + t_1 * x**4, t_dot + (t_1_dot * x**4 + 4 * t_1 * x**3 * x_dot)


def methods_jvp(x, k, x_dot, k_dot):
    spring_k_dot = k_dot
    spring_k = k
    t, t_dot = Hard_energy_jvp(spring_k, x, spring_k_dot, x_dot)
    return t, t_dot


# --- reverse ---
Hard_SCALE = 0.5


def Spring_energy(self_k, x):
    return Hard_SCALE * self_k * x**2


def Hard_cubic(self_k):
    return self_k**2


def Hard_cubic_bwd(y_bar, self_k):
    return 2 * self_k * y_bar  # return self.k**2


def Spring_energy_bwd(y_bar, self_k, x):
    self_k_bar = Hard_SCALE * y_bar * x**2  # return self.SCALE * self.k * x**2
    x_bar = 2 * x * (Hard_SCALE * self_k) * y_bar
    return self_k_bar, x_bar


def Hard_energy_fwd(self_k, x):
    t = Spring_energy(self_k, x)
    t_1 = Hard_cubic(self_k)
    y = t + t_1 * x**4
    return y, t_1


def Hard_energy_bwd(y_bar, t_1, self_k, x):
    t_1_bar = y_bar * x**4  # return super().energy(x) + self.cubic * x**4
    x_bar = 4 * x**3 * t_1 * y_bar
    self_k_bar = Hard_cubic_bwd(t_1_bar, self_k)
    t_bar = y_bar
    self_k_bar_1, x_bar_1 = Spring_energy_bwd(t_bar, self_k, x)
    self_k_bar += self_k_bar_1
    x_bar += x_bar_1
    return self_k_bar, x_bar


def methods_grad(x, k):
    # primal
    spring_k = k
    t, energy_saved = Hard_energy_fwd(spring_k, x)
    # adjoint
    t_bar = 1.0  # return spring.energy(x)
    spring_k_bar, x_bar = Hard_energy_bwd(t_bar, energy_saved, spring_k, x)
    return x_bar, spring_k_bar
