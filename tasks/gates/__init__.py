"""The checks of the gate by idea; each looks at tables and says what it saw. `tasks/gate.py` puts them together."""
