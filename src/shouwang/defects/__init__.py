"""What is wrong with the record of households, as the last check found it, for whoever can mend it."""
