"""The recipe of the embedded model `tiny`: a synthetic corpus, a tokenizer, a loop, a model card.

The corpus imitates how aligned models answer when asked to be random (see `biases`), in many
phrasings (`frames/`), together with ordinary instructions that must not be forgotten.
"""
