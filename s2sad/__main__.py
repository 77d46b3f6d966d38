"""`python -m s2sad`."""

from s2sad.cli import main

if __name__ == "__main__":
    main()
