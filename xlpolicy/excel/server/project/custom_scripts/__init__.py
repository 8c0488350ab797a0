"""No scripts: the task pane asks xlpolicy itself."""
