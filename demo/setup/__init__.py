"""The files of one run: folders, descriptions, keys and passcodes, settings of every program."""
