"""The doers: each job asks the pure core what to do, and does it through the ports it is given.

Every job may run at any time, any number of times, beside itself on another machine: the store's unique
keys make the second run harmless. They say what they did through `logging`, in fields, without addresses.
"""
