"""The bureau server: the functions of the registry as Office.js custom functions, and a task pane. Extra `server`.

xlwings-server (PolyForm Noncommercial, which names government institutions as permitted) makes the manifest, the
functions' metadata and their JavaScript from `project/`, at start and once. What then answers is `front`: these
documents, a fixed list of static files, the calls of the functions (`calls`) and the questions of the pane (`pane`).
Nothing else of the machine has a path.
"""
