"""The pages of an agency's training lead: their people, what is booked for them, and booking for them."""
