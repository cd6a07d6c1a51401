"""Runs the load of alarms: an outage, a thousand P1s at once, alarms amid a town's readings; `python bench/alerts`."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))  # what all benches share

from load_of_alarms import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
