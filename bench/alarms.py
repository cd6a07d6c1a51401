"""Runs the load of alarms (bench/alarm_load): an outage, a thousand P1s at once, alarms amid a town's readings."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "alarm_load"))

from load_of_alarms import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
