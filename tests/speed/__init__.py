"""Speed: the noon run beside other senders, against the same server, in one run.

`make speed`, or `PYTHONPATH=tests python -m speed --help`. It wants Debian's postfix package for `smtp-sink`
and `smtp-source`, and `npm` for nodemailer; what is missing is left out and said. Ratios are what it is for:
a figure of one machine says little of another.
"""
