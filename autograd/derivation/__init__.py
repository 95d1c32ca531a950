"""Formulas: expression trees read off recorded graphs, how they are written, and the steps of a derivation."""
