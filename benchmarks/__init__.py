"""Generated derivatives beside those by hand, by autograd and by JAX, all in one run: `python -m benchmarks`."""
