"""What the warehouse refuses, said so that the reader finds the file and the row."""


class WarehouseError(Exception):
    """The warehouse cannot go on. The published release is not touched."""


class ContractError(WarehouseError):
    """A table is not what its SQL file's header says, or the header itself is wrong."""


class RegisterError(WarehouseError):
    """A row of a reference register is wrong; the message names file and line."""


class CheckError(WarehouseError):
    """A check found bad rows; the message says how many and shows five."""


class LoadError(WarehouseError):
    """A payload cannot be parsed; the message names the file."""


class LockTimeoutError(WarehouseError):
    """Another command is writing and did not end in time."""
