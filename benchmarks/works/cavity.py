"""Flow in a box whose lid moves: velocities, pressure and walls in place, as in examples/cavity.py."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "energy", "energy_grad", "laplacian"]

SPACING = 2 / 30
STEP = 0.001


def energy(u, v, viscosity, steps, sweeps):
    u = u.copy()
    v = v.copy()
    p = np.zeros_like(u)
    source = np.zeros_like(u)
    for _ in range(steps):
        source[1:-1, 1:-1] = (u[1:-1, 2:] - u[1:-1, :-2] + v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * SPACING * STEP)
        for _ in range(sweeps):
            around = p[1:-1, 2:] + p[1:-1, :-2] + p[2:, 1:-1] + p[:-2, 1:-1]
            p[1:-1, 1:-1] = 0.25 * (around - SPACING**2 * source[1:-1, 1:-1])
            p[:, -1] = p[:, -2]
            p[:, 0] = p[:, 1]
            p[0] = p[1]
            p[-1] = 0.0
        u_old = u.copy()
        v_old = v.copy()
        u[1:-1, 1:-1] += STEP * (
            -u_old[1:-1, 1:-1] * (u_old[1:-1, 2:] - u_old[1:-1, :-2]) / (2 * SPACING)
            - v_old[1:-1, 1:-1] * (u_old[2:, 1:-1] - u_old[:-2, 1:-1]) / (2 * SPACING)
            - (p[1:-1, 2:] - p[1:-1, :-2]) / (2 * SPACING)
            + viscosity * laplacian(u_old)
        )
        v[1:-1, 1:-1] += STEP * (
            -u_old[1:-1, 1:-1] * (v_old[1:-1, 2:] - v_old[1:-1, :-2]) / (2 * SPACING)
            - v_old[1:-1, 1:-1] * (v_old[2:, 1:-1] - v_old[:-2, 1:-1]) / (2 * SPACING)
            - (p[2:, 1:-1] - p[:-2, 1:-1]) / (2 * SPACING)
            + viscosity * laplacian(v_old)
        )
        u[:, 0] = u[:, -1] = u[0] = 0.0
        v[:, 0] = v[:, -1] = v[0] = v[-1] = 0.0
        u[-1] = 1.0
    return 0.5 * np.sum(u**2 + v**2) * SPACING**2


def laplacian(w):
    return (w[1:-1, 2:] + w[1:-1, :-2] + w[2:, 1:-1] + w[:-2, 1:-1] - 4 * w[1:-1, 1:-1]) / SPACING**2


def energy_grad(u, v, viscosity, steps, sweeps):
    # primal
    u = u.copy()
    v = v.copy()
    p = np.zeros_like(u)
    source = np.zeros_like(u)
    saved = []
    for _ in range(steps):
        source[1:-1, 1:-1] = (u[1:-1, 2:] - u[1:-1, :-2] + v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * SPACING * STEP)
        for _ in range(sweeps):
            around = p[1:-1, 2:] + p[1:-1, :-2] + p[2:, 1:-1] + p[:-2, 1:-1]
            p[1:-1, 1:-1] = 0.25 * (around - SPACING**2 * source[1:-1, 1:-1])
            p[:, -1] = p[:, -2]
            p[:, 0] = p[:, 1]
            p[0] = p[1]
            p[-1] = 0.0
        u_old = u.copy()
        v_old = v.copy()
        u_right = u_old[1:-1, 2:] - u_old[1:-1, :-2]
        u_up = u_old[2:, 1:-1] - u_old[:-2, 1:-1]
        v_right = v_old[1:-1, 2:] - v_old[1:-1, :-2]
        v_up = v_old[2:, 1:-1] - v_old[:-2, 1:-1]
        u_spread = laplacian(u_old)
        v_spread = laplacian(v_old)
        saved.append((u_old, v_old, u_right, u_up, v_right, v_up, u_spread, v_spread))
        u[1:-1, 1:-1] += STEP * (
            -u_old[1:-1, 1:-1] * u_right / (2 * SPACING)
            - v_old[1:-1, 1:-1] * u_up / (2 * SPACING)
            - (p[1:-1, 2:] - p[1:-1, :-2]) / (2 * SPACING)
            + viscosity * u_spread
        )
        v[1:-1, 1:-1] += STEP * (
            -u_old[1:-1, 1:-1] * v_right / (2 * SPACING)
            - v_old[1:-1, 1:-1] * v_up / (2 * SPACING)
            - (p[2:, 1:-1] - p[:-2, 1:-1]) / (2 * SPACING)
            + viscosity * v_spread
        )
        u[:, 0] = u[:, -1] = u[0] = 0.0
        v[:, 0] = v[:, -1] = v[0] = v[-1] = 0.0
        u[-1] = 1.0
    # adjoint
    u_bar = SPACING**2 * u
    v_bar = SPACING**2 * v
    p_bar = np.zeros_like(p)
    source_bar = np.zeros_like(source)
    viscosity_bar = 0.0
    for u_old, v_old, u_right, u_up, v_right, v_up, u_spread, v_spread in reversed(saved):
        u_bar[-1] = u_bar[0] = u_bar[:, -1] = u_bar[:, 0] = 0.0
        v_bar[-1] = v_bar[0] = v_bar[:, -1] = v_bar[:, 0] = 0.0
        # Both equations read u_old and v_old only, whose adjoints are added to those of u and v at once.
        ut_bar = STEP * u_bar[1:-1, 1:-1]
        vt_bar = STEP * v_bar[1:-1, 1:-1]
        viscosity_bar += np.sum(ut_bar * u_spread) + np.sum(vt_bar * v_spread)
        laplacian_adjoint(u_bar, viscosity * ut_bar)
        laplacian_adjoint(v_bar, viscosity * vt_bar)
        ut_bar *= -0.5 / SPACING
        vt_bar *= -0.5 / SPACING
        p_bar[1:-1, 2:] += ut_bar
        p_bar[1:-1, :-2] -= ut_bar
        p_bar[2:, 1:-1] += vt_bar
        p_bar[:-2, 1:-1] -= vt_bar
        u_bar[1:-1, 1:-1] += ut_bar * u_right + vt_bar * v_right
        v_bar[1:-1, 1:-1] += ut_bar * u_up + vt_bar * v_up
        t_bar = u_old[1:-1, 1:-1] * ut_bar
        u_bar[1:-1, 2:] += t_bar
        u_bar[1:-1, :-2] -= t_bar
        t_bar = v_old[1:-1, 1:-1] * ut_bar
        u_bar[2:, 1:-1] += t_bar
        u_bar[:-2, 1:-1] -= t_bar
        t_bar = u_old[1:-1, 1:-1] * vt_bar
        v_bar[1:-1, 2:] += t_bar
        v_bar[1:-1, :-2] -= t_bar
        t_bar = v_old[1:-1, 1:-1] * vt_bar
        v_bar[2:, 1:-1] += t_bar
        v_bar[:-2, 1:-1] -= t_bar
        for _ in range(sweeps):
            p_bar[-1] = 0.0
            p_bar[1] += p_bar[0]
            p_bar[0] = 0.0
            p_bar[:, 1] += p_bar[:, 0]
            p_bar[:, 0] = 0.0
            p_bar[:, -2] += p_bar[:, -1]
            p_bar[:, -1] = 0.0
            t_bar = 0.25 * p_bar[1:-1, 1:-1]
            p_bar[1:-1, 1:-1] = 0.0
            source_bar[1:-1, 1:-1] -= SPACING**2 * t_bar
            p_bar[1:-1, 2:] += t_bar
            p_bar[1:-1, :-2] += t_bar
            p_bar[2:, 1:-1] += t_bar
            p_bar[:-2, 1:-1] += t_bar
        t_bar = source_bar[1:-1, 1:-1] / (2 * SPACING * STEP)
        source_bar[1:-1, 1:-1] = 0.0
        u_bar[1:-1, 2:] += t_bar
        u_bar[1:-1, :-2] -= t_bar
        v_bar[2:, 1:-1] += t_bar
        v_bar[:-2, 1:-1] -= t_bar
    return u_bar, v_bar, viscosity_bar


def laplacian_adjoint(w_bar, y_bar):
    y_bar = y_bar / SPACING**2
    w_bar[1:-1, 2:] += y_bar
    w_bar[1:-1, :-2] += y_bar
    w_bar[2:, 1:-1] += y_bar
    w_bar[:-2, 1:-1] += y_bar
    w_bar[1:-1, 1:-1] -= 4 * y_bar


rng = np.random.default_rng(0)
u, v = 0.1 * rng.normal(size=(2, 31, 31))

WORKS = (
    Work(
        "cavity flow, 31 × 31, 40 steps of 20 sweeps",
        energy,
        energy_grad,
        (u, v, 0.1, 40, 20),
        wrt=(0, 1, 2),
        without=("autograd", "JAX eager", "JAX jit"),
    ),
)
