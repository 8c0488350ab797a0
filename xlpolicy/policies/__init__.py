"""The documents as YAML and 编写指南.md: data, no code. Read by `law.store`; nothing here is imported."""
