"""The record of what was checked, approved, admitted and refused: append-only, each entry chained to the last."""
