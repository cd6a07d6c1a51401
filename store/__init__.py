"""Everything that survives a crash: journal, truth database, time series."""
