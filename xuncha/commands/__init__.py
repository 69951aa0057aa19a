"""What can be typed, a theme a module: options in, one call, a few lines out.

What the commands do stands in the modules that they call. A module that brings a document, network or database library
with it is imported by the command that needs it: `--help` answers at once.
"""
