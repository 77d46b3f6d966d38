"""Flow in a box whose lid is drawn to the right: velocities, pressure and walls in place, as one writes it, and how the energy
at the end depends on the flow at the beginning and on the viscosity.

    python examples/cavity.py

Chorin's projection: a pressure that keeps the flow free of divergence is found by sweeps over Poisson's equation in each
step (Chorin 1968, Numerical solution of the Navier-Stokes equations).
"""

import numpy as np

import s2sad

SIZE = 31
SPACING = 2 / (SIZE - 1)
STEP = 0.001


def energy(u, v, viscosity, steps, sweeps=20):
    """The kinetic energy after some steps. `u[row, column]` is the velocity to the right, `v` the one upwards."""
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


def main():
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0 : 1 : SIZE * 1j, 0 : 1 : SIZE * 1j]
    bump = np.sin(np.pi * rows) ** 2 * np.sin(np.pi * columns) ** 2
    u, v = 0.1 * bump * rng.normal(size=(2, SIZE, SIZE))
    u[-1] = 1.0
    gradient = s2sad.value_and_grad(energy, wrt=("u", "v", "viscosity"))
    for viscosity in (0.02, 0.05, 0.1):
        value, (u_bar, v_bar, viscosity_bar) = gradient(u, v, viscosity, 40)
        print(f"viscosity {viscosity:.2f}: energy {value:.6f}, derivative by the viscosity {viscosity_bar:+.6f}")
    du, dv = bump * rng.normal(size=(2, SIZE, SIZE))
    h = 1e-5
    quotient = (energy(u + h * du, v + h * dv, 0.1, 40) - energy(u - h * du, v - h * dv, 0.1, 40)) / (2 * h)
    product = np.sum(u_bar * du) + np.sum(v_bar * dv)
    print(f"derivative in a random direction {product:.9f}, difference quotient {quotient:.9f}")
    assert np.isclose(product, quotient, rtol=1e-6)


if __name__ == "__main__":
    main()
