"""Python that runs inside the build sandbox. A model's scripts may import it; none has to."""
