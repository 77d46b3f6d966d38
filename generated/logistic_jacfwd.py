# made by s2sad 0.1.0 from examples/logistic.py:logistic
# source: sha256 28872b0565bbdee1
# options: jacfwd; wrt x
# again: s2sad gen examples/logistic.py:logistic --mode jacfwd --wrt x -o generated/logistic_jacfwd.py


def logistic_jacfwd(x):
    x_dot = 1.0
    for i in range(3):
        x_dot *= 4 * (1 - x) - 4 * x
        x = 4 * x * (1 - x)
    return x_dot
