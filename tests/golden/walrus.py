"""An assignment in a test is done before the first round and at the end of each."""

at = {"x": 0.7, "rate": 1.5}


def walrus(x, rate):
    while (y := rate * x * (1.2 - x)) > 0.1:
        x = x - 0.5 * y
    return x * y


# --- forward ---
# --- grad ---
