"""A two-layer network learns to read handwritten digits, trained with its generated gradient.

    pip install -e ".[examples]"
    python examples/digits.py --plot digits.png

The 1797 images of scikit-learn's digits, 8 × 8 pixels each; a quarter of them is kept for the test.
"""

import argparse
import sys

import numpy as np

import s2sad

HIDDEN = 128
BATCH = 64


def loss(
    W1: "float[k, h]",
    b1: "float[h]",
    W2: "float[h, c]",
    b2: "float[c]",
    x: "float[n, k]",
    targets: "float[n, c]",
):
    """The mean cross-entropy of softmax(tanh(x W1 + b1) W2 + b2) and the targets, one row per image."""
    hidden = np.tanh(x @ W1 + b1)
    scores = hidden @ W2 + b2
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_total = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(log_total - np.sum(targets * scores, axis=1))


def initial_parameters(rng, pixels, hidden, classes):
    """Weights that keep the variance of what passes through them, and biases of zero."""
    W1 = rng.normal(size=(pixels, hidden)) / np.sqrt(pixels)
    W2 = rng.normal(size=(hidden, classes)) / np.sqrt(hidden)
    return [W1, np.zeros(hidden), W2, np.zeros(classes)]


def train(parameters, images, targets, rng, epochs, rate, progress):
    """Gradient descent, a batch at a time; changes the parameters and returns the loss of every batch."""
    loss_and_gradient = s2sad.value_and_grad(loss, wrt=("W1", "b1", "W2", "b2"))
    losses = []
    epoch_bar = progress(range(epochs), desc="training", unit="epoch")
    for _ in epoch_bar:
        order = rng.permutation(len(images))
        # A last batch that is not full is left out: every call has the same shapes.
        for start in range(0, len(images) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            value, gradient = loss_and_gradient(*parameters, images[batch], targets[batch])
            for parameter, parameter_bar in zip(parameters, gradient, strict=True):
                parameter -= rate * parameter_bar
            losses.append(value)
        epoch_bar.set_postfix(loss=f"{losses[-1]:.4f}")
    return losses


def accuracy(parameters, images, digits):
    W1, b1, W2, b2 = parameters
    scores = np.tanh(images @ W1 + b1) @ W2 + b2
    return np.mean(np.argmax(scores, axis=1) == digits)


def plot(losses, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    axes.semilogy(losses, linewidth=0.8)
    axes.set(xlabel="batch", ylabel="cross-entropy", title="Training on handwritten digits")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plot", default="digits.png", metavar="FILE", help="where the plot of the loss is saved")
    options = parser.parse_args()

    try:
        import matplotlib  # noqa: F401
        from sklearn.datasets import load_digits
        from tqdm import tqdm
    except ImportError as missing:
        sys.exit(f'{missing.name} is not installed; this example needs the extra: pip install "s2sad[examples]"')

    rng = np.random.default_rng(options.seed)
    data = load_digits()
    images, digits = data.data / 16, data.target
    order = rng.permutation(len(images))
    test, rest = order[: len(order) // 4], order[len(order) // 4 :]
    targets = np.eye(10)[digits]

    parameters = initial_parameters(rng, images.shape[1], HIDDEN, 10)
    losses = train(parameters, images[rest], targets[rest], rng, options.epochs, options.rate, tqdm)
    plot(losses, options.plot)

    reached = accuracy(parameters, images[test], digits[test])
    print(f"loss {losses[0]:.3f} → {losses[-1]:.3f} in {len(losses)} batches, plotted in {options.plot}")
    print(f"test accuracy: {reached:.1%}")
    if reached < 0.95:
        sys.exit("less than the 95 % that this network reaches")


if __name__ == "__main__":
    main()
