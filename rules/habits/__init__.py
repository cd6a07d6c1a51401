"""What a home usually does, learned a day at a time, and the silence that is unusual for it; decides, does no I/O."""
