"""HTTP and the duty console; callbacks of the phone providers."""
