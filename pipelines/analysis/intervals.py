"""What all 95 % intervals share. Not here: the intervals themselves, each beside its estimate."""

#: 97.5 % point of the normal distribution.
NORMAL_95 = 1.959963984540054
