"""The watches of every home, in the order in which they see a reading."""

from rules.mains import MainsWatch
from rules.watch import Watch

WATCHES: tuple[Watch, ...] = (MainsWatch(),)
BY_NAME = {watch.name: watch for watch in WATCHES}
