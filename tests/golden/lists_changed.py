"""A list is changed at both ends and in the middle: its adjoint is changed the other way."""

at = {"x": 0.7, "k": 0.4}
wrt = ("x", "k")


def lists_changed(x, k):
    queue = [x, k]
    for step in range(4):
        first = queue.pop(0)
        queue.append(first * queue[0])
    queue.insert(1, k)
    queue += [x * k]
    return queue[1] * queue[2] + queue[0] * queue[-1]


# --- forward ---
def lists_changed_jvp(x, k, x_dot, k_dot):
    queue_dot = [x_dot, k_dot]
    queue = [x, k]
    for step in range(4):
        first_dot = queue_dot.pop(0)
        first = queue.pop(0)
        queue_dot.append(first_dot * queue[0] + first * queue_dot[0])
        queue.append(first * queue[0])
    queue_dot.insert(1, k_dot)
    queue.insert(1, k)
    queue_dot.append(x_dot * k + x * k_dot)
    queue.append(x * k)
    y = queue[1] * queue[2] + queue[0] * queue[-1]
    y_dot = (
        queue_dot[1] * queue[2]
        + queue[1] * queue_dot[2]
        + (queue_dot[0] * queue[-1] + queue[0] * queue_dot[-1])
    )
    return y, y_dot


# --- reverse ---
def lists_changed_grad(x, k):
    # primal
    queue = [x, k]
    first_saved = []
    t_saved = []
    for step in range(4):
        first = queue.pop(0)
        first_saved.append(first)
        t = queue[0]
        t_saved.append(t)
        queue.append(first * t)
    queue.insert(1, k)
    queue.append(x * k)
    t_1 = queue[1]
    t_2 = queue[2]
    t_3 = queue[0]
    t_4 = queue[-1]
    # adjoint
    queue_bar = [0.0] * len(queue)  # return queue[1] * queue[2] + queue[0] * queue[-1]
    queue_bar[1] += t_2
    queue_bar[2] += t_1
    queue_bar[0] += t_4
    queue_bar[-1] += t_3
    t_bar = queue_bar.pop()  # queue += [x * k]
    x_bar = t_bar * k
    k_bar = x * t_bar
    k_bar += queue_bar.pop(min(1, len(queue_bar) - 1))  # queue.insert(1, k)
    for first, t in zip(reversed(first_saved), reversed(t_saved)):
        t_bar_1 = queue_bar.pop()  # queue.append(first * queue[0])
        first_bar = t_bar_1 * t
        queue_bar[0] += first * t_bar_1
        queue_bar.insert(0, first_bar)  # first = queue.pop(0)
    x_bar += queue_bar[0]  # queue = [x, k]
    k_bar += queue_bar[1]
    return x_bar, k_bar
