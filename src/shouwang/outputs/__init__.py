"""What leaves the house: lists, registers and the household form, marked, limited, agreed by a second person where they hold
identity numbers, and on record."""
