"""The law as JavaScript: a catalog in, one plain script or one HTML page out, which need nothing else.

`engine/` holds the interpreter, plain JavaScript without a build step; `script` puts the law in front of it, `told` the
words of `claim.trace` with gaps where the values of a claim go, `beside` what a page says of a provision, `web_page` the page of `page/`.
"""
