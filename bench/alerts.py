"""Runs the load of alarms (bench/alarm_load): an outage, a thousand P1s at once, alarms amid a town's readings."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
# this file bears the name of a package, and must not stand in its way
sys.path[0] = str(HERE / "alarm_load")
sys.path.append(str(HERE))

from load_of_alarms import main  # noqa: E402 - the path comes first

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
