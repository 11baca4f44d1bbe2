"""Where the secrets of accounts are kept, and how they travel through the program without being seen."""
