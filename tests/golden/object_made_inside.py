"""An object made in the function is its attributes; the method that changes it returns those that it changes."""

at = {"x": 0.7, "v": 0.4, "h": 0.1, "n": 4}
wrt = ("x", "v")


class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, h):
        self.v -= h * self.x
        self.x += h * self.v

    def energy(self):
        return 0.5 * (self.v**2 + self.x**2)


def object_made_inside(x, v, h, n):
    p = Particle(x, v)
    for _ in range(n):
        p.step(h)
    return p.energy()


# --- forward ---
def Particle_step_jvp(self_x, self_v, h, self_x_dot, self_v_dot):
    self_v_dot -= h * self_x_dot
    self_v -= h * self_x
    self_x_dot += h * self_v_dot
    self_x += h * self_v
    return (self_x, self_v), (self_x_dot, self_v_dot)


def Particle_energy_jvp(self_x, self_v, self_x_dot, self_v_dot):
    return 0.5 * (self_v**2 + self_x**2), 0.5 * (2 * self_v * self_v_dot + 2 * self_x * self_x_dot)


def object_made_inside_jvp(x, v, h, n, x_dot, v_dot):
    p_x_dot = x_dot
    p_x = x
    p_v_dot = v_dot
    p_v = v
    for _ in range(n):
        (p_x, p_v), (p_x_dot, p_v_dot) = Particle_step_jvp(p_x, p_v, h, p_x_dot, p_v_dot)
    t, t_dot = Particle_energy_jvp(p_x, p_v, p_x_dot, p_v_dot)
    return t, t_dot


# --- reverse ---
def Particle_step(self_x, self_v, h):
    self_v -= h * self_x
    self_x += h * self_v
    return self_x, self_v


def Particle_energy_bwd(y_bar, self_x, self_v):
    t_bar = 0.5 * y_bar  # return 0.5 * (self.v**2 + self.x**2)
    self_v_bar = 2 * self_v * t_bar
    self_x_bar = 2 * self_x * t_bar
    return self_x_bar, self_v_bar


def Particle_step_bwd(y_bar, h):
    self_v_1_bar = y_bar[1] + h * y_bar[0]  # self.x += h * self.v
    self_x_bar = y_bar[0] - h * self_v_1_bar  # self.v -= h * self.x
    return self_x_bar, self_v_1_bar


def object_made_inside_grad(x, v, h, n):
    # primal
    p_x = x
    p_v = v
    for _ in range(n):
        p_x, p_v = Particle_step(p_x, p_v, h)
    # adjoint
    t_bar = 1.0  # return p.energy()
    p_x_bar, p_v_bar = Particle_energy_bwd(t_bar, p_x, p_v)
    for _ in range(n):
        p_x_bar, p_v_bar = Particle_step_bwd((p_x_bar, p_v_bar), h)  # p.step(h)
    return p_x_bar, p_v_bar
