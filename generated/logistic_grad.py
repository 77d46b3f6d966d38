# made by s2sad 0.1.0 from examples/logistic.py:logistic
# source: sha256 28872b0565bbdee1
# options: grad; wrt x
# again: s2sad gen examples/logistic.py:logistic --mode reverse --wrt x -o generated/logistic_grad.py


def logistic_grad(x):
    # primal
    x_saved = []
    for i in range(3):
        x_saved.append(x)
        x = 4 * x * (1 - x)
    # adjoint
    x_bar = 1.0
    for x in reversed(x_saved):
        x_bar *= 4 * (1 - x) - 4 * x  # x = 4 * x * (1 - x)
    return x_bar
