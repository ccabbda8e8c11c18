"""What was measured, made readable: in a terminal, and as one self-contained page."""
