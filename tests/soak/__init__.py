"""Two days of many sources that misbehave at random: is every report told once, and nothing else?"""
