"""A training cut into chunks: what one hands to the next, and how their outputs become one."""
