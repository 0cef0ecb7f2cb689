"""The words of rights: what somebody may read, what a program may do, what is withheld."""
