"""One email a day, at noon: what moved up, what moved down, and what the inspectors found.

The path, as verbs; only the starred steps touch the world:

    due | *list | news                                               all day    jobs/poll
        | *fetch page | extract | compare                                         jobs/read
        | assemble | address                                           at cut-off jobs/publish
        | compose | *submit | after                                    from noon  sending/deliver

`jobs/recover` is the real scheduler: it asks the store what is due and absent; every timer is a nudge.
A file at this root is a noun and pure; a folder is a craft. `docs/architecture.md` draws the whole house.
"""

__version__ = "0.1.0"
