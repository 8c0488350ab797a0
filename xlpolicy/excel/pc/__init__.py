"""The clerk's Windows PC: what is installed, what is wrong with it, what `excel install` writes."""
