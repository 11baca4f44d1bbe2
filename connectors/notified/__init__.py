"""Notifications of providers that there is news: asking for them, and receiving them.

A notification is a hint and no more. Whatever it says, and whoever sent it, all that comes of it is that an account is
read somewhat earlier than it would have been; what is new is asked of the provider, as always.
"""
