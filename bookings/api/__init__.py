"""Events with their places, and bookings, for a person's own programs: the same operations and sentences as the pages."""
