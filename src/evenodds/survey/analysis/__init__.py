"""What the draws of a survey support: verdicts, estimates, ranks, effects, costs."""
