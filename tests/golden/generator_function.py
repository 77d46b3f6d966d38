def terms(x, n):
    term = 1.0
    for k in range(1, n):
        yield term
        term = term * x / k


def series(x, n):
    total = 0.0
    for term in terms(x, n):
        total = total + term * term
    return total


at = {"x": 0.7, "n": 6}


# --- grad ---
def terms_fwd(x, n):
    items = []
    term = 1.0
    term_saved = []
    for k in range(1, n):
        term_saved.append(term)
        items.append(term)
        term = term * x / k
    y = items
    return y, term_saved


def terms_bwd(y_bar, term_saved, x, n):
    items_bar = y_bar.copy()
    term_bar = 0.0
    x_bar = 0.0
    for k, term in zip(range(n - 1, 0, -1), reversed(term_saved)):
        t_bar = term_bar / k  # term = term * x / k
        x_bar += term * t_bar
        term_bar = t_bar * x
        term_bar += items_bar.pop()  # yield term
    return x_bar


def series_grad(x, n):
    # primal
    items, terms_saved = terms_fwd(x, n)
    # adjoint
    items_bar = []
    for k in range(len(items) - 1, -1, -1):
        term = items[k]
        term_bar = 2.0 * term  # total = total + term * term
        items_bar.append(term_bar)
    items_bar = items_bar[::-1]
    return terms_bwd(items_bar, terms_saved, x, n)


# --- jvp ---
def terms_jvp(x, n, x_dot):
    items_dot = []
    items = []
    term_dot = 0.0
    term = 1.0
    for k in range(1, n):
        items_dot.append(term_dot)
        items.append(term)
        term_dot = (term_dot * x + term * x_dot) / k
        term = term * x / k
    return items, items_dot


def series_jvp(x, n, x_dot):
    total_dot = 0.0
    total = 0.0
    t, t_dot = terms_jvp(x, n, x_dot)
    for term, term_dot in zip(t, t_dot):
        total_dot += 2 * term * term_dot
        total = total + term * term
    return total, total_dot
