"""`python -m nn`: the main job and the commands train, derive, draw and play. Errors become a line and a status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from . import commands, data, terminal
from .options import UsageError, parsed


def main(argv: Sequence[str] | None = None, browse: Callable[[str], object] = terminal.browse) -> int:
    """Run the command that `argv` begins with, or the main job; returns the exit status.

    0 done, 1 the gradients disagree, 2 the call or the data is unusable, 130 interrupted, 141 nobody reads the output.
    `browse` shows an address to the user, for `--open`; false if it cannot.
    """
    terminal.write_to_any_terminal()
    try:
        given = parsed(sys.argv[1:] if argv is None else argv)
        status = commands.known[given.command](given, browse)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        terminal.drop_output()
        return 141
    except KeyboardInterrupt:
        print("nn: interrupted", file=sys.stderr)
        return 130
    except (UsageError, data.DataError, FloatingPointError) as error:
        message = str(error)
    except MemoryError as error:
        message = f"not enough memory for this network and data ({error})" if str(error) else "not enough memory"
    except OSError as error:
        message = f"cannot write {error.filename or 'the output'}: {error.strerror or error}"
        terminal.drop_output()
    print(f"nn: error: {' '.join(message.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
