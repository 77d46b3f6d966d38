"""Methods from textbooks, written as people write them: loops, branches and arrays in place."""

import math

import numpy as np
import pytest

from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()
#: Complex values that a recursion returns are of unknown kind in the derivative.
first_order = Examples()
rng = np.random.default_rng(0)
POSITIONS = rng.normal(size=(4, 3))
U = rng.uniform(0.5, 1.5, 8)
MATRIX = rng.normal(size=(4, 4)) + 4 * np.eye(4)
B = rng.normal(size=4)


@right(POSITIONS, np.array([1.0, 2.0, 0.5, 1.5]))
def nbody(pos, m):
    vel = np.zeros_like(pos)
    n = len(m)
    for step in range(3):
        acc = np.zeros_like(pos)
        for i in range(n):
            for j in range(n):
                if i == j:
                    continue
                d = pos[j] - pos[i]
                r = np.sqrt(d @ d + 0.01)
                acc[i] += m[j] * d / r**3
        vel += 0.01 * acc
        pos = pos + 0.01 * vel
    return 0.5 * np.sum(m[:, None] * vel**2)


@right(U)
def thomas(d):
    n = len(d)
    a = -0.3 * np.ones(n)
    c = -0.2 * np.ones(n)
    b = 2.0 + d
    rhs = d**2
    cp = np.empty(n)
    dp = np.empty(n)
    cp[0] = c[0] / b[0]
    dp[0] = rhs[0] / b[0]
    for i in range(1, n):
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        dp[i] = (rhs[i] - a[i] * dp[i - 1]) / m
    x = np.zeros(n)
    x[-1] = dp[-1]
    for i in range(n - 2, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return np.sum(x * d)


@right(MATRIX, unless_known="S301")
def householder(A):
    A = A.copy()
    _, n = A.shape
    for k in range(n):
        v = A[k:, k].copy()
        v[0] += np.sign(v[0]) * np.linalg.norm(v)
        v /= np.linalg.norm(v)
        A[k:, k:] -= 2.0 * np.outer(v, v @ A[k:, k:])
    return np.sum(np.abs(np.diag(A)))


def fft_rec(x):
    n = len(x)
    if n == 1:
        return x + 0j
    even = fft_rec(x[::2])
    odd = fft_rec(x[1::2])
    f = np.exp(-2j * np.pi * np.arange(n) / n)
    return np.concatenate([even + f[: n // 2] * odd, even + f[n // 2 :] * odd])


@first_order(U, unless_known="S202")
def spectrum(x):
    return np.sum(np.abs(fft_rec(x)) ** 2 * np.arange(8))


@right(rng.normal(size=(6, 2)), np.array([0.1, 0.2]))
def kalman(zs, q):
    x = np.zeros(2)
    Pm = np.eye(2)
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    ll = 0.0
    xs = []
    for z in zs:
        x = F @ x
        Pm = F @ Pm @ F.T + np.diag(q)
        S = Pm + 0.5 * np.eye(2)
        K = Pm @ np.linalg.inv(S)
        y = z - x
        x = x + K @ y
        Pm = (np.eye(2) - K) @ Pm
        ll -= 0.5 * (y @ np.linalg.solve(S, y) + np.log(np.linalg.det(S)))
        xs.append(x)
    return ll + np.sum(np.array(xs) ** 2)


@right(U)
def rk4(y0):
    def f(t, y, k=0.3):
        dy = np.empty_like(y)
        dy[:-1] = -k * (y[:-1] - y[1:])
        dy[-1] = math.sin(t) * y[0]
        return dy

    n = 5
    ys = np.zeros((n + 1, len(y0)))
    ys[0] = y0
    h = 0.1
    for i in range(n):
        t = i * h
        k1 = f(t, ys[i])
        k2 = f(t + h / 2, ys[i] + h / 2 * k1)
        k3 = f(t + h / 2, ys[i] + h / 2 * k2)
        k4 = f(t + h, ys[i] + h * k3)
        ys[i + 1] = ys[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.trapezoid(ys[:, 0] ** 2, dx=h)


@right(MATRIX, B)
def jacobi(A, b):
    x = np.zeros_like(b)
    D = np.diag(A)
    R = A - np.diagflat(D)
    it = 0
    while it < 50:
        x_new = (b - R @ x) / D
        if np.linalg.norm(x_new - x) < 1e-10:
            break
        x = x_new
        it += 1
    return np.sum(x**2)


@right(MATRIX, B)
def cg(A, b):
    A = A @ A.T
    x = np.zeros(len(b))
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for i in range(len(b)):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < 1e-12:
            break
        p = r + (rs_new / rs) * p
        rs = rs_new
    return b @ x


@right(np.array([1.0, 2.0, 3.0]))
def fem(E):
    n = len(E)
    K = np.zeros((n + 1, n + 1))
    for e in range(n):
        ke = E[e] * np.array([[1.0, -1.0], [-1.0, 1.0]])
        dofs = [e, e + 1]
        K[np.ix_(dofs, dofs)] += ke
    f = np.zeros(n + 1)
    f[-1] = 1.0
    u = np.zeros(n + 1)
    u[1:] = np.linalg.solve(K[1:, 1:], f[1:])
    return u[-1]


@right(MATRIX, B, unless_known="S301")
def gauss_pivot(A, b):
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x**2)


@right(U)
def lennard_jones(x):
    E = 0.0
    n = len(x)
    for i in range(n - 1):
        for j in range(i + 1, n):
            r = abs(x[i] - x[j]) + 1.0 + (j - i)
            s6 = (1.0 / r) ** 6
            E += 4 * (s6 * s6 - s6)
    return E


@right(U, 0.3)
def crank(u, sigma):
    n = len(u)
    u = u.copy()
    A = np.eye(n)
    B = np.eye(n)
    for i in range(1, n - 1):
        A[i, i - 1 : i + 2] += 0.5 * sigma * np.array([-1.0, 2.0, -1.0])
        B[i, i - 1 : i + 2] -= 0.5 * sigma * np.array([-1.0, 2.0, -1.0])
    for t in range(3):
        u[:] = np.linalg.solve(A, B @ u)
        u[0] = 0.0
        u[-1] = 1.0
    return np.sum(u[1:-1] ** 2)


@right(
    {"W1": rng.normal(size=(3, 4)), "b1": np.zeros(3), "W2": rng.normal(size=(1, 3)), "b2": np.zeros(1)},
    rng.normal(size=(5, 4)),
    rng.normal(size=5),
    unless_known="S204",
)
def mlp(params, X, y):
    loss = 0.0
    for x, t in zip(X, y):
        h = np.tanh(params["W1"] @ x + params["b1"])
        out = (params["W2"] @ h + params["b2"])[0]
        loss += (out - t) ** 2
    reg = sum(np.sum(p**2) for k, p in params.items() if k.startswith("W"))
    return loss / len(y) + 0.01 * reg


@right(rng.normal(size=(5, 3)))
def softmax_ce(Z):
    labels = [0, 2, 1, 1, 0]
    Z = Z - Z.max(axis=1, keepdims=True)
    p = np.exp(Z)
    p /= p.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(5), labels]))


@right(U, unless_known="S301")
def burgers(u):
    u = u.copy()
    nu, dt, dx = 0.05, 0.01, 0.1
    for n in range(4):
        un = u.copy()
        u[1:-1] = (
            un[1:-1] - un[1:-1] * dt / dx * (un[1:-1] - un[:-2]) + nu * dt / dx**2 * (un[2:] - 2 * un[1:-1] + un[:-2])
        )
        u[0] = u[-2]
        u[-1] = u[1]
    return np.sum(u**2)


@right(U)
def sor(f):
    n = len(f)
    x = np.zeros(n + 2)
    w = 1.5
    for sweep in range(4):
        for i in range(1, n + 1):
            x[i] += w * (0.5 * (x[i - 1] + x[i + 1] - f[i - 1]) - x[i])
    return x @ x


@right(rng.normal(size=(4, 4)))
def mean_field(J):
    s = np.ones(4)
    for k in range(3):
        for i in range(4):
            h = 0.0
            for j in range(4):
                if j != i:
                    h += J[i][j] * s[j]
            s[i] = np.tanh(h)
    return np.sum(s)


@right(np.array([0.5, 1.0, -0.3]), np.linspace(0, 1, 7))
def horner_fit(c, t):
    y = np.zeros_like(t)
    for a in c[::-1]:
        y = y * t + a
    r = y - np.sin(t)
    return r.dot(r)


@right(U)
def dtw(a):
    b = np.linspace(0.5, 1.5, 6)
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


@right(U)
def hmm_forward(logits):
    T = np.exp(logits.reshape(2, 4)[:, :2])
    T = T / T.sum(axis=1, keepdims=True)
    alpha = np.array([0.5, 0.5])
    ll = 0.0
    for o in [0, 1, 1, 0]:
        e = np.array([0.3, 0.7]) if o else np.array([0.7, 0.3])
        alpha = (alpha @ T) * e
        s = alpha.sum()
        ll += np.log(s)
        alpha /= s
    return ll


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in [*right, *first_order]])
def test_first_order(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)
