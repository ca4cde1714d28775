// Does nothing: what Node itself takes is subtracted from the other times.
process.exitCode = 0;
