"""The worksheet functions in WPS without Python: the law as a script and a registry of functions come in, the files of a
WPS add-in go out.

`wps_addin` writes the folder; `functions.js`, with `maximum.js` and `needed.js`, is what its functions do. Made after
WPS' documentation and its tool wpsjs; never run in WPS.
"""
