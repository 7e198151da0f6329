"""One file for each message type: the function reads like the structure of the message."""
