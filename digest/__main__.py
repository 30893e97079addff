"""The command line: `digest` or `python -m digest`."""

from __future__ import annotations


def main() -> None:
    """Run the command line; its exit codes are listed in `digest --help`."""
    from digest.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
