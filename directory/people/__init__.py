"""People, their appointments and allocations, break-glass access, who leaves."""
