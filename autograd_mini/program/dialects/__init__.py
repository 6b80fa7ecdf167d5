"""The languages in which a program is written, a file each."""
