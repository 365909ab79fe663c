"""Plans written in the browser: started, edited part by part, issued, amended.

A page never writes a plan by itself: it takes the plan as the file it is (config.planfile), changes
a part of it and loads it again, so that a draft and its file are the same thing.
"""
