"""Random programs over the whole language: each is differentiated right or refused.

`grammar.py` is the language, `writer.py` draws from it, `strategy.py` makes whole programs, `outcome.py` judges them.
`python -m tests.fuzz --minutes 10` runs on; `test_fuzz.py` is what runs with all other tests.
"""
