"""`python -m app` is `watchroom`: the desktop starts its collector by it, whatever the script is called."""

import sys

from app.cli import main

if __name__ == "__main__":
    sys.exit(main())
