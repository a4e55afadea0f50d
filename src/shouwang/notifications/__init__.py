"""What people are told: messages on desks, marks of what each has read, and what leaves the system about them."""
