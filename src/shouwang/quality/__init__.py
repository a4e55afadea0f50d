"""What is wrong with the record of households, found over the whole register at once: rules on data quality (DOMAIN B10)."""
