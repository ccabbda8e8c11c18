"""Many endpoints, one question: catalogue, plan, run within a budget, and an honest ranking."""
