"""The watches of every home, in the order in which they see a reading."""

from rules.absence import AbsenceWatch
from rules.door import DoorWatch
from rules.emergency import EmergencyWatch
from rules.mains import MainsWatch
from rules.register import RegisterWatch
from rules.watch import Watch
from rules.water import WaterWatch

WATCHES: tuple[Watch, ...] = (
    EmergencyWatch(),
    DoorWatch(),
    AbsenceWatch(),
    RegisterWatch(),  # before every watch that counts litres
    WaterWatch(),
    MainsWatch(),
)
BY_NAME = {watch.name: watch for watch in WATCHES}
