"""Changes of the register that people propose where it is wrong or late: agreed by the next level, delivered as a sheet."""
