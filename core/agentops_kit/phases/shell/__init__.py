"""What a shell command line may change, decided without running it."""
