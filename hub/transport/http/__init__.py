"""Intake over HTTP, below its adapter: serving, who may send, what a request holds, and what it is answered."""
