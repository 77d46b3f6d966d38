# made by s2sad 0.1.0 from examples/heat.py:heat
# source: sha256 c833dd2120b8facc
# options: grad; wrt u
# again: s2sad gen examples/heat.py:heat --mode reverse --wrt u -o generated/heat_grad.py


def heat_grad(u, c, n):
    """How much heat there is in the end, in the sense of squares, after `n` steps; `c` is the diffusion number.

    u: (m,)
    """
    # primal
    u_1 = u.copy()
    for _ in range(n):
        u_1[1:-1] += c * (u_1[2:] - 2 * u_1[1:-1] + u_1[:-2])
    # adjoint
    u_1_bar = 2.0 * u_1  # return np.sum(u**2)
    for _ in range(n):
        t_bar = c * u_1_bar[1:-1]  # u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_1_bar[2:] += t_bar
        u_1_bar[1:-1] -= 2 * t_bar
        u_1_bar[:-2] += t_bar
    return u_1_bar
