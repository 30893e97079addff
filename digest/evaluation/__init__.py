"""Evaluation: how often a reading is right, measured on labelled texts.

A label says what a careful reader finds in a text (`labels`). A reading is compared with it claim by claim
(`marks`), and the results are counted (`scores`). Precision comes first: what is announced must be right, and
what is not announced is only missed. The main figure is `wrong_texts`: one wrong claim makes a wrong email.
"""
