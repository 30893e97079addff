"""One email a day, at noon: what moved up, what moved down, and what the inspectors found.

The path, as verbs; only the starred steps touch the world:

    due | *list | news                                               all day    jobs/poll
        | *fetch page | extract | compare                                         jobs/read
        | assemble | address                                           at cut-off jobs/publish
        | compose | *submit | after                                    from noon  sending/deliver

`jobs/recover` is the real scheduler: it asks the store what is due and missing; timers only say when to look.
A file in this folder is a noun of the glossary and pure; a subfolder is a craft. See `docs/architecture.md`.
"""

__version__ = "0.1.0"
