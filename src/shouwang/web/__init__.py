"""The desk: the pages, one module for each thing that a person does there.

A page reads only through the scoped reading functions of the casework apps; what lies outside a user's scope is
answered as if it did not exist.
"""
