"""What lies under the ground, from echoes: full-waveform inversion with a wave equation written in place.

    python examples/seismic.py [--picture seismic.png]

Shots are fired near the surface, and receivers there record what comes back. The speed of sound below is found by
minimising the misfit of the recordings (Tarantola 1984, Inversion of seismic reflection data in the acoustic approximation),
with the gradient that s2sad makes of the time loop. The same loop with the remark `# s2sad: checkpoint(18)` keeps 18 states
instead of all: the gradient is the same, in a fraction of the memory.
"""

import argparse
import tracemalloc

import numpy as np
import scipy.optimize
from tqdm import tqdm

import s2sad

SPACING = 20.0  # metres
STEP = 0.003  # seconds
STEPS = 320
FREQUENCY = 6.0  # hertz
SHAPE = (44, 60)  # depth, width


def record(speed, shot, wavelet, damping, steps):
    """The pressure at the receivers, one in each column of the third row, at all times."""
    before = np.zeros(speed.shape)
    now = np.zeros(speed.shape)
    after = np.zeros(speed.shape)
    strength = (speed * STEP / SPACING) ** 2
    seen = np.zeros((steps, speed.shape[1]))
    for i in range(steps):
        around = now[2:, 1:-1] + now[:-2, 1:-1] + now[1:-1, 2:] + now[1:-1, :-2] - 4 * now[1:-1, 1:-1]
        after[1:-1, 1:-1] = 2 * now[1:-1, 1:-1] - before[1:-1, 1:-1] + strength[1:-1, 1:-1] * around
        after[2, shot] += wavelet[i]
        after *= damping
        now *= damping
        seen[i] = after[2]
        before, now, after = now, after, before
    return seen


def misfit(speed, shot, recorded, wavelet, damping):
    """Half the sum of the squares of what is seen less what was recorded."""
    before = np.zeros(speed.shape)
    now = np.zeros(speed.shape)
    after = np.zeros(speed.shape)
    strength = (speed * STEP / SPACING) ** 2
    total = 0.0
    for i in range(len(wavelet)):
        around = now[2:, 1:-1] + now[:-2, 1:-1] + now[1:-1, 2:] + now[1:-1, :-2] - 4 * now[1:-1, 1:-1]
        after[1:-1, 1:-1] = 2 * now[1:-1, 1:-1] - before[1:-1, 1:-1] + strength[1:-1, 1:-1] * around
        after[2, shot] += wavelet[i]
        after *= damping
        now *= damping
        total += 0.5 * np.sum((after[2] - recorded[i]) ** 2)
        before, now, after = now, after, before
    return total


def misfit_with_checkpoints(speed, shot, recorded, wavelet, damping):
    """The same, of which 18 states are kept while the loop is reversed."""
    before = np.zeros(speed.shape)
    now = np.zeros(speed.shape)
    after = np.zeros(speed.shape)
    strength = (speed * STEP / SPACING) ** 2
    total = 0.0
    for i in range(len(wavelet)):  # s2sad: checkpoint(18)
        around = now[2:, 1:-1] + now[:-2, 1:-1] + now[1:-1, 2:] + now[1:-1, :-2] - 4 * now[1:-1, 1:-1]
        after[1:-1, 1:-1] = 2 * now[1:-1, 1:-1] - before[1:-1, 1:-1] + strength[1:-1, 1:-1] * around
        after[2, shot] += wavelet[i]
        after *= damping
        now *= damping
        total += 0.5 * np.sum((after[2] - recorded[i]) ** 2)
        before, now, after = now, after, before
    return total


def ricker(times):
    """The wavelet of Ricker, the second derivative of a Gaussian."""
    a = (np.pi * FREQUENCY * (times - 1.2 / FREQUENCY)) ** 2
    return (1 - 2 * a) * np.exp(-a)


def sponge(shape, width=12, strength=0.03):
    """Factors that let waves die out near all sides but the surface."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    depth = np.maximum(0, rows - (shape[0] - 1 - width)) / width
    side = np.maximum(0, np.maximum(width - columns, columns - (shape[1] - 1 - width))) / width
    return np.exp(-((strength * width * depth) ** 2)) * np.exp(-((strength * width * side) ** 2))


def ground(shape):
    """Speeds that grow with depth, and two bodies in which sound is slower and faster."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    start = 1500 + 20.0 * rows + 0.0 * columns
    slower = np.exp(-(((rows - 16) / 4) ** 2) - ((columns - 20) / 6) ** 2)
    faster = np.exp(-(((rows - 20) / 4) ** 2) - ((columns - 40) / 6) ** 2)
    return start, start - 250 * slower + 250 * faster


SHOTS = (8, 22, 37, 51)
SCALE = 100.0


def invert(start, recordings, wavelet, damping, rounds):
    """The speeds that explain the recordings, and the misfit after each round. What lies right under the surface is known."""
    gradient = s2sad.value_and_grad(misfit)
    history = []

    def total(scaled):
        speed = SCALE * scaled.reshape(SHAPE)
        parts = [gradient(speed, shot, seen, wavelet, damping) for shot, seen in zip(SHOTS, recordings, strict=True)]
        slope = sum(part for _, part in parts)
        slope[:6] = 0.0
        history.append(sum(value for value, _ in parts))
        return history[-1] / history[0], SCALE * slope.ravel() / history[0]

    with tqdm(total=rounds, desc="inverting", disable=None) as bar:

        def note(scaled):
            bar.set_postfix(misfit=f"{history[-1] / history[0]:.4f}")
            bar.update()

        limits = [(1200 / SCALE, 3000 / SCALE)] * start.size
        found = scipy.optimize.minimize(
            total, start.ravel() / SCALE, jac=True, method="L-BFGS-B", bounds=limits, callback=note,
            options={"maxiter": rounds},
        )  # fmt: skip
    return SCALE * found.x.reshape(SHAPE), history


def memory_of(gradient, *arguments):
    """The gradient, and the most memory in use while it was computed, in megabytes."""
    gradient(*arguments)
    tracemalloc.start()
    result = gradient(*arguments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return result, peak / 2**20


def picture(path, **models):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(models), figsize=(4 * len(models), 3), layout="constrained", sharey=True)
    for axis, (name, model) in zip(axes, models.items(), strict=True):
        image = axis.imshow(model, vmin=1400, vmax=2400, extent=(0, SHAPE[1] * SPACING, SHAPE[0] * SPACING, 0))
        axis.set(title=name, xlabel="width in m")
    axes[0].set(ylabel="depth in m")
    figure.colorbar(image, ax=axes, label="speed in m/s")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--picture", help="where to draw the truth, the start and the result")
    parser.add_argument("--rounds", type=int, default=8, help="rounds of L-BFGS (default: 8)")
    given = parser.parse_args()

    start, truth = ground(SHAPE)
    wavelet, damping = ricker(STEP * np.arange(STEPS)), sponge(SHAPE)
    recordings = [record(truth, shot, wavelet, damping, STEPS) for shot in SHOTS]

    at = start, SHOTS[0], recordings[0], wavelet, damping
    (kept, all_states), (again, some_states) = (
        memory_of(s2sad.grad(f), *at) for f in (misfit, misfit_with_checkpoints)
    )
    print(f"gradient with all states {all_states:.1f} MB, with 18 of {STEPS} {some_states:.1f} MB", end=", ")
    print(f"they differ by {np.abs(kept - again).max() / np.abs(kept).max():.0e}")

    found, history = invert(start, recordings, wavelet, damping, given.rounds)
    away = [np.linalg.norm(model[6:] - truth[6:]) for model in (start, found)]
    print(
        f"misfit {history[0]:.3e} → {history[-1]:.3e}, distance from the truth {away[1] / away[0]:.0%} of the start's"
    )
    if given.picture:
        picture(given.picture, truth=truth, start=start, result=found)
    assert history[-1] < 0.5 * history[0]


if __name__ == "__main__":
    main()
