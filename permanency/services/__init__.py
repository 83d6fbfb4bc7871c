"""The verbs of the register: everything that writes about children, care, orders and goals."""
