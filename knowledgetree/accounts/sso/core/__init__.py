"""Users and services that HiveMatrix Core has signed in.

questions.py   asks Core over HTTP
keys.py        the public keys of Core
claims.py      what a token says, once its signature and times are right
sessions.py    whether Core has ended the session of a token
people.py      the account of a person who comes from Core
"""
