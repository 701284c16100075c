"""Plots as SVG: small functions from values to text, with a description for those who do not see them."""
