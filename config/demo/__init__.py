"""The sample province: people, results and papers made up for the five plans, all marked as sample.

Everything goes through the real services and a real worker. Each stage is one transaction with its
own line in the audit register, so a run that was stopped goes on where it was.
"""
