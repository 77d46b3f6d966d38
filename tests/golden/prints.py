"""What carries no derivative stays in the primal part and runs once."""

at = {"x": 0.7, "n": 3}


def prints(x, n):
    total = 0.0
    count = 0
    for i in range(n):
        count += 1
        print("round", count, total)
        total += x**i
    assert count == n, "not all"
    return total


# --- forward ---
def prints_jvp(x, n, x_dot):
    total_dot = 0.0
    total = 0.0
    count = 0
    for i in range(n):
        count += 1
        print("round", count, total)
        total_dot += x_dot * (i * x ** (i - 1) if i else 0.0)
        total += x**i
    assert count == n, "not all"
    return total, total_dot


# --- reverse ---
def prints_grad(x, n):
    # primal
    total = 0.0
    count = 0
    for i in range(n):
        count += 1
        print("round", count, total)
        total += x**i
    assert count == n, "not all"
    # adjoint
    x_bar = 0.0
    for i in range(n - 1, -1, -1):
        x_bar += i * x ** (i - 1) if i else 0.0  # total += x**i
    return x_bar
