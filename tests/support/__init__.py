"""Things several tests build on."""
