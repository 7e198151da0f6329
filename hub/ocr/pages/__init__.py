"""Pictures of pages → lines of text: a program in a process of its own. Everything here needs the extra ``fax``."""
