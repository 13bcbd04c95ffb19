import signal
from importlib.metadata import entry_points

# Installed, the plugin is there by its entry point; from the source tree it is named here.
if not any(one.name == "taxrefund" for one in entry_points(group="pytest11")):
    pytest_plugins = ["taxrefund.testing.pytest_plugin"]

# A runner started in the background ignores Ctrl-C, and so would everything that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
