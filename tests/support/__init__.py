"""What tests stand on: a control plane, the service on it as it is run, and people who use it."""
