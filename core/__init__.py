"""Words and time that every room shares; imports nothing of ours."""
