"""The bill of materials of a bundle: held against the bundle's other documents, and said in SPDX."""
