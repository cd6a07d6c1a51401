"""Who is watched over: people, homes, rooms, devices and contacts; decides, does no I/O."""
