# made by s2sad 0.1.0 from examples/logistic.py:logistic
# source: sha256 28872b0565bbdee1
# options: hvp; wrt x
# again: s2sad gen examples/logistic.py:logistic --mode hvp --wrt x -o generated/logistic_hvp.py


def logistic_hvp(x, x_dot):
    x_saved_dot = []
    x_saved = []
    for i in range(3):
        x_saved_dot.append(x_dot)
        x_saved.append(x)
        x_dot *= 4 * (1 - x) - 4 * x
        x = 4 * x * (1 - x)
    x_bar_dot = 0.0
    x_bar = 1.0
    for x, x_dot in zip(reversed(x_saved), reversed(x_saved_dot)):
        x_bar_dot = x_bar_dot * (4 * (1 - x) - 4 * x) - 8 * x_bar * x_dot
        x_bar = x_bar * (4 * (1 - x) - 4 * x)
    return x_bar_dot
