"""What can be wrong with a store, told to its operator."""


class StoreError(Exception):
    """A store can't be used; the message says what to do."""


class DamagedStore(StoreError):
    """Files are not what was published."""


class OtherLayout(StoreError):
    """The file has the tables of another version of this program."""


class PublishingElsewhere(StoreError):
    """Another process is publishing into the same folder."""


class BadPublication(StoreError):
    """What was to be published contradicts itself."""
