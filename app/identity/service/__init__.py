"""What can be done to people and their rights; all rules stand here. Each function takes the actor first.

`people` adds and changes persons, `roles` and `departments` do what they say, `access` logs in and out, `tokens` serves
other programs, `opening` prepares a book.
"""
