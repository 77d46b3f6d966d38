# made by s2sad 0.1.0 from examples/logistic.py:curvature
# source: sha256 57f5b891e6abe5b5
# options: derivative; wrt x
# again: s2sad gen examples/logistic.py:curvature --mode derivative --wrt x -o generated/logistic_curvature_derivative.py


def logistic_derivative_derivative_jvp(x, x_dot_2):
    x_dot_1_dot = 0.0
    x_dot_1 = 1.0
    x_dot_dot_dot = 0.0
    x_dot_dot = 0.0
    x_dot_dot_1 = 0.0
    x_dot = 1.0
    for i in range(3):
        x_dot_dot_dot = (
            x_dot_dot_dot * (4 * (1 - x) - 4 * x)
            - 8 * x_dot_dot * x_dot_2
            - (8 * x_dot_dot_1 * x_dot_1 + 8 * x_dot * x_dot_1_dot)
        )
        x_dot_dot = x_dot_dot * (4 * (1 - x) - 4 * x) - 8 * x_dot * x_dot_1
        x_dot_dot_1 = x_dot_dot_1 * (4 * (1 - x) - 4 * x) - 8 * x_dot * x_dot_2
        x_dot = x_dot * (4 * (1 - x) - 4 * x)
        x_dot_1_dot = x_dot_1_dot * (4 * (1 - x) - 4 * x) - 8 * x_dot_1 * x_dot_2
        x_dot_1 = x_dot_1 * (4 * (1 - x) - 4 * x)
        x_dot_2 *= 4 * (1 - x) - 4 * x
        x = 4 * x * (1 - x)
    return x_dot_dot, x_dot_dot_dot


def curvature_derivative(x):
    """The second derivative, by operators inside of a function. Its derivative is the third."""
    t, t_dot = logistic_derivative_derivative_jvp(x, 1.0)
    return t_dot
