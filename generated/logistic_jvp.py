# made by s2sad 0.1.0 from examples/logistic.py:logistic
# source: sha256 28872b0565bbdee1
# options: jvp; wrt x
# again: s2sad gen examples/logistic.py:logistic --mode forward --wrt x -o generated/logistic_jvp.py


def logistic_jvp(x, x_dot):
    for i in range(3):
        x_dot *= 4 * (1 - x) - 4 * x
        x = 4 * x * (1 - x)
    return x, x_dot
