"""Studies: grids of training and measuring, resumable, on one machine or a Ray cluster."""
