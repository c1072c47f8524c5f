"""Messages, signals and timers: to the places that wait for them, and to the processes they start."""
