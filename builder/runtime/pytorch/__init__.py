"""What the runtime does to torch before an unchanged script uses it. Only this folder imports torch."""
