"""The real server, signed-in people and the clients that drive it over HTTP: what the benchmarks of bookings share."""
